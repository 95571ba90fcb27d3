//! [`Visit`]: the request that opened a page.

use std::{borrow::Cow, collections::HashMap, convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{Extensions, HeaderMap, request::Parts},
};
use serde::de::DeserializeOwned;

use super::{Prefix, Shared};
use crate::{
    Invalid,
    session::{PAGE, Place, Snapshot},
};

/// The request that opened a page: what [`App::page`](super::App::page)'s function may make the state of.
///
/// ```
/// use livefloe::{App, Component, Cx, Markup, Visit, html};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Room { name: String }
/// # impl Component for Room { fn render(&self, _: &Cx<Self>) -> Markup { html! { h1 { (self.name) } } } }
/// let app = App::new().page("/room/{name}", |visit: &Visit| Room { name: visit.parameter("name").to_owned() });
/// ```
#[derive(Debug, Clone, Default)]
pub struct Visit {
    path: String,
    parameters: HashMap<String, String>,
    query: String,
    headers: HeaderMap,
    extensions: Extensions,
    address: Option<IpAddr>,
    pub(super) prefix: Prefix,
    saved: Option<Arc<SavedPage>>,
}

/// What a store had of a page.
#[derive(Debug)]
struct SavedPage {
    name: String,
    state: Vec<u8>,
}

impl Visit {
    /// The visit that opened a page, for a session that is made again: headers and extensions were its request's, and are gone.
    pub(crate) fn again(snapshot: &Snapshot<'_>) -> Self {
        let Place { path, parameters, query, prefix, .. } = Place::clone(&snapshot.place);
        let prefix = Prefix { path: prefix, ..Prefix::default() };
        let page = snapshot.components.iter().find(|component| component.id == PAGE);
        let saved = page.map(|page| Arc::new(SavedPage { name: page.name.clone().into_owned(), state: page.state.clone() }));
        Self { path, parameters: parameters.into_iter().collect(), query, prefix, saved, ..Self::default() }
    }

    /// What [`Instance::save`](crate::instance::Instance::save) wrote of this page, when its session is made again and the page was one of this
    /// [name](crate::instance::Instance::name): for a [`Mount`](super::Mount) that has to know it before its page renders.
    #[must_use]
    pub fn saved(&self, name: &str) -> Option<&[u8]> {
        self.saved.as_ref().filter(|saved| saved.name == name).map(|saved| &*saved.state)
    }

    /// What makes the visit again.
    pub(crate) fn place(&self, route: &str) -> Place {
        Place {
            route: route.to_owned(),
            path: self.path.clone(),
            parameters: self.parameters().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            query: self.query.clone(),
            prefix: self.prefix.path.clone(),
        }
    }

    /// The path that was asked for.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the address in the browser has in front of the app's own paths, as far as that is known: empty, or a path such as `/tools/live`. See
    /// [`App::under`](super::App::under).
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix.path
    }

    /// The part of the path that stands for `{name}`, decoded; empty when the path has no such part.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// All path parameters.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The query, read through serde.
    ///
    /// # Errors
    /// When it doesn't fit; the error names the parameter.
    pub fn query<Q: DeserializeOwned>(&self) -> Result<Q, Invalid> {
        crate::handler::decode_form(&self.query)
    }

    /// The pairs of the query, decoded, in order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_bytes())
    }

    /// The visitor's address, as far as the proxies are known: see [`App::trusted_proxies`](super::App::trusted_proxies). `None` when the session is made
    /// again from a store, and where a router is served in a way that doesn't say who its peers are.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The request's headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// What tower middleware left for this request, such as who is logged in.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.get()
    }
}

impl FromRequestParts<Arc<Shared>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Shared>) -> Result<Self, Infallible> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        Ok(Self {
            path: parts.uri.path().to_owned(),
            parameters: parameters
                .map(|parameters| parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
                .unwrap_or_default(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            extensions: parts.extensions.clone(),
            prefix: Prefix::of(state, parts),
            saved: None,
            address: state.proxies.client(&parts.headers, &parts.extensions).map(|client| client.address),
        })
    }
}
