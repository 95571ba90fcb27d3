//! [`Server`]: an app that listens.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{App, Shared};
use crate::{Error, Result, socket::CLOSE_TIME};

/// How long a request's head may take. Without it a half-sent request would stay open for ever.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// An app that listens on an address and is ready to run.
///
/// ```
/// # use livefloe::App;
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> livefloe::Result<()> {
/// let server = App::new().bind("127.0.0.1:0").await?; // port 0: any free one
/// println!("listening on http://{}", server.address());
/// // server.run().await
/// # Ok(()) }
/// ```
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    shared: Arc<Shared>,
}

impl App {
    /// Listens on an address such as `127.0.0.1:8000`, without serving yet.
    ///
    /// # Errors
    /// When the app has a mistake, or the address can't be listened on.
    pub async fn bind(mut self, address: &str) -> Result<Server> {
        let resolved = tokio::net::lookup_host(address).await.and_then(|mut addresses| {
            addresses.next().ok_or_else(|| std::io::Error::new(std::io::ErrorKind::AddrNotAvailable, "the name has no address"))
        });
        let asked = resolved.map_err(|source| Error::Address { address: address.to_owned(), source })?;
        let bind_error = |source| Error::Bind { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        if address.ip().is_loopback() {
            self.hosts.allow_loopback();
        }
        let (router, shared) = self.build()?;
        Ok(Server { listener, address, router, shared })
    }
}

impl Server {
    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same server with more routes: those of another axum app.
    #[must_use]
    pub fn merge(mut self, router: Router) -> Self {
        self.router = self.router.merge(router);
        self
    }

    /// Serves until the process gets an interrupt or is asked to terminate.
    ///
    /// # Errors
    /// When the system refuses to accept connections for good.
    pub async fn run(self) -> Result<()> {
        self.run_until(stop_signal()).await
    }

    /// Serves until `stop` is done; then ends every session and tells its client, within 5 s.
    ///
    /// # Errors
    /// When the system refuses to accept connections for good.
    pub async fn run_until(self, stop: impl Future<Output = ()> + Send) -> Result<()> {
        // A socket each for the sessions, and as many again for pages and assets.
        let places = Arc::new(Semaphore::new(self.shared.limits.max_sessions.saturating_mul(2).clamp(64, Semaphore::MAX_PERMITS)));
        let accepting = async {
            loop {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                match self.listener.accept().await {
                    Ok((stream, _)) => {
                        let router = self.router.clone();
                        tokio::spawn(async move {
                            connection(stream, router).await;
                            drop(place);
                        });
                    }
                    Err(error) => {
                        // Out of file descriptors, most likely: the next one would fail as well, so let some go first.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            () = stop => tracing::info!("stopping"),
        }
        // Sessions end in their own tasks, which the end of the runtime would cut off before they have said why.
        let _ = tokio::time::timeout(CLOSE_TIME, farewell(&self.shared)).await;
        Ok(())
    }
}

/// Ends every session, and is done when each has said goodbye.
async fn farewell(shared: &Shared) {
    while shared.registry.len() > 0 || shared.n_goodbyes.load(Ordering::Relaxed) > 0 {
        // Again each time: a mailbox may have been full.
        shared.registry.close_all();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn connection(stream: TcpStream, router: Router) {
    // Patches are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Done when the process gets an interrupt, or is asked to terminate.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Server({})", self.address)
    }
}
