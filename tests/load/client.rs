//! A WebSocket client that costs as little as possible: a generator that is slower than the server measures itself.
//!
//! Frames are masked with zeros, which the protocol allows and which saves the masking; buffers are 4 KiB.

use std::{
    io::{Error, Result},
    net::SocketAddr,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

const BUFFER: usize = 4_096;

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    incoming: Vec<u8>,
    /// What is unread in `incoming`.
    start: usize,
    outgoing: Vec<u8>,
}

/// Connects; with many connections from one address ports would run out, so `number` chooses among loopback addresses.
async fn connect(address: SocketAddr, number: usize) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if address.ip().is_loopback() {
        let last = u8::try_from(1 + number % 8).unwrap_or(1);
        socket.bind(([127, 0, 0, last], 0).into())?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Gets a path over a connection of its own; status line, headers and body. `headers` are whole lines.
pub(crate) async fn get(address: SocketAddr, path: &str, headers: &str, number: usize) -> Result<Vec<u8>> {
    let mut stream = connect(address, number).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

impl Client {
    pub(crate) async fn open(address: SocketAddr, path: &str, number: usize) -> Result<Self> {
        let mut stream = connect(address, number).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: livefloe.3\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut client = Self { stream, incoming: Vec::with_capacity(BUFFER), start: 0, outgoing: Vec::with_capacity(BUFFER) };
        loop {
            if let Some(end) = client.incoming.windows(4).position(|four| four == b"\r\n\r\n") {
                if !client.incoming.starts_with(b"HTTP/1.1 101") {
                    return Err(Error::other(String::from_utf8_lossy(&client.incoming).into_owned()));
                }
                client.start = end + 4;
                return Ok(client);
            }
            client.fill().await?;
        }
    }

    /// Sends a frame of at most 125 bytes.
    pub(crate) async fn send(&mut self, payload: &[u8]) -> Result<()> {
        let length = u8::try_from(payload.len()).ok().filter(|length| *length <= 125).ok_or_else(|| Error::other("a short frame"))?;
        self.outgoing.clear();
        self.outgoing.extend_from_slice(&[0x82, 0x80 | length, 0, 0, 0, 0]);
        self.outgoing.extend_from_slice(payload);
        self.stream.write_all(&self.outgoing).await
    }

    /// The payload of the next frame.
    pub(crate) async fn receive(&mut self) -> Result<&[u8]> {
        loop {
            if let Some((start, end)) = frame(&self.incoming[self.start..])? {
                let payload = self.start + start..self.start + end;
                self.start += end;
                return Ok(&self.incoming[payload]);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<()> {
        self.incoming.drain(..self.start);
        self.start = 0;
        self.incoming.reserve(BUFFER.saturating_sub(self.incoming.len()).max(1));
        match self.stream.read_buf(&mut self.incoming).await? {
            0 => Err(Error::other("the server closed")),
            _ => Ok(()),
        }
    }
}

/// Where the payload of a whole frame from the server begins and ends.
fn frame(bytes: &[u8]) -> Result<Option<(usize, usize)>> {
    let &[first, short, ref rest @ ..] = bytes else { return Ok(None) };
    if first & 0x0f == 8 {
        return Err(Error::other(format!("the server closed: {:?}", String::from_utf8_lossy(rest))));
    }
    let long = |n: usize| rest.get(..n).map(|bytes| bytes.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte)));
    let (start, length) = match short {
        126 => (4, long(2)),
        127 => (10, long(8)),
        _ => (2, Some(usize::from(short))),
    };
    Ok(length.map(|length| (start, start + length)).filter(|(_, end)| *end <= bytes.len()))
}
