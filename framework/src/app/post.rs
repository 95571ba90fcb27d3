//! A form or button that was posted without script: finds the session, lets it have the event, and answers with the page.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::sync::oneshot;

use super::{
    Mount, Shared, Visit, compress, page,
    plain::{BOXES, HANDLER, Refused, TICKET},
};
use crate::{
    handler::Identity,
    session::{self, Message, Post, Posted, Who},
    socket::other_origin,
    stream::read,
};

/// How much longer than a handler a post may take: for those before it, and for the store.
const STORE_TIME: Duration = Duration::from_secs(10);

/// What a page posts with: its session, the number of the event, and the patch that it shows. Signed: nobody makes one up, and it joins nothing.
pub(super) struct Ticket {
    pub(super) id: [u8; 16],
    pub(super) seq: u64,
    pub(super) seen: u64,
}

impl Ticket {
    const BYTES: usize = 16 + 8 + 8 + 16;

    pub(super) fn write(&self, shared: &Shared, who: Who) -> String {
        let Self { id, seq, seen } = self;
        let mac = shared.keys.ticket(*id, *seq, *seen, who);
        URL_SAFE_NO_PAD.encode([&id[..], &seq.to_be_bytes(), &seen.to_be_bytes(), &mac].concat())
    }

    fn read(shared: &Shared, text: &str, who: Who) -> Option<Self> {
        let mut bytes = [0; Self::BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (id, rest) = bytes.split_first_chunk()?;
        let (seq, rest) = rest.split_first_chunk()?;
        let (seen, mac) = rest.split_first_chunk()?;
        let ticket = Self { id: *id, seq: u64::from_be_bytes(*seq), seen: u64::from_be_bytes(*seen) };
        (length == Self::BYTES && shared.keys.made_ticket(ticket.id, ticket.seq, ticket.seen, who, mac.try_into().ok()?)).then_some(ticket)
    }
}

/// What a form says.
struct Act {
    ticket: String,
    /// `COMPONENT.HANDLER`, as it was posted.
    handler: String,
    component: u64,
    id: [u8; 8],
    entered: Vec<(String, String)>,
    payload: String,
}

impl Act {
    fn read(body: &[u8]) -> Option<Self> {
        let (mut ticket, mut handler, mut boxes, mut entered) = (None, None, Vec::new(), Vec::new());
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                TICKET => ticket = Some(value.into_owned()),
                // A button of the form has the same name as what the form says.
                HANDLER => handler = Some(value.into_owned()),
                BOXES => boxes = form_urlencoded::parse(value.as_bytes()).map(|(name, _)| name.into_owned()).collect(),
                _ => entered.push((name.into_owned(), value.into_owned())),
            }
        }
        let handler = handler?;
        let (handler, own) = handler.split_once(' ').unwrap_or((&handler, ""));
        let (component, id) = handler.split_once('.')?;
        for (name, value) in &mut entered {
            if value == "on" && boxes.contains(name) {
                "true".clone_into(value);
            }
        }
        let payload =
            if own.is_empty() { form_urlencoded::Serializer::new(String::new()).extend_pairs(&entered).finish() } else { own.to_owned() };
        Some(Self {
            ticket: ticket?,
            handler: handler.to_owned(),
            component: component.parse().ok()?,
            id: id.as_bytes().try_into().ok()?,
            entered,
            payload,
        })
    }
}

pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    visit: Visit,
    route: Arc<str>,
    mount: Arc<dyn Mount>,
    request: Request,
) -> Response {
    let headers = request.headers();
    if let Some(refusal) = other_origin(&shared, headers) {
        return refusal;
    }
    let prefix = visit.prefix.clone();
    let who = shared.who(headers, request.extensions());
    let travels = compress::Body::for_request(headers, shared.limits.compress_bytes);
    let (parts, body) = request.into_parts();
    let Ok(body) = read(body, shared.limits.max_frame_bytes, shared.limits.header_time).await else {
        let page = page::error_page(
            &shared,
            &prefix,
            "That was too much",
            "What was sent is too large, or did not come in time. Please go back and try again.",
        );
        return page::with_headers((StatusCode::PAYLOAD_TOO_LARGE, travels.of(page)).into_response());
    };
    let here = prefix.to_page(parts.uri.path());
    let Some(act) = Act::read(&body) else { return Redirect::to(&here).into_response() };
    let over = || {
        let again = maud::html! { "This page has been open for too long, or the server has begun anew. What you sent was not applied. " a href=(here) { "Begin again" } };
        page::error_page_with(&shared, &prefix, "This page is over", &again)
    };
    let unavailable = || {
        let page = page::error_page(&shared, &prefix, "Please try again", "Your page can't be had at this moment. Please load it again.");
        page::with_headers((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], travels.of(page)).into_response())
    };
    let Some(ticket) = Ticket::read(&shared, &act.ticket, who) else {
        return page::with_headers((StatusCode::GONE, travels.of(over())).into_response());
    };
    let token = shared.keys.token(ticket.id, 0, who);
    let Act { handler, component, id, entered, payload, .. } = act;
    let mark = Identity::ROOT.bytes(&body).handler();
    let mark = mark.as_str().bytes().fold(0, |mark: u64, byte| mark << 8 | u64::from(byte));
    let posted = match session::find(&shared, &token, who, None).await {
        Err(session::Unavailable) => return unavailable(),
        Ok(None) => None,
        Ok(Some(session)) => {
            let (answer, answered) = oneshot::channel();
            let post = Post { seq: ticket.seq, seen: ticket.seen, component, handler: id, payload, mark, answer };
            session.send(Message::Post(post)).await;
            match tokio::time::timeout(shared.limits.handler_time.saturating_add(STORE_TIME), answered).await {
                Ok(posted) => posted.ok(),
                // The event is there, and posting it again waits for it.
                Err(_) => return unavailable(),
            }
        }
    };
    let Some(Posted { page: shown, seen, next, message, fields, navigate }) = posted else {
        // A script has it: the page that comes with a new session goes on with it there.
        if let Ok(Some(_)) = session::find(&shared, &token, who, None).await {
            let request = Request::from_parts(parts, axum::body::Body::empty());
            return page::get(State(shared), visit, route, mount, request).await;
        }
        return page::with_headers((StatusCode::GONE, travels.of(over())).into_response());
    };
    if let Some(path) = navigate.filter(|path| path.starts_with('/') && !path.starts_with("//")) {
        return Redirect::to(&path).into_response();
    }
    let refused = (!message.is_empty() || !fields.is_empty()).then_some(Refused { handler, entered, fields });
    let ticket = Ticket { id: ticket.id, seq: next, seen };
    let document = page::document(
        &shared,
        &prefix,
        &shown,
        (&token, &ticket.write(&shared, who)),
        ticket.seen,
        refused.as_ref().map(|refused| (message.as_str(), refused)),
    );
    page::with_headers(travels.of(document).into_response())
}
