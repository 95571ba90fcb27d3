//! [`Server`]: an app that listens.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, sync::Semaphore};

use super::{App, Shared, accept::Doors, prefix};
use crate::{Error, Result, socket::CLOSE_TIME};

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
    pub async fn bind(self, address: &str) -> Result<Server> {
        let resolved = tokio::net::lookup_host(address).await.and_then(|mut addresses| {
            addresses.next().ok_or_else(|| std::io::Error::new(std::io::ErrorKind::AddrNotAvailable, "the name has no address"))
        });
        let asked = resolved.map_err(|source| Error::Address { address: address.to_owned(), source })?;
        let bind_error = |source| Error::Bind { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        self.listening(listener, address, asked.port())
    }

    /// Serves where somebody listens already: on a socket that was handed over, by a process before this one for example. `has_port`: it is one of the port's own choice, whose file
    /// keeps the sessions unless the app says otherwise.
    ///
    /// # Errors
    /// When the app has a mistake, or the socket doesn't listen.
    pub fn bind_to(self, listener: std::net::TcpListener, has_port: bool) -> Result<Server> {
        let address = listener.local_addr().map_err(Error::Serve)?;
        let listener = listener.set_nonblocking(true).and_then(|()| TcpListener::from_std(listener)).map_err(Error::Serve)?;
        self.listening(listener, address, if has_port { address.port() } else { 0 })
    }

    fn listening(mut self, listener: TcpListener, address: SocketAddr, asked: u16) -> Result<Server> {
        if address.ip().is_loopback() {
            self.hosts.allow_loopback();
        }
        let (router, shared) = self.build(asked)?;
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
        let asked = Arc::new(Semaphore::new(0));
        let listening = tokio::spawn(listen_for_signals(Arc::clone(&asked)));
        let once = || async {
            // It is never closed.
            if let Ok(permit) = asked.acquire().await {
                permit.forget();
            }
        };
        // Whoever asks twice doesn't want to wait.
        let result = self.serve(once(), once()).await;
        listening.abort();
        result
    }

    /// Serves until `stop` is done. Then it accepts nothing more, handlers under way have [`Limits::grace_time`](crate::Limits::grace_time) to
    /// end, sessions are written to their store, and clients are told to come back.
    ///
    /// # Errors
    /// When the system refuses to accept connections for good.
    pub async fn run_until(self, stop: impl Future<Output = ()> + Send) -> Result<()> {
        self.serve(stop, std::future::pending()).await
    }

    async fn serve(self, stop: impl Future<Output = ()> + Send, hurry: impl Future<Output = ()> + Send) -> Result<()> {
        let Self { listener, router, shared, .. } = self;
        let doors = Doors::new(prefix::wrap(router, &shared), Arc::clone(&shared));
        tokio::select! {
            () = Arc::clone(&doors).open(&listener) => {}
            () = stop => tracing::info!("stopping"),
        }
        // Whoever comes now is refused, and may try another server.
        drop(listener);
        doors.stop();
        tokio::select! {
            () = stop_sessions(&shared) => {}
            () = hurry => tracing::warn!("stopping at once: what is under way is undone"),
        }
        // A program that ends need not have dropped the app.
        shared.spool.clear();
        Ok(())
    }
}

/// Ends every session, in the time that they have for it.
pub(super) async fn stop_sessions(shared: &Shared) {
    shared.is_stopping.store(true, Ordering::Relaxed);
    // Sessions end in their own tasks, which the end of the runtime would cut off before they have said why.
    let time = shared.limits.grace_time.saturating_add(CLOSE_TIME);
    let _ = tokio::time::timeout(time, farewell(shared)).await;
}

/// Ends every session, and is done when each has said goodbye.
async fn farewell(shared: &Shared) {
    while shared.registry.len() > 0 || shared.n_goodbyes.load(Ordering::Relaxed) > 0 {
        // Again each time: a mailbox may have been full.
        shared.registry.close_all();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Adds a permit each time the process gets an interrupt, or is asked to terminate. From before the first one on: of a listener that begins later the second could
/// be missed.
async fn listen_for_signals(asked: Arc<Semaphore>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
            return tracing::error!("the system lets nobody listen for signals: the server can only be killed");
        };
        loop {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            asked.add_permits(1);
        }
    }
    #[cfg(not(unix))]
    while tokio::signal::ctrl_c().await.is_ok() {
        asked.add_permits(1);
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Server({})", self.address)
    }
}
