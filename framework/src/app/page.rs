//! The first GET of a page: a full HTML document, and the mount of the session that its socket then joins.

use std::{
    fmt::Write as _,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    Mount, Prefix, SessionSeats, Shared, Visit, assets, compress,
    plain::{self, Refused},
    post::Ticket,
};
use crate::{
    Failure,
    component::{Attributes, Link},
    handler::Identity,
    metric::Count,
    session::{self, Actor, Components, DEFAULT_LANGUAGE, Mailbox, Page, Token, Who},
    tree,
};

/// Scripts, styles and connections of the app's own origin; pictures may also be made on the page. Nothing inline, no eval.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types livefloe";

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    visit: Visit,
    route: Arc<str>,
    mount: Arc<dyn Mount>,
    request: Request,
) -> Response {
    let prefix = visit.prefix.clone();
    let body = compress::Body::for_request(request.headers(), shared.limits.compress_bytes);
    if shared.registry.len() >= shared.limits.max_sessions {
        shared.metrics.one(Count::LimitedSessions);
        tracing::warn!(limit = shared.limits.max_sessions, "no room for another session");
        let page = error_page(&shared, &prefix, "Too many visitors", "Every place is taken at the moment. Please try again in a minute.");
        return with_headers((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")], body.of(page)).into_response());
    }
    let who = shared.who(request.headers(), request.extensions());
    let seats = match seats(&shared, &request, who) {
        Ok(seats) => seats,
        Err(TooMany(title, message)) => {
            let page = error_page(&shared, &prefix, title, message);
            return with_headers((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "30")], body.of(page)).into_response());
        }
    };
    match open(&shared, visit, (seats, who), &route, &*mount).await {
        Ok((page, token)) => with_headers({
            let ticket = Ticket { id: token.id, seq: 1, seen: 0 };
            body.of(document(&shared, &prefix, &page, (&token, &ticket.write(&shared, who)), ticket.seen, None)).into_response()
        }),
        // What the address asks for doesn't fit: there is no such page.
        Err(Failure::Invalid(invalid)) => {
            let words = |error: &crate::FieldError| format!("{}: {}", error.field, error.message).trim_start_matches(": ").to_owned();
            let message = invalid.fields.iter().map(words).collect::<Vec<_>>().join("; ");
            let page = error_page(&shared, &prefix, "There is no such page", &message);
            with_headers((StatusCode::NOT_FOUND, body.of(page)).into_response())
        }
        Err(failure) => {
            shared.metrics.one(Count::PagesFailed);
            let (message, _) = shared.describe(&failure, 0);
            let page = error_page(&shared, &prefix, "This page could not be opened", &message);
            with_headers((StatusCode::INTERNAL_SERVER_ERROR, body.of(page)).into_response())
        }
    }
}

/// Places among the sessions of an address and of a user, where those are counted.
fn seats(shared: &Shared, request: &Request, who: Who) -> Result<SessionSeats, TooMany> {
    let mut seats = SessionSeats::default();
    if who.is_known() {
        seats.user = shared.user_seats.take(who, shared.limits.max_sessions_per_user);
        if seats.user.is_none() {
            shared.metrics.one(Count::LimitedSessionsOfUser);
            return Err(TooMany(
                "Too many pages",
                "Too many of your pages are open at the moment. Please close some, or try again in a minute.",
            ));
        }
    }
    let Some(client) = shared.proxies.client(request.headers(), request.extensions()) else { return Ok(seats) };
    let Some(group) = shared.proxies.group(client) else { return Ok(seats) };
    let limit = shared.limits.max_sessions_per_address;
    seats.address = shared.seats.take(group, limit);
    if seats.address.is_none() {
        shared.metrics.one(Count::LimitedSessionsOfAddress);
        // Once: whoever asks again and again shall not fill the log.
        if !shared.said_addresses.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                address = %client.address,
                limit,
                "too many sessions of one address; if it is a proxy's, App::trusted_proxies has to name it, so that visitors can be told apart"
            );
        }
        let message = "Too many pages are open in your network at the moment. Please close some, or try again in a minute.";
        return Err(TooMany("Too many visitors", message));
    }
    Ok(seats)
}

/// An address or a user has as many sessions as it may: what people are told.
struct TooMany(&'static str, &'static str);

/// Mounts a session and starts it.
async fn open(
    shared: &Arc<Shared>,
    visit: Visit,
    (seats, who): (SessionSeats, Who),
    route: &str,
    mount: &dyn Mount,
) -> Result<(Page, Token), Failure> {
    let id = session::random_id().map_err(|error| Failure::from_error(error.to_string().into()))?;
    let place = visit.place(route);
    let (mailbox, receiver) = Mailbox::new(id, shared.registry.number(), shared.limits.mailbox, visit.prefix(), who);
    let link = Link { shared: Arc::clone(shared), mailbox: mailbox.clone(), component: 0, identity: Identity::ROOT };
    let instance = mount.mount(visit, link.clone()).await?;
    let components = Components::mount(instance, link)?;
    let page = components.page();
    if shared.dev
        && let Some(id) = tree::repeated_id(&page.html)
    {
        tracing::warn!(%id, "two elements of a page have the same id: labels and links find only the first");
    }
    shared.registry.insert(id, mailbox.clone(), shared.limits.max_unjoined);
    tokio::spawn(Box::new(Actor::new(Arc::clone(shared), mailbox, receiver, id, place, components).seated(seats)).run());
    shared.metrics.one(Count::PagesServed);
    Ok((page, shared.keys.token(id, 0, who)))
}

/// The document of a page, with what was refused of what was posted from the one before it.
pub(super) fn document(
    shared: &Shared,
    prefix: &Prefix,
    page: &Page,
    (token, ticket): (&Token, &str),
    seen: u64,
    refused: Option<(&str, &Refused)>,
) -> Markup {
    let mut checks = String::new();
    for (component, count, hash) in &page.checks {
        let space = if checks.is_empty() { "" } else { " " };
        // Writing to a string can't fail.
        let _ = write!(checks, "{space}{component}.{count}.{hash:08x}");
    }
    let opaque = page.opaque.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let (content, has_posts) = if shared.posts {
        plain::with_posts(&page.html, ticket, refused.map(|(_, refused)| refused))
    } else {
        (page.html.as_str().into(), false)
    };
    let shown = (seen > 0).then_some(seen);
    // With attributes whose names are known at run time only, which `html!` has no way to write.
    html! {
        (DOCTYPE)
        (PreEscaped("<html")) (attributes(&page.document.html, Some(("lang", DEFAULT_LANGUAGE)))) (PreEscaped("><head>"))
        (head(shared, prefix, page.title.as_deref().unwrap_or(&shared.title)))
        meta name="livefloe" content=(token) data-check=(checks) data-opaque=(opaque) data-seq=[shown];
        @if shared.framed.is_some() { script type="module" src={ (prefix.assets) "/livefloe/" (assets::version()) "/framed.js" } {} }
        // Scripts run in the order in which they stand: the core finds the page as it would be without.
        @if has_posts { script type="module" src={ (prefix.assets) "/livefloe/" (assets::version()) "/bare.js" } {} }
        script type="module" src={ (prefix.assets) "/livefloe/" (assets::version()) "/livefloe.js" } {}
        @for script in &shared.scripts { script type="module" src={ (prefix.assets) "/livefloe/" (script.address()) } {} }
        (problems(shared, prefix))
        (PreEscaped(&page.document.head))
        (PreEscaped("</head><body")) (attributes(&page.document.body, None)) (PreEscaped(">"))
        div id="livefloe" lf-c="0" { (PreEscaped(&content)) }
        @if has_posts { (PreEscaped(plain::shared_form(ticket))) }
        @if let Some((message, _)) = refused.filter(|(message, _)| !message.is_empty()) {
            div class="lf-connection" role="alert" lf-post="" { (message) }
        }
        (PreEscaped("</body></html>"))
    }
}

/// Attributes as they stand in a start tag, with one that is there even if the page doesn't say it.
fn attributes(given: &Attributes, default: Option<(&str, &str)>) -> Markup {
    let default = default.filter(|(name, _)| given.iter().all(|(other, _)| !other.eq_ignore_ascii_case(name)));
    let all = default.into_iter().chain(given.iter().map(|(name, value)| (name.as_ref(), value.as_str())));
    html! { @for (name, value) in all { " " (name) (PreEscaped("=\"")) (value) (PreEscaped("\"")) } }
}

pub(super) fn error_page(shared: &Shared, prefix: &Prefix, heading: &str, message: &str) -> Markup {
    error_page_with(shared, prefix, heading, &html! { (message) })
}

pub(super) fn error_page_with(shared: &Shared, prefix: &Prefix, heading: &str, message: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { (head(shared, prefix, heading)) (problems(shared, prefix)) }
            body { div id="livefloe" { main class="lf-error-page" { h1 { (heading) } p { (message) } } } }
        }
    }
}

fn head(shared: &Shared, prefix: &Prefix, title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        title { (title) }
        link rel="icon" href="data:,";
        @if shared.stylesheet { link rel="stylesheet" href={ (prefix.assets) "/livefloe/" (assets::version()) "/livefloe.css" }; }
    }
}

/// What shows how an app that is being written comes on.
fn problems(shared: &Shared, prefix: &Prefix) -> Markup {
    html! { @if shared.problems.is_some() { script type="module" src={ (prefix.assets) "/livefloe/" (assets::version()) "/problems.js" } {} } }
}

pub(super) fn with_headers(mut response: Response) -> Response {
    let headers: [(HeaderName, HeaderValue); 6] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        // A page is one session's: nobody may keep it, and the back button asks for a new one.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}
