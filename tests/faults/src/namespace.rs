//! [`Namespace`]: a network of its own with a wire to ours, for faults that need the kernel: packets that are dropped, and nobody is told.

use std::{
    net::{IpAddr, Ipv4Addr},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::Result;

/// A network namespace; gone when dropped.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
    wire: String,
    /// Ours and its addresses are in the same network, of this number.
    number: u8,
}

/// Runs a command line, which must succeed.
fn run(line: &str) -> Result<()> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (program, arguments) = words.split_first().ok_or("a program")?;
    let output = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr).trim()).into()) }
}

impl Namespace {
    /// Needs root, and a kernel that has namespaces; the error says what is missing.
    pub(crate) fn create() -> Result<Self> {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        // The kernel takes a namespace away a while after its name is gone, and its wire with it.
        let (id, created) = (std::process::id(), CREATED.fetch_add(1, Ordering::Relaxed));
        let number = u8::try_from((id + created) % 200)?;
        let namespace = Self { name: format!("lf{id}-{created}"), wire: format!("lf{id}w{created}"), number };
        let Self { name, wire, .. } = &namespace;
        run(&format!("ip netns add {name}"))?;
        run(&format!("ip link add {wire} type veth peer name inner netns {name}"))?;
        for address in [namespace.ours(0), namespace.ours(1)] {
            run(&format!("ip addr add {address}/24 dev {wire}"))?;
        }
        run(&format!("ip link set {wire} up"))?;
        run(&format!("ip -n {name} addr add {}/24 dev inner", namespace.inside()))?;
        run(&format!("ip -n {name} link set inner up"))?;
        run(&format!("ip -n {name} link set lo up"))?;
        Ok(namespace)
    }

    /// An address of this side of the wire, of two.
    pub(crate) fn ours(&self, index: u8) -> IpAddr {
        Ipv4Addr::new(10, 201, self.number, 1 + index).into()
    }

    /// The other side's.
    pub(crate) fn inside(&self) -> IpAddr {
        Ipv4Addr::new(10, 201, self.number, 100).into()
    }

    /// What to put before a command line that is to run inside.
    pub(crate) fn wrapper(&self) -> [&str; 4] {
        ["ip", "netns", "exec", &self.name]
    }

    /// Drops so many of a hundred packets in both directions; with 100 the wire is gone and nobody is told.
    pub(crate) fn drop_packets(&self, of_hundred: u8) -> Result<()> {
        let Self { name, .. } = self;
        // Failing to delete what isn't there is no failure.
        let _ = run(&format!("ip netns exec {name} nft delete table inet faults"));
        if of_hundred == 0 {
            return Ok(());
        }
        run(&format!("ip netns exec {name} nft add table inet faults"))?;
        for hook in ["input", "output"] {
            run(&format!("ip netns exec {name} nft add chain inet faults {hook} {{ type filter hook {hook} priority 0 ; }}"))?;
            let which = if of_hundred < 100 { format!("numgen random mod 100 < {of_hundred}") } else { String::new() };
            run(&format!("ip netns exec {name} nft add rule inet faults {hook} {which} drop"))?;
        }
        Ok(())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The wire goes with it.
        let _ = run(&format!("ip netns delete {}", self.name));
    }
}
