//! [`Handler`]: which functions can be handlers, and how each kind is called.

use std::{future::Future, marker::PhantomData, pin::Pin};

use crate::{Cx, Failure};

/// A future that a handler runs as.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a handler may return: nothing, or a `Result` whose error is anything that can become a boxed error (`?` works
/// on every error type, and `Err("text".into())` too). An [`Invalid`](crate::Invalid) error shows next to its fields.
pub trait Outcome {
    /// The outcome as the session sees it.
    ///
    /// # Errors
    /// When the handler returned an error: the event is refused and its changes are undone.
    fn outcome(self) -> Result<(), Failure>;
}

impl Outcome for () {
    fn outcome(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> Outcome for Result<(), E> {
    fn outcome(self) -> Result<(), Failure> {
        self.map_err(|error| Failure::from_error(error.into()))
    }
}

/// A function that can handle events of a component with state `S`: `fn(&mut S, …inputs)` or
/// `fn(&mut S, …inputs, &Cx<S>)`, plain or `async`, returning an [`Outcome`].
///
/// `Inputs` is a tuple of the inputs, `Kind` tells the four forms apart so that the compiler can choose; both are always
/// inferred. Handlers don't capture (asserted at compile time where they are registered): what they act on is in the
/// state, or bound with [`Cx::with`].
pub trait Handler<S: 'static, Inputs, Kind>: Copy + Send + Sync + 'static {
    /// Whether [`start`](Self::start) is the way to call it, rather than [`call`](Self::call).
    const ASYNC: bool;

    /// Calls a plain function.
    ///
    /// # Errors
    /// What the function returned.
    fn call(self, state: &mut S, inputs: Inputs, cx: &Cx<S>) -> Result<(), Failure>;

    /// Starts an `async` function; a plain one is called when the future is first polled.
    fn start<'a>(self, state: &'a mut S, inputs: Inputs, cx: &'a Cx<S>) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Kind of handler: `fn(&mut S, …) -> R`.
#[derive(Debug)]
pub struct Synchronous<R>(PhantomData<R>);
/// Kind of handler: `fn(&mut S, …, &Cx<S>) -> R`.
#[derive(Debug)]
pub struct SynchronousCx<R>(PhantomData<R>);
/// Kind of handler: `async fn(&mut S, …)`.
#[derive(Debug)]
pub struct Asynchronous;
/// Kind of handler: `async fn(&mut S, …, &Cx<S>)`.
#[derive(Debug)]
pub struct AsynchronousCx;

/// A function that returns a future: names that future's type, which a bound on `Fn` over all lifetimes cannot.
pub trait AsyncCall<Arguments>: Send + Sync {
    /// What the future gives.
    type Output: Outcome;
    /// The future.
    type Future: Future<Output = Self::Output> + Send;
    /// Calls the function.
    fn invoke(&self, arguments: Arguments) -> Self::Future;
}

macro_rules! async_call {
    ($($argument:ident: $Type:ident),*) => {
        impl<F, Future_, $($Type),*> AsyncCall<($($Type,)*)> for F
        where
            F: Fn($($Type),*) -> Future_ + Send + Sync,
            Future_: Future + Send,
            Future_::Output: Outcome,
        {
            type Output = Future_::Output;
            type Future = Future_;
            fn invoke(&self, ($($argument,)*): ($($Type,)*)) -> Future_ {
                self($($argument),*)
            }
        }
    };
}
async_call!(a: A);
async_call!(a: A, b: B);
async_call!(a: A, b: B, c: C);
async_call!(a: A, b: B, c: C, d: D);

macro_rules! handlers {
    ($($input:ident: $Input:ident),*) => {
        impl<S: Send + 'static, F, R, $($Input: Send + 'static),*> Handler<S, ($($Input,)*), Synchronous<R>> for F
        where
            F: Fn(&mut S, $($Input),*) -> R + Copy + Send + Sync + 'static,
            R: Outcome,
        {
            const ASYNC: bool = false;
            fn call(self, state: &mut S, ($($input,)*): ($($Input,)*), _: &Cx<S>) -> Result<(), Failure> {
                self(state, $($input),*).outcome()
            }
            fn start<'a>(self, state: &'a mut S, inputs: ($($Input,)*), cx: &'a Cx<S>) -> BoxFuture<'a, Result<(), Failure>> {
                Box::pin(std::future::ready(Handler::<S, _, Synchronous<R>>::call(self, state, inputs, cx)))
            }
        }

        impl<S: Send + 'static, F, R, $($Input: Send + 'static),*> Handler<S, ($($Input,)*), SynchronousCx<R>> for F
        where
            F: Fn(&mut S, $($Input,)* &Cx<S>) -> R + Copy + Send + Sync + 'static,
            R: Outcome,
        {
            const ASYNC: bool = false;
            fn call(self, state: &mut S, ($($input,)*): ($($Input,)*), cx: &Cx<S>) -> Result<(), Failure> {
                self(state, $($input,)* cx).outcome()
            }
            fn start<'a>(self, state: &'a mut S, inputs: ($($Input,)*), cx: &'a Cx<S>) -> BoxFuture<'a, Result<(), Failure>> {
                Box::pin(std::future::ready(Handler::<S, _, SynchronousCx<R>>::call(self, state, inputs, cx)))
            }
        }

        impl<S: Send + 'static, F, $($Input: Send + 'static),*> Handler<S, ($($Input,)*), Asynchronous> for F
        where
            F: for<'a> AsyncCall<(&'a mut S, $($Input,)*)> + Copy + Send + Sync + 'static,
        {
            const ASYNC: bool = true;
            fn call(self, _: &mut S, _: ($($Input,)*), _: &Cx<S>) -> Result<(), Failure> {
                unreachable!("an async handler is started, not called")
            }
            fn start<'a>(self, state: &'a mut S, ($($input,)*): ($($Input,)*), _: &'a Cx<S>) -> BoxFuture<'a, Result<(), Failure>> {
                Box::pin(async move { self.invoke((state, $($input,)*)).await.outcome() })
            }
        }

        impl<S: Send + 'static, F, $($Input: Send + 'static),*> Handler<S, ($($Input,)*), AsynchronousCx> for F
        where
            F: for<'a> AsyncCall<(&'a mut S, $($Input,)* &'a Cx<S>)> + Copy + Send + Sync + 'static,
        {
            const ASYNC: bool = true;
            fn call(self, _: &mut S, _: ($($Input,)*), _: &Cx<S>) -> Result<(), Failure> {
                unreachable!("an async handler is started, not called")
            }
            fn start<'a>(self, state: &'a mut S, ($($input,)*): ($($Input,)*), cx: &'a Cx<S>) -> BoxFuture<'a, Result<(), Failure>> {
                Box::pin(async move { self.invoke((state, $($input,)* cx)).await.outcome() })
            }
        }
    };
}
handlers!();
handlers!(a: A);
handlers!(a: A, b: B);
