//! One HTTP request over a connection of its own, to the byte as it is written here.

use std::{
    io::{self, Read as _},
    net::{IpAddr, SocketAddr},
};

use flate2::read::GzDecoder;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

use crate::within;

/// An answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page {
    /// The path that was asked for.
    pub path: String,
    /// The status, such as 200.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The content, unpacked.
    pub body: String,
    /// Everything that came over the wire.
    pub n_bytes: usize,
}

/// Sends a GET with these lines of headers (besides `Connection: close`) and reads the answer.
pub async fn request(address: SocketAddr, path: &str, headers: &[&str]) -> Page {
    send(address, &format!("GET {path}"), headers, "").await
}

/// The same from an address of this machine's own, for those who count on failures.
///
/// # Errors
/// When there is no connection, or it ends before the answer does.
pub async fn try_request(address: SocketAddr, from: Option<IpAddr>, path: &str, headers: &[&str]) -> io::Result<Page> {
    let mut stream = connect_from(address, from).await?;
    stream.write_all(head(&format!("GET {path}"), headers).as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Page::try_parse(path, &bytes).ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "no whole answer"))
}

/// A connection from a certain address: with many from one, ports run out.
///
/// # Errors
/// When there is none.
pub async fn connect_from(address: SocketAddr, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    if let Some(from) = from {
        socket.bind((from, 0).into())?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Posts a text as a page of this host would, and reads the answer.
pub async fn post(address: SocketAddr, path: &str, body: &str) -> Page {
    let headers = [format!("host: {address}"), format!("origin: http://{address}"), format!("content-length: {}", body.len())];
    send(address, &format!("POST {path}"), &headers.each_ref().map(String::as_str), body).await
}

/// Posts bytes with exactly these headers (besides `Connection: close`), and reads the answer.
pub async fn post_bytes(address: SocketAddr, path: &str, headers: &[&str], body: &[u8]) -> Page {
    exchange(address, &format!("POST {path}"), headers, body).await
}

async fn send(address: SocketAddr, what: &str, headers: &[&str], body: &str) -> Page {
    exchange(address, what, headers, body.as_bytes()).await
}

async fn exchange(address: SocketAddr, what: &str, headers: &[&str], body: &[u8]) -> Page {
    let request = [head(what, headers).as_bytes(), body].concat();
    let bytes = within("an answer", async {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        stream.write_all(&request).await.expect("the server reads");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("the server answers and closes");
        bytes
    })
    .await;
    let path = what.split_once(' ').map_or("", |(_, path)| path);
    Page::parse(path, &bytes)
}

fn head(what: &str, headers: &[&str]) -> String {
    let mut head = format!("{what} HTTP/1.1\r\nconnection: close\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head
}

impl Page {
    fn parse(path: &str, bytes: &[u8]) -> Self {
        Self::try_parse(path, bytes).unwrap_or_else(|| panic!("no whole answer: {:?}", String::from_utf8_lossy(bytes)))
    }

    fn try_parse(path: &str, bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok())?;
        let mut page = Self { path: path.to_owned(), status, head, body: String::new(), n_bytes: bytes.len() };
        let body = &bytes[end + 4..];
        if page.header("content-encoding") == Some("gzip") {
            GzDecoder::new(body).read_to_string(&mut page.body).ok()?;
        } else {
            page.body = String::from_utf8_lossy(body).into_owned();
        }
        Some(page)
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        pairs.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// The text between `before` and the next `after`.
    #[must_use]
    pub fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(before)?;
        Some(rest.split_once(after)?.0)
    }

    /// The session's token, from the page's meta element.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.between("<meta name=\"livefloe\" content=\"", "\"")
    }

    /// What the page's element holds, without what is there for those who run no script: as the client does before it reads the page. Nothing where the
    /// page is not whole.
    #[must_use]
    pub fn content(&self) -> Option<String> {
        let (_, inner) = self.body.split_once("<div id=\"livefloe\" lf-c=\"0\">")?;
        let (inner, _) = inner.rsplit_once("</body>")?;
        let shared = "</div><form id=\"lf\" method=\"post\" hidden lf-post>";
        let (mut html, _) = inner.split_once(shared).or_else(|| inner.rsplit_once("</div>"))?;
        let mut bare = String::new();
        // Nothing that a page of a test writes itself has this attribute.
        while let Some(at) = html.find(" lf-post") {
            let start = html[..at].rfind('<')?;
            let end = at + html[at..].find('>')?;
            bare.push_str(&html[..start]);
            if html[start..].starts_with("<input type=\"hidden\"") {
                html = &html[end + 1..];
                continue;
            }
            // What was written before the element's own attributes, with what it was.
            let (_, own) = html[at + 1..].split_once("=\"").and_then(|(_, rest)| rest.split_once('"'))?;
            bare.push_str(html[start..].split_once(' ')?.0);
            html = own;
        }
        Some(bare + html)
    }

    /// Where the page's socket is: beside its script.
    #[must_use]
    pub fn socket_path(&self) -> Option<String> {
        let (before, _) = self.body.split_once("livefloe.js\"")?;
        Some(self.resolve(&format!("{}socket", before.rsplit('"').next()?)))
    }

    /// The path that an address in the page leads to, as a browser has it that asked for this path.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> String {
        resolve(&self.path, reference)
    }
}

/// The path that an address leads to which stands in the page at `path`, as a browser has it.
#[must_use]
pub fn resolve(path: &str, reference: &str) -> String {
    if reference.starts_with('/') {
        return reference.to_owned();
    }
    let path = path.split('?').next().unwrap_or_default();
    let mut parts: Vec<_> = path.split('/').collect();
    parts.pop();
    let mut rest = reference.split('/').peekable();
    while let Some(part) = rest.next() {
        match part {
            ".." if parts.len() > 1 => _ = parts.pop(),
            "." | ".." => {}
            part => parts.push(part),
        }
        if rest.peek().is_none() && matches!(part, "." | "..") {
            parts.push("");
        }
    }
    parts.join("/")
}
