//! [`TestServer`]: an app that serves in this process.

use std::net::SocketAddr;

use axum::Router;
use livefloe::App;
use tokio::{
    runtime::{self, Runtime},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{Page, request, within};

/// An app that serves on a free port until it is stopped or dropped.
#[derive(Debug)]
pub struct TestServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<livefloe::Result<()>>>,
}

impl TestServer {
    /// Serves the app.
    pub async fn start(app: App) -> Self {
        Self::start_beside(app, Router::new()).await
    }

    /// Serves the app, and another router beside it.
    pub async fn start_beside(app: App, router: Router) -> Self {
        let server = app.bind("127.0.0.1:0").await.unwrap_or_else(|error| panic!("{error}")).merge(router);
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.run_until(async {
            // A dropped sender stops it as well.
            let _ = stopped.await;
        }));
        Self { address, stop: Some(stop), serving: Some(serving) }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gets a path as a browser does.
    pub async fn get(&self, path: &str) -> Page {
        request(self.address, path, &[&format!("host: {}", self.address)]).await
    }

    /// Gets one path and stops.
    pub async fn get_and_stop(self, path: &str) -> Page {
        let page = self.get(path).await;
        self.stop().await;
        page
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            let served = within("the server to stop", serving).await;
            served.expect("the server doesn't panic").expect("the server stops without an error");
        }
    }
}

/// An app that serves in a runtime of its own, which can go from one moment to the next.
#[derive(Debug)]
pub struct FragileServer {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl FragileServer {
    /// Serves the app.
    pub async fn start(app: App) -> Self {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let starting = runtime.spawn(async {
            let server = app.bind("127.0.0.1:0").await.unwrap_or_else(|error| panic!("{error}"));
            let address = server.address();
            tokio::spawn(server.run_until(std::future::pending()));
            address
        });
        let address = within("the server to start", starting).await.expect("it starts");
        Self { address, runtime: Some(runtime) }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it: whatever ran is gone at its next await, and nobody is told.
    pub fn crash(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A runtime must not be dropped where one runs.
impl Drop for FragileServer {
    fn drop(&mut self) {
        self.end();
    }
}
