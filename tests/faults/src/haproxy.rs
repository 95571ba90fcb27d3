//! [`HaProxy`]: a real load balancer before several servers, without sticky sessions.

use std::{fs, net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};

use crate::{Result, process::free_port};

/// haproxy in a process of its own; gone when dropped.
#[derive(Debug)]
pub(crate) struct HaProxy {
    address: SocketAddr,
    configuration: PathBuf,
    child: Option<Child>,
}

/// The program, if it is there.
pub(crate) fn program() -> Option<PathBuf> {
    let named = std::env::var_os("HAPROXY").map(PathBuf::from);
    named
        .into_iter()
        .chain(["/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy"].map(PathBuf::from))
        .find(|path| path.exists())
}

impl HaProxy {
    /// Each new connection goes to the next server that says it is ready; one on which nothing moves for `idle` is cut.
    pub(crate) async fn start(servers: &[SocketAddr], idle: Duration, configuration: PathBuf) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let mut text = format!(
            "global\n  maxconn 8000\n  stats timeout 10s\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client {idle}ms\n  \
             timeout server {idle}ms\n  timeout tunnel {idle}ms\n  timeout http-request 10s\n  retries 3\n  option redispatch 1\n\
             frontend in\n  bind {address}\n  default_backend nodes\nbackend nodes\n  balance roundrobin\n  option httpchk\n  \
             http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host localhost\n  \
             default-server check inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions\n",
            idle = idle.as_millis()
        );
        for (number, server) in servers.iter().enumerate() {
            text.extend(["  server node", &number.to_string(), " ", &server.to_string(), "\n"]);
        }
        fs::write(&configuration, text)?;
        let mut proxy = Self { address, configuration, child: None };
        proxy.run().await?;
        Ok(proxy)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn run(&mut self) -> Result<()> {
        let program = program().ok_or("haproxy is missing: run 'scripts/setup.sh haproxy', or set HAPROXY=")?;
        let log = fs::File::create(self.configuration.with_extension("log"))?;
        let child = Command::new(program)
            .args(["-db", "-f"])
            .arg(&self.configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        let listens = async {
            while TcpStream::connect(self.address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let log = self.configuration.with_extension("log");
        timeout(Duration::from_secs(10), listens).await.map_err(|_| format!("haproxy doesn't listen: see {}", log.display()).into())
    }

    /// Ends it from one moment to the next.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().ok_or("it runs")?;
        child.start_kill()?;
        child.wait().await?;
        Ok(())
    }
}
