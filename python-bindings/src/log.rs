//! Hands what the framework logs to Python's `logging`, as the logger `livefloe`.

use std::fmt::{self, Write as _};

use pyo3::{prelude::*, sync::PyOnceLock};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::executor::{self, Admission};

/// From this level on; what is below is for those who work on the framework.
const LEVEL: Level = Level::WARN;

/// Starts it. A second call, or another subscriber before, changes nothing.
pub(crate) fn start() {
    // Whoever came first has a reason.
    let _ = tracing::subscriber::set_global_default(PythonLog);
}

struct PythonLog;

impl Subscriber for PythonLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= LEVEL && metadata.is_event()
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let text = line.message + &line.fields;
        let is_error = *event.metadata().level() == Level::ERROR;
        // Not on this thread, which may serve sessions. With too much waiting already, a line is lost.
        let _ = executor::submit(Admission::New, move |py| {
            if let Err(error) = log(py, &text, is_error) {
                error.write_unraisable(py, None);
            }
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn log(py: Python<'_>, text: &str, is_error: bool) -> PyResult<()> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = LOGGER.import(py, "livefloe._report", "logger")?;
    logger.call_method1(if is_error { "error" } else { "warning" }, ("%s", text))?;
    Ok(())
}

/// The message, and the fields as ` name=value`.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string can't fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}
