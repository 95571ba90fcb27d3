//! Keeps a panic in an app's code inside its event, and remembers where it happened.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Once,
    task::Poll,
};

use crate::Failure;

thread_local! {
    /// Whether this thread runs an app's code right now.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic of a guarded piece of code was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs an app's code; a panic becomes a failure.
pub(crate) fn catch<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    remember_places();
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(outer);
    result.unwrap_or_else(|panic| Err(failure(&*panic)))
}

/// The same for a future.
pub(crate) async fn catch_async<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        let mut polled = Poll::Pending;
        match catch(|| {
            polled = future.as_mut().poll(context);
            Ok(())
        }) {
            Ok(()) => std::mem::replace(&mut polled, Poll::Pending),
            Err(failure) => Poll::Ready(Err(failure)),
        }
    })
    .await
}

/// The failure that a caught panic is.
fn failure(panic: &(dyn Any + Send)) -> Failure {
    Failure::from_panic(panic, PLACE.take())
}

/// Lets the process's panic hook tell us the place, which unwinding does not carry. Whatever hook was there stays in charge.
fn remember_places() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let inner = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if GUARDED.get() {
                PLACE.set(info.location().map(|place| format!("{}:{}", place.file(), place.line())));
            }
            inner(info);
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure_with_its_place() {
        let failure = catch::<()>(|| panic!("no more ice")).unwrap_err();
        let text = failure.to_string();
        assert!(text.contains("no more ice") && text.contains("guard.rs"), "{text}");
    }

    #[tokio::test]
    async fn a_panic_after_an_await_becomes_a_failure() {
        let result: Result<(), _> = catch_async(async {
            tokio::task::yield_now().await;
            panic!("late")
        })
        .await;
        assert!(result.unwrap_err().to_string().contains("late"));
    }
}
