//! `livefloe-load`: a closed loop of events against one server, in one thread.
//!
//! ```text
//! livefloe-load counter|table|echo ADDRESS [SESSIONS [SECONDS [PID]]]
//! livefloe-load idle ADDRESS SESSIONS PID
//! livefloe-load steps|echo-steps ADDRESS SESSIONS EVENTS
//! ```
//! With the server's process id it also says what an event, or an idle session, costs there. `steps` sends a fixed number of events:
//! under a tool that counts instructions (callgrind), the difference of two runs says what an event takes, on a noisy machine as
//! on a quiet one. Prints one JSON object.

mod client;
mod drive;
mod process;

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(report) = drive::command(&arguments)? else {
        let usage = "usage: livefloe-load counter|table|echo ADDRESS [SESSIONS [SECONDS [PID]]]\n       livefloe-load idle ADDRESS SESSIONS PID\n       \
                     livefloe-load steps|echo-steps ADDRESS SESSIONS EVENTS";
        return Err(std::io::Error::other(usage));
    };
    writeln!(std::io::stdout(), "{report}")
}
