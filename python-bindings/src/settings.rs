//! [`Settings`]: what a Python app says of itself besides its pages, as keyword arguments.

use std::{path::PathBuf, time::Duration};

use livefloe::{App, Limits, store::Durability};
use pyo3::{prelude::*, types::PyDict};

use crate::error::AppError;

/// What is asked of each app that is put together.
#[derive(Default)]
pub(crate) struct Settings {
    store: Option<String>,
    durable: bool,
    limits: Vec<(String, f64)>,
    hosts: Vec<String>,
    upload_folder: Option<PathBuf>,
    prefix: Option<String>,
    proxies: Option<Vec<String>>,
    health: Option<String>,
    metrics: Option<(String, Vec<String>)>,
    without_script: Option<bool>,
    user_header: Option<String>,
}

impl Settings {
    /// Reads keyword arguments, which the Python side has named.
    ///
    /// # Errors
    /// `AppError` when a limit is none, or no number that it can be.
    pub(crate) fn read(given: &Bound<'_, PyDict>) -> PyResult<Self> {
        let get = |name: &str| -> PyResult<Option<Bound<'_, PyAny>>> { Ok(given.get_item(name)?.filter(|value| !value.is_none())) };
        let settings = Self {
            store: get("store")?.map(|value| value.extract()).transpose()?,
            durable: get("durable")?.map(|value| value.extract()).transpose()?.unwrap_or(false),
            limits: match get("limits")? {
                Some(limits) => limits.call_method0("items")?.try_iter()?.map(|item| item?.extract()).collect::<PyResult<_>>()?,
                None => Vec::new(),
            },
            upload_folder: get("upload_folder")?.map(|value| value.extract()).transpose()?,
            hosts: get("hosts")?.map(|value| value.extract()).transpose()?.unwrap_or_default(),
            prefix: get("prefix")?.map(|value| value.extract()).transpose()?,
            proxies: get("proxies")?.map(|value| value.extract()).transpose()?,
            health: get("health_at")?.map(|value| value.extract()).transpose()?,
            user_header: get("user_header")?.map(|value| value.extract()).transpose()?,
            without_script: get("without_script")?.map(|value| value.extract()).transpose()?,
            metrics: get("metrics_at")?.map(|value| value.extract()).transpose()?,
        };
        let mut limits = Limits::default();
        for (name, value) in &settings.limits {
            set(&mut limits, name, *value).map_err(AppError::new_err)?;
        }
        Ok(settings)
    }

    /// Whether sessions end with the process, on a port that was chosen or not.
    pub(crate) fn keeps_nowhere(&self, has_port: bool) -> bool {
        self.store.as_deref().map_or(!has_port, |store| store == "memory")
    }

    /// The limits of an app.
    pub(crate) fn limits(&self, dev: bool) -> Limits {
        let mut limits = Limits::default();
        if dev {
            // Who develops stops the server often, and waits for it.
            limits.grace_time = Duration::from_secs(1);
        }
        for (name, value) in &self.limits {
            // It was tried when it was given.
            let _ = set(&mut limits, name, *value);
        }
        limits
    }

    /// The app with all of it.
    pub(crate) fn apply(&self, mut app: App, dev: bool) -> App {
        app = app.limits(self.limits(dev));
        if let Some(address) = &self.store {
            app = app.store_at(address);
        }
        if self.durable {
            app = app.durability(Durability::Durable);
        }
        if let Some(folder) = &self.upload_folder {
            app = app.upload_folder(folder);
        }
        for host in &self.hosts {
            app = app.allow_host(host);
        }
        if let Some(prefix) = &self.prefix {
            app = app.under(prefix);
        }
        if let Some(proxies) = &self.proxies {
            app = app.trusted_proxies(proxies.iter().map(String::as_str));
        }
        if let Some(header) = self.user_header.clone() {
            app = app.identify(move |headers, _| Some(headers.get(&header)?.to_str().ok()?.to_owned()));
        }
        if let Some(posts) = self.without_script {
            app = app.without_script(posts);
        }
        if let Some(path) = &self.health {
            app = app.health_at(path);
        }
        if let Some((path, readers)) = &self.metrics {
            app = app.metrics_at(path, readers.iter().map(String::as_str));
        }
        app
    }
}

/// What a number in Python's words becomes.
trait Limit: Sized {
    /// `None` when it can't be that.
    fn of(value: f64) -> Option<Self>;
    /// What it has to be.
    const EXPECTED: &'static str;
}

impl Limit for usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked, and what is too large saturates")]
    fn of(value: f64) -> Option<Self> {
        (value >= 0.0 && (value.fract() == 0.0 || value.is_infinite())).then_some(value as Self)
    }
    const EXPECTED: &'static str = "a whole number";
}

impl Limit for u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked, and what is too large saturates")]
    fn of(value: f64) -> Option<Self> {
        (value >= 0.0 && (value.fract() == 0.0 || value.is_infinite())).then_some(value as Self)
    }
    const EXPECTED: &'static str = "a whole number";
}

impl Limit for u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked, and what is too large saturates")]
    fn of(value: f64) -> Option<Self> {
        (value >= 0.0 && (value.fract() == 0.0 || value.is_infinite())).then_some(value as Self)
    }
    const EXPECTED: &'static str = "a whole number";
}

impl Limit for Duration {
    fn of(value: f64) -> Option<Self> {
        if value.is_infinite() && value > 0.0 { Some(Self::MAX) } else { Self::try_from_secs_f64(value).ok() }
    }
    const EXPECTED: &'static str = "seconds";
}

/// Makes a table of the limits by name.
macro_rules! limits {
    ($($name:ident),* $(,)?) => {
        /// Sets the limit of this name.
        fn set(limits: &mut Limits, name: &str, value: f64) -> Result<(), String> {
            // All of them are here: one more in the framework doesn't compile.
            let Limits { $($name),* } = limits;
            match name {
                $(stringify!($name) => put($name, name, value),)*
                _ => Err(format!("limits has no `{name}`; there are {}", [$(stringify!($name)),*].join(", "))),
            }
        }
    };
}

limits!(
    max_sessions,
    max_sessions_per_address,
    max_sessions_per_user,
    session_time,
    max_connections,
    max_connections_per_address,
    header_time,
    max_unjoined,
    join_time,
    detached_time,
    kept_time,
    max_value_bytes,
    max_snapshot_bytes,
    max_frame_bytes,
    max_upload_bytes,
    max_uploads_per_session,
    max_upload_bytes_per_session,
    max_total_upload_bytes,
    max_uploading,
    upload_time,
    upload_kept_time,
    max_media_bytes_per_session,
    max_total_media_bytes,
    max_queued_events,
    mailbox,
    max_unacked_bytes,
    max_total_unacked_bytes,
    max_unacked_patches,
    max_events_per_second,
    handler_time,
    grace_time,
    diff_time,
    max_tasks,
    max_components,
    max_html_bytes,
    idle_time,
    heartbeat,
    send_time,
    deflate_bytes,
    compress_bytes,
    read_buffer_bytes,
);

fn put<L: Limit>(limit: &mut L, name: &str, value: f64) -> Result<(), String> {
    *limit = L::of(value).ok_or_else(|| format!("limits[\"{name}\"] expected {}, got {value}", L::EXPECTED))?;
    Ok(())
}
