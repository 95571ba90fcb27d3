//! [`StreamLine`]: the client's half of a stream, over plain connections.

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use livefloe::protocol::wire::put_length;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{Page, post_bytes, within};

/// A stream, and what is posted for it.
#[derive(Debug)]
pub struct StreamLine {
    address: SocketAddr,
    /// Where both are: `/livefloe/VERSION/`.
    folder: String,
    stream: Option<TcpStream>,
    /// What was read and is not done with: the answer's head and chunks, and what they hold.
    raw: Vec<u8>,
    text: String,
    head: Option<String>,
    name: String,
    batch: u64,
    status: u16,
    /// The header that says whose it is, with the end of its line.
    user: String,
}

impl StreamLine {
    /// One that opens with its first frame, beside this socket.
    #[must_use]
    pub fn new(address: SocketAddr, socket_path: &str) -> Self {
        let folder = socket_path.strip_suffix("socket").expect("the path of a socket").to_owned();
        let (stream, head, raw, text) = (None, None, Vec::new(), String::new());
        Self { address, folder, stream, raw, text, head, name: String::new(), batch: 0, status: 0, user: String::new() }
    }

    /// The same for a user.
    #[must_use]
    pub fn of(mut self, user: &str) -> Self {
        self.user = format!("user: {user}\r\n");
        self
    }

    /// Posts to another node from now on; the stream stays where it is.
    pub fn post_to(&mut self, address: SocketAddr) {
        self.address = address;
    }

    /// The same after the answer was left, as by a page that goes.
    #[must_use]
    pub fn left(mut self) -> Self {
        self.stream = None;
        self
    }

    /// What the server calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The last batch's number, and the status of its answer.
    #[must_use]
    pub fn posted(&self) -> (u64, u16) {
        (self.batch, self.status)
    }

    /// The head of the answer that the stream is.
    #[must_use]
    pub fn head(&self) -> &str {
        self.head.as_deref().expect("an answer")
    }

    /// Sends a frame: the join, or a batch of its own.
    pub async fn send(&mut self, frame: &[u8]) {
        if self.stream.is_none() {
            let mut stream = within("a connection", TcpStream::connect(self.address)).await.expect("the server listens");
            let [host, origin] = self.own_headers();
            let length = frame.len();
            let path = format!("{}stream", self.folder);
            let user = &self.user;
            let head = format!(
                "POST {path} HTTP/1.1\r\n{host}\r\n{origin}\r\n{user}content-type: application/octet-stream\r\ncontent-length: {length}\r\n\r\n"
            );
            within("room to write", stream.write_all(&[head.as_bytes(), frame].concat())).await.expect("the server reads");
            self.stream = Some(stream);
            return;
        }
        self.batch += 1;
        self.status = self.post(self.batch, &pack(&[frame])).await.status;
    }

    /// Posts a batch under any number.
    pub async fn post(&self, number: u64, batch: &[u8]) -> Page {
        let [host, origin] = self.own_headers();
        let names = [format!("livefloe-stream: {}", self.name), format!("livefloe-batch: {number}")];
        self.post_with(&[&host, &origin, &names[0], &names[1], "content-type: application/octet-stream"], batch).await
    }

    /// Posts with these headers.
    pub async fn post_with(&self, headers: &[&str], batch: &[u8]) -> Page {
        let length = format!("content-length: {}", batch.len());
        post_bytes(self.address, &format!("{}frames", self.folder), &[headers, &[&length]].concat(), batch).await
    }

    fn own_headers(&self) -> [String; 2] {
        [format!("host: {}", self.address), format!("origin: http://{}", self.address)]
    }

    /// The next frame, or the code with which the server closed; 1006 where it gave none.
    ///
    /// # Errors
    /// When the stream has ended.
    pub async fn next(&mut self) -> Result<Vec<u8>, u16> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if event.starts_with(':') {
                    continue;
                }
                match event.split_once('\n') {
                    None => {
                        let data = event.strip_prefix("data:").unwrap_or_else(|| panic!("no event: {event}"));
                        return Ok(STANDARD.decode(data).unwrap_or_else(|error| panic!("{error}: {event}")));
                    }
                    Some(("event:open", data)) => data["data:".len()..].clone_into(&mut self.name),
                    Some(("event:close", data)) => {
                        let code = data["data:".len()..].split(' ').next();
                        return Err(code.and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no code: {event}")));
                    }
                    Some(_) => panic!("another event: {event}"),
                }
            }
            let stream = self.stream.as_mut().expect("open");
            let n_bytes = stream.read_buf(&mut self.raw).await.unwrap_or_default();
            self.unchunk();
            if n_bytes == 0 || self.head.as_ref().is_some_and(|head| !head.starts_with("HTTP/1.1 200")) {
                return Err(1006);
            }
        }
    }

    /// Moves whole chunks from what was read to the text.
    fn unchunk(&mut self) {
        if self.head.is_none() {
            let Some(end) = self.raw.windows(4).position(|four| four == b"\r\n\r\n") else { return };
            self.head = Some(String::from_utf8_lossy(&self.raw[..end]).into_owned());
            self.raw.drain(..end + 4);
        }
        while let Some(end) = self.raw.windows(2).position(|two| two == b"\r\n") {
            let length = std::str::from_utf8(&self.raw[..end]).ok().and_then(|length| usize::from_str_radix(length, 16).ok());
            let length = length.unwrap_or_else(|| panic!("no chunk: {:?}", String::from_utf8_lossy(&self.raw[..end])));
            if length == 0 || self.raw.len() < end + 2 + length + 2 {
                return;
            }
            self.text.push_str(std::str::from_utf8(&self.raw[end + 2..end + 2 + length]).expect("events are ASCII"));
            self.raw.drain(..end + 2 + length + 2);
        }
    }
}

/// A batch of these frames.
#[must_use]
pub fn pack(frames: &[&[u8]]) -> Vec<u8> {
    let mut batch = Vec::new();
    for frame in frames {
        put_length(frame.len(), &mut batch);
        batch.extend_from_slice(frame);
    }
    batch
}
