//! What machines ask: whether the server lives, whether it can take visitors, and how it goes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};

use super::{Shared, address::Networks};
use crate::{metric::CONTENT_TYPE, store::SessionId};

/// How long the store may take to answer.
const STORE_TIME: Duration = Duration::from_secs(2);
/// How long its answer is good for: however often somebody asks, the store is asked that often.
const STORE_ASKED: Duration = Duration::from_secs(1);

/// Where machines may ask.
#[derive(Debug, Clone, Default)]
pub(super) struct Probes {
    pub(super) health: Option<String>,
    /// And who may read.
    pub(super) metrics: Option<(String, Networks)>,
    /// Whether the store answered, and until when that is good.
    store: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Probes {
    /// The routes of health and readiness.
    pub(super) fn health(&self) -> Vec<(String, MethodRouter<Arc<Shared>>)> {
        let Some(path) = &self.health else { return Vec::new() };
        vec![(format!("{path}/live"), get(live)), (format!("{path}/ready"), get(ready))]
    }

    /// Whether this path is answered when nothing else is.
    pub(super) fn answer(&self, path: &str) -> bool {
        let after = self.health.as_ref().and_then(|health| path.strip_prefix(health.as_str()));
        matches!(after, Some("/live" | "/ready"))
    }
}

async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "live\n").into_response()
}

async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let reason = if shared.is_stopping.load(Ordering::Relaxed) {
        Some("stopping\n")
    } else if shared.registry.len() >= shared.limits.max_sessions {
        Some("full\n")
    } else if !has_store(&shared).await {
        Some("store\n")
    } else {
        None
    };
    let status = if reason.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, [(header::CACHE_CONTROL, "no-store")], reason.unwrap_or("ready\n")).into_response()
}

/// Whether the store answers, or answered just now.
async fn has_store(shared: &Shared) -> bool {
    let Some((store, _)) = &shared.store else { return true };
    let before = {
        let now = Instant::now();
        let mut known = lock(&shared.probes.store);
        let before = match *known {
            Some((until, answered)) if now < until => return answered,
            Some((_, answered)) => answered,
            None => true,
        };
        // Who asks meanwhile gets the answer from before.
        *known = Some((now + STORE_TIME, before));
        before
    };
    // In a task of its own: who asks may be gone before the store has answered, and others are to hear of it all the same.
    let (store, probes) = (Arc::clone(store), Arc::clone(&shared.probes.store));
    let asking = tokio::spawn(async move {
        // No session has this id.
        let error = match tokio::time::timeout(STORE_TIME, store.claim(SessionId([0; 16]))).await {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("nothing within {} s", STORE_TIME.as_secs())),
        };
        let answered = error.is_none();
        // Once: it may be away for an hour, and is asked every second.
        match error {
            Some(error) if before => tracing::warn!(error, "the store doesn't answer: not ready until it does"),
            None if !before => tracing::info!("the store answers again"),
            _ => {}
        }
        *lock(&probes) = Some((Instant::now() + STORE_ASKED, answered));
        answered
    });
    // One that panicked has not answered.
    asking.await.unwrap_or(false)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No section behind this lock can leave a half-made change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn metrics(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let client = shared.proxies.client(request.headers(), request.extensions());
    let readers = shared.probes.metrics.as_ref().map(|(_, readers)| readers);
    if !client.is_some_and(|client| client.is_known && readers.is_some_and(|readers| readers.contains(client.address))) {
        tracing::debug!(client = ?client.map(|client| client.address), "may not read the metrics");
        // As where there is none.
        return StatusCode::NOT_FOUND.into_response();
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], shared.metrics.prometheus()).into_response()
}
