//! Routes that a Python function answers: the API beside an interface's page.

use std::sync::Arc;

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{self, MethodRouter},
};
use livefloe::Failure;
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    awaiting::{self, Awaiting},
    error::failure,
    executor::{self, Admission},
};

/// What answers a path: an async function of the method, the type of the body and the body, which gives a status and JSON.
pub(crate) fn route(function: Arc<Py<PyAny>>) -> MethodRouter {
    routing::any(move |method: Method, headers: HeaderMap, body: Bytes| answer(Arc::clone(&function), method, headers, body))
}

async fn answer(function: Arc<Py<PyAny>>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    match ask(function, method, &headers, body).await {
        Ok((status, body)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, "application/json"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], body).into_response()
        }
        Err(failure) => {
            tracing::error!(%failure, "a request to an interface failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Dropped when the client goes, which cancels what runs.
async fn ask(function: Arc<Py<PyAny>>, method: Method, headers: &HeaderMap, body: Bytes) -> Result<(u16, Vec<u8>), Failure> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let started = executor::run(Admission::New, move |py| {
        let start = || -> PyResult<Awaiting> {
            let context = py.import("contextvars")?.getattr("Context")?.call0()?.unbind();
            let awaitable = function.bind(py).call1((method.as_str(), kind, PyBytes::new(py, &body)))?.unbind();
            awaiting::start(py, &context, &awaitable)
        };
        start().map_err(|error| failure(py, &error))
    });
    let outcome = started.await??.result().await;
    let read = executor::run(Admission::Rest, move |py| match outcome {
        Some(Ok(answer)) => answer.extract::<(u16, Vec<u8>)>(py).map_err(|error| failure(py, &error)),
        Some(Err(error)) => Err(failure(py, &error)),
        None => Err(Failure::from_error("the loop for asynchronous code has ended".into())),
    });
    read.await?
}
