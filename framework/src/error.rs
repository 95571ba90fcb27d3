//! Errors: [`Error`] is what building and serving an app can end with, [`Failure`] what one event can end with.

use std::{any::Any, fmt, net::SocketAddr};

use crate::handler::Invalid;

/// The result of building or serving an app.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an app could not be built or served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is not one that can be listened on.
    #[error("can't listen on `{address}`: expected an address and port such as 127.0.0.1:8000")]
    Address {
        /// What was given.
        address: String,
        /// What the resolver said.
        source: std::io::Error,
    },
    /// The port is taken, or the system refused it.
    #[error("can't listen on {address}{}", port_hint(source))]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store could not give its secret.
    #[error("the store can't be used")]
    Store(#[source] crate::store::StoreError),
    /// The system gave no random numbers.
    #[error("the system gave no random numbers: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// Two pages have the same path.
    #[error("the path `{path}` has a page already; a path has one page")]
    PageExists {
        /// The path.
        path: String,
    },
    /// A path that the router can't take.
    #[error("`{path}` is no page path: {reason}")]
    Path {
        /// What was given.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A script that can't be served.
    #[error("`{name}` is no script: {reason}")]
    Script {
        /// What it was called.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was given for a network is none.
    #[error("`{network}` is no network: expected one such as 10.0.0.0/8, or an address")]
    Network {
        /// What was given.
        network: String,
    },
    /// The server stopped with an error of the system.
    #[error("the server stopped")]
    Serve(#[source] std::io::Error),
}

fn port_hint(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => ": the port is in use; stop what listens there, or choose another port (0 takes any free one)",
        std::io::ErrorKind::PermissionDenied => ": not permitted; ports under 1024 want privileges",
        std::io::ErrorKind::AddrNotAvailable => ": this machine doesn't have that address",
        _ => "",
    }
}

/// Why an event was not applied. Its changes are undone, the person is told, and the session lives on.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The handler is not in the table of what the person saw.
    Stale,
    /// The payload does not fit what the handler takes.
    Invalid(Invalid),
    /// The handler returned an error, or an exception came out of it.
    Failed {
        /// The error.
        error: Box<dyn std::error::Error + Send + Sync>,
        /// Where it happened, as precisely as is known.
        at: Option<String>,
    },
    /// The handler or the rendering panicked.
    Panicked {
        /// The panic's message.
        message: String,
        /// File, line and column.
        at: Option<String>,
    },
    /// A bound was reached; the same event may be tried again.
    Busy {
        /// Which bound.
        reason: &'static str,
    },
    /// The handler took longer than [`Limits::handler_time`](crate::Limits).
    Timeout {
        /// The limit.
        limit: std::time::Duration,
    },
}

impl Failure {
    /// A failure from any error; an [`Invalid`] stays one, so that its fields are shown.
    #[must_use]
    pub fn from_error(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        match error.downcast::<Invalid>() {
            Ok(invalid) => Self::Invalid(*invalid),
            Err(error) => Self::Failed { error, at: None },
        }
    }

    /// A failure from what a panic carried; `at` is where the panic hook saw it.
    pub(crate) fn from_panic(payload: &(dyn Any + Send), at: Option<String>) -> Self {
        let message = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".to_owned());
        Self::Panicked { message, at }
    }

    /// The same failure with a place, unless it has one.
    #[must_use]
    pub(crate) fn at(mut self, place: &str) -> Self {
        if let Self::Failed { at: at @ None, .. } = &mut self {
            *at = Some(place.to_owned());
        }
        self
    }

    /// The code that says on the wire what kind of refusal this is.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Stale => 1,
            Self::Invalid(_) => 2,
            Self::Failed { .. } | Self::Panicked { .. } => 3,
            Self::Busy { .. } => 4,
            Self::Timeout { .. } => 5,
        }
    }

    /// Whether this is a defect of the app rather than something the person did.
    #[must_use]
    pub fn is_defect(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::Panicked { .. } | Self::Timeout { .. })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale => formatter.write_str("what you acted on is no longer there"),
            Self::Invalid(invalid) => write!(formatter, "{invalid}"),
            Self::Failed { error, at } => {
                write!(formatter, "{error}")?;
                let mut source = error.source();
                while let Some(inner) = source {
                    write!(formatter, ": {inner}")?;
                    source = inner.source();
                }
                at.as_ref().map_or(Ok(()), |at| write!(formatter, " (in {at})"))
            }
            Self::Panicked { message, at } => {
                write!(formatter, "panic: {message}")?;
                at.as_ref().map_or(Ok(()), |at| write!(formatter, " (at {at})"))
            }
            Self::Busy { reason } => write!(formatter, "busy: {reason}; try again"),
            Self::Timeout { limit } => write!(formatter, "this took longer than {} s and was stopped", limit.as_secs_f32()),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed { error, .. } => Some(&**error),
            Self::Invalid(invalid) => Some(invalid),
            _ => None,
        }
    }
}
