//! [`Sending`]: a file on its way, as the client sends it.

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{Page, TestBrowser, post_bytes};

/// A file that a client sends: what it says of it, and of which control.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "tests forge them")]
pub struct Sending {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The path to send it to.
    pub path: String,
    /// The control's ticket.
    pub ticket: String,
    /// What the client calls it.
    pub nonce: [u8; 16],
    /// What the person calls it, as it stands in the header.
    pub name: String,
    /// What the browser says it is.
    pub kind: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Sending {
    /// For the control with this id.
    #[must_use]
    pub fn to(browser: &TestBrowser, id: &str, name: &str, bytes: &[u8]) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let ticket = browser.dom().attribute(id, "ticket").unwrap_or_else(|| panic!("{id} takes no files"));
        Self {
            address: browser.address(),
            path: browser.socket_path().replace("/socket", "/upload"),
            ticket: ticket.to_owned(),
            nonce,
            name: name.to_owned(),
            kind: "text/plain".to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    /// The request's headers, for bytes from this offset on.
    #[must_use]
    pub fn headers(&self, offset: Option<usize>, n_bytes: usize) -> Vec<String> {
        let Self { address, ticket, nonce, name, kind, bytes, .. } = self;
        let mut headers = vec![
            format!("host: {address}"),
            format!("origin: http://{address}"),
            "content-type: application/octet-stream".to_owned(),
            format!("content-length: {n_bytes}"),
            format!("livefloe-upload: {ticket}"),
            format!("livefloe-nonce: {}", URL_SAFE_NO_PAD.encode(nonce)),
            format!("livefloe-size: {}", bytes.len()),
            format!("livefloe-name: {name}"),
            format!("livefloe-type: {kind}"),
        ];
        headers.extend(offset.map(|offset| format!("livefloe-offset: {offset}")));
        headers
    }

    /// Sends all of it.
    pub async fn send(&self) -> Page {
        self.send_from(0).await
    }

    /// Sends what comes after this many bytes.
    pub async fn send_from(&self, offset: usize) -> Page {
        let body = &self.bytes[offset..];
        let headers = self.headers(Some(offset), body.len());
        post_bytes(self.address, &self.path, &headers.iter().map(String::as_str).collect::<Vec<_>>(), body).await
    }

    /// Asks how much has come.
    pub async fn ask(&self) -> Page {
        let headers = self.headers(None, 0);
        post_bytes(self.address, &self.path, &headers.iter().map(String::as_str).collect::<Vec<_>>(), &[]).await
    }

    /// Sends this many bytes of the request, head included, over a connection that is still open.
    pub async fn begin(&self, offset: usize, n_bytes: usize) -> TcpStream {
        let request = self.request(offset);
        let mut stream = TcpStream::connect(self.address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        stream.write_all(&request[..n_bytes.min(request.len())]).await.expect("the server reads");
        stream
    }

    /// The request as it travels.
    #[must_use]
    pub fn request(&self, offset: usize) -> Vec<u8> {
        let body = &self.bytes[offset..];
        let head = format!("POST {} HTTP/1.1\r\n{}\r\n\r\n", self.path, self.headers(Some(offset), body.len()).join("\r\n"));
        [head.as_bytes(), body].concat()
    }
}
