//! [`MakePage`]: what can make the state of a new session; [`Mount`]: the same for any [`Instance`].

use std::{future::ready, sync::Arc};

use super::Visit;
use crate::{
    Component, Failure,
    component::{Link, Typed, instance::Instance},
    guard,
    handler::BoxFuture,
};

/// Makes the page's component for a new session.
pub trait Mount: Send + Sync + 'static {
    /// Mounts the page for a visit.
    fn mount(&self, visit: Visit, link: Link) -> BoxFuture<'static, Result<Box<dyn Instance>, Failure>>;
}

/// A function that gives the state of a new session: `fn() -> C` or `fn(&Visit) -> C`, where `C` is a component or a `Result` with one.
/// `Kind` tells the forms apart and is always inferred.
pub trait MakePage<Kind>: Send + Sync + 'static {
    /// The same behind one interface.
    fn into_mount(self) -> Arc<dyn Mount>;
}

/// Kind of page function: gives a component.
#[derive(Debug)]
pub struct Plain;
/// Kind of page function: gives a `Result`.
#[derive(Debug)]
pub struct Fallible;

struct Function<F>(F);

impl<F, C> Mount for Function<F>
where
    F: Fn(&Visit) -> Result<C, Failure> + Send + Sync + 'static,
    C: Component,
{
    fn mount(&self, visit: Visit, link: Link) -> BoxFuture<'static, Result<Box<dyn Instance>, Failure>> {
        let state = guard::catch(|| (self.0)(&visit));
        Box::pin(ready(state.map(|state| Typed::page(state, link))))
    }
}

impl<F, C> MakePage<(Plain, (), C)> for F
where
    F: Fn() -> C + Send + Sync + 'static,
    C: Component,
{
    fn into_mount(self) -> Arc<dyn Mount> {
        Arc::new(Function(move |_: &Visit| Ok(self())))
    }
}

impl<F, C> MakePage<(Plain, Visit, C)> for F
where
    F: Fn(&Visit) -> C + Send + Sync + 'static,
    C: Component,
{
    fn into_mount(self) -> Arc<dyn Mount> {
        Arc::new(Function(move |visit: &Visit| Ok(self(visit))))
    }
}

impl<F, C, E> MakePage<(Fallible, Visit, C, E)> for F
where
    F: Fn(&Visit) -> Result<C, E> + Send + Sync + 'static,
    C: Component,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    fn into_mount(self) -> Arc<dyn Mount> {
        Arc::new(Function(move |visit: &Visit| self(visit).map_err(|error| Failure::from_error(error.into()))))
    }
}
