//! Being asked to stop (SIGTERM, Ctrl-C): what a row has started goes with it, since all of that is gone when dropped.

use std::{error::Error, fmt, sync::LazyLock, thread};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::Result;

/// Whether somebody asked. For all rows, each of which has a runtime of its own.
static STOP: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// A row was not ended by what it saw.
#[derive(Debug)]
pub(crate) struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("stopped by a signal")
    }
}

impl Error for Stopped {}

/// From now on being asked no longer ends the process at once.
pub(crate) fn listen() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Before any row begins, and so before this returns.
    let (mut terminate, mut interrupt) = {
        let _runtime = runtime.enter();
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
    };
    thread::Builder::new().name("stop".to_owned()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        });
        STOP.send_replace(true);
    })?;
    Ok(())
}

/// What this comes to, unless somebody asks to stop: then it is dropped where it is.
pub(crate) async fn unless_stopped<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut stop = STOP.subscribe();
    tokio::select! {
        done = work => done,
        // The sender lives as long as the process.
        _ = stop.wait_for(|stop| *stop) => Err(Stopped.into()),
    }
}
