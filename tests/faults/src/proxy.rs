//! [`FaultProxy`]: a way to a server that fails as networks do: late, uneven, slow, in single bytes, with bits flipped, in one direction only, cut after
//! a certain byte, or gone without a word.

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe_tests::Chance;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

/// What happens to bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Faults {
    /// Each chunk comes so much later,
    pub(crate) delay: Duration,
    /// and up to so much more by chance, in order still.
    pub(crate) jitter: Duration,
    /// At most so many bytes a second, of all connections together. 0: as many as there are.
    pub(crate) bytes_per_s: u64,
    /// Each segment has so many bytes at most. 0: as they come.
    pub(crate) segment: usize,
    /// Of so many bytes one has a bit flipped, by chance. 0: none.
    pub(crate) flip_one_of: usize,
    /// Both directions are reset after so many bytes of this one.
    pub(crate) cut_after: Option<u64>,
    /// Nothing arrives, and nobody is told.
    pub(crate) is_dead: bool,
}

/// Both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ways {
    /// To the server.
    pub(crate) up: Faults,
    /// From it.
    pub(crate) down: Faults,
    /// New connections are refused.
    pub(crate) is_closed: bool,
}

/// Where it leads to.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A listener before a server. What it does to connections, open ones too, can change at any time.
#[derive(Debug)]
pub(crate) struct FaultProxy {
    address: SocketAddr,
    ways: Arc<watch::Sender<Ways>>,
    /// Counts up for each order to cut all that is open.
    cuts: Arc<watch::Sender<u64>>,
    counts: Arc<Counts>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Counts {
    n_open: AtomicUsize,
    n_accepted: AtomicUsize,
    up: AtomicU64,
    down: AtomicU64,
    /// When the next byte may go, in each direction, where bytes per second are bounded.
    free_at: [Mutex<Option<Instant>>; 2],
}

/// Bytes under way in one direction of one connection; who sends more waits, as with TCP.
const CHUNK: usize = 16 * 1024;
const CHUNKS: usize = 16;

impl FaultProxy {
    pub(crate) async fn start(target: Target, ways: Ways, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (ways, cuts, counts) = (Arc::new(watch::Sender::new(ways)), Arc::new(watch::Sender::new(0)), Arc::new(Counts::default()));
        let mut chance = Chance::new(seed);
        let shared = (Arc::clone(&ways), Arc::clone(&cuts), Arc::clone(&counts));
        let accepting = tokio::spawn(async move {
            let (ways, cuts, counts) = shared;
            while let Ok((near, _)) = listener.accept().await {
                if ways.borrow().is_closed {
                    reset(&near);
                    continue;
                }
                counts.n_accepted.fetch_add(1, Ordering::SeqCst);
                let carrying = carry(near, target.clone(), ways.subscribe(), cuts.subscribe(), Arc::clone(&counts), chance.number());
                tokio::spawn(carrying);
            }
        });
        Ok(Self { address, ways, cuts, counts, accepting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on.
    pub(crate) fn set(&self, ways: Ways) {
        self.ways.send_replace(ways);
    }

    /// Resets what is open.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Connections that were taken.
    pub(crate) fn n_accepted(&self) -> usize {
        self.counts.n_accepted.load(Ordering::SeqCst)
    }

    /// Connections that are open.
    pub(crate) fn n_open(&self) -> usize {
        self.counts.n_open.load(Ordering::SeqCst)
    }

    /// Bytes that arrived at the client.
    pub(crate) fn n_down(&self) -> u64 {
        self.counts.down.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

/// The other side hears of an error and not of an end.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

async fn carry(
    mut near: TcpStream,
    target: Target,
    ways: watch::Receiver<Ways>,
    mut cuts: watch::Receiver<u64>,
    counts: Arc<Counts>,
    seed: u64,
) {
    cuts.mark_unchanged();
    counts.n_open.fetch_add(1, Ordering::SeqCst);
    let _ = near.set_nodelay(true);
    // Reset where it was cut, and where nobody is there.
    match target {
        Target::Tcp(address) => match TcpStream::connect(address).await {
            Ok(mut far) => {
                let _ = far.set_nodelay(true);
                if both(near.split(), far.split(), ways, cuts, &counts, seed).await {
                    reset(&near);
                    reset(&far);
                }
            }
            Err(_) => reset(&near),
        },
        Target::Unix(path) => match UnixStream::connect(path).await {
            Ok(mut far) => {
                if both(near.split(), far.split(), ways, cuts, &counts, seed).await {
                    reset(&near);
                }
            }
            Err(_) => reset(&near),
        },
    }
    counts.n_open.fetch_sub(1, Ordering::SeqCst);
}

/// Carries both directions until both have ended; whether they were cut.
async fn both(
    near: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    far: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    ways: watch::Receiver<Ways>,
    mut cuts: watch::Receiver<u64>,
    counts: &Counts,
    seed: u64,
) -> bool {
    let up = Direction { ways: ways.clone(), is_up: true, chance: Chance::new(seed), counts };
    let down = Direction { ways, is_up: false, chance: Chance::new(seed ^ 1), counts };
    tokio::select! {
        ended = async { tokio::try_join!(up.run(near.0, far.1), down.run(far.0, near.1)) } => ended.is_err(),
        _ = cuts.changed() => true,
    }
}

/// The connection is to be reset.
#[derive(Debug)]
struct Cut;

enum Item {
    /// Not before this time.
    Bytes(Instant, Vec<u8>),
    Cut,
}

struct Direction<'a> {
    ways: watch::Receiver<Ways>,
    is_up: bool,
    chance: Chance,
    counts: &'a Counts,
}

impl Direction<'_> {
    fn faults(&self) -> Faults {
        let ways = self.ways.borrow();
        if self.is_up { ways.up } else { ways.down }
    }

    /// Until the source has ended, and the target was told so.
    async fn run(self, from: impl AsyncRead + Unpin, to: impl AsyncWrite + Unpin) -> Result<(), Cut> {
        let (sender, receiver) = mpsc::channel(CHUNKS);
        let counted = if self.is_up { &self.counts.up } else { &self.counts.down };
        let (ways, is_up) = (self.ways.clone(), self.is_up);
        tokio::try_join!(self.read(from, sender), write(receiver, to, ways, is_up, counted)).map(|_| ())
    }

    async fn read(mut self, mut from: impl AsyncRead + Unpin, sender: mpsc::Sender<Item>) -> Result<(), Cut> {
        let (mut chunk, mut n_read, mut last) = (vec![0; CHUNK], 0_u64, Instant::now());
        loop {
            let n = from.read(&mut chunk).await.map_err(|_| Cut)?;
            if n == 0 {
                return Ok(());
            }
            let faults = self.faults();
            let left = faults.cut_after.map_or(usize::MAX, |k| usize::try_from(k.saturating_sub(n_read)).unwrap_or(usize::MAX));
            let bytes = &mut chunk[..n.min(left)];
            n_read += n as u64;
            if faults.flip_one_of > 0 {
                for byte in bytes.iter_mut() {
                    if self.chance.below(faults.flip_one_of) == 0 {
                        *byte ^= 1 << self.chance.below(8);
                    }
                }
            }
            for segment in bytes.chunks(if faults.segment == 0 { CHUNK } else { faults.segment }) {
                // In order, however uneven.
                last = last.max(Instant::now() + faults.delay + self.chance.between(Duration::ZERO, faults.jitter));
                let at = self.paced(segment.len(), faults.bytes_per_s).map_or(last, |at| at.max(last));
                sender.send(Item::Bytes(at, segment.to_vec())).await.map_err(|_| Cut)?;
            }
            if left < n || faults.cut_after == Some(n_read) {
                sender.send(Item::Cut).await.map_err(|_| Cut)?;
                return std::future::pending().await;
            }
        }
    }

    /// When so many bytes are through, where their number per second is bounded.
    fn paced(&self, n: usize, bytes_per_s: u64) -> Option<Instant> {
        if bytes_per_s == 0 {
            return None;
        }
        let mut free_at = self.counts.free_at[usize::from(self.is_up)].lock().unwrap_or_else(PoisonError::into_inner);
        let micros = u64::try_from(n).unwrap_or(u64::MAX).saturating_mul(1_000_000) / bytes_per_s;
        let at = free_at.unwrap_or_else(Instant::now).max(Instant::now()) + Duration::from_micros(micros);
        *free_at = Some(at);
        Some(at)
    }
}

async fn write(
    mut receiver: mpsc::Receiver<Item>,
    mut to: impl AsyncWrite + Unpin,
    mut ways: watch::Receiver<Ways>,
    is_up: bool,
    counted: &AtomicU64,
) -> Result<(), Cut> {
    while let Some(item) = receiver.recv().await {
        let Item::Bytes(at, bytes) = item else { return Err(Cut) };
        sleep_until(at).await;
        // What comes while the way is dead arrives when it lives again, as what TCP sends again does.
        let alive = ways.wait_for(|ways| !if is_up { ways.up } else { ways.down }.is_dead).await.map(drop);
        alive.map_err(|_| Cut)?;
        to.write_all(&bytes).await.map_err(|_| Cut)?;
        counted.fetch_add(bytes.len() as u64, Ordering::SeqCst);
    }
    let _ = to.shutdown().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use livefloe_tests::{eventually, within};

    /// A server that says back what it hears, behind a proxy, and a connection to it.
    async fn echo(ways: Ways) -> (FaultProxy, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        let proxy = FaultProxy::start(Target::Tcp(address), ways, 7).await.unwrap();
        let stream = TcpStream::connect(proxy.address()).await.unwrap();
        (proxy, stream)
    }

    /// Everything that comes until the end, and whether it was a reset.
    async fn rest(stream: &mut TcpStream) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        let read = within("the end", async {
            let mut chunk = [0; 64];
            loop {
                match stream.read(&mut chunk).await {
                    Ok(0) => return false,
                    Ok(n) => bytes.extend_from_slice(&chunk[..n]),
                    Err(_) => return true,
                }
            }
        });
        let is_reset = read.await;
        (bytes, is_reset)
    }

    #[tokio::test]
    async fn without_faults_it_is_not_there() {
        let (proxy, mut stream) = echo(Ways::default()).await;
        stream.write_all(b"hello").await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(rest(&mut stream).await, (b"hello".to_vec(), false));
        assert_eq!((proxy.n_accepted(), proxy.n_down()), (1, 5));
        eventually("the connection to be forgotten", async || proxy.n_open() == 0).await;
    }

    #[tokio::test]
    async fn it_cuts_after_a_certain_byte_of_one_direction() {
        for k in [0, 1, 4] {
            let up = Ways { up: Faults { cut_after: Some(k), ..Faults::default() }, ..Ways::default() };
            let down = Ways { down: Faults { cut_after: Some(k), ..Faults::default() }, ..Ways::default() };
            let (proxy, mut stream) = echo(down).await;
            stream.write_all(b"hello").await.unwrap();
            let (_, is_reset) = rest(&mut stream).await;
            assert!(is_reset);
            assert_eq!(proxy.n_down(), k);
            let (proxy, mut stream) = echo(up).await;
            stream.write_all(b"hello").await.unwrap();
            assert!(rest(&mut stream).await.1);
            assert_eq!(proxy.counts.up.load(Ordering::SeqCst), k);
        }
    }

    #[tokio::test]
    async fn it_delays_splits_and_keeps_the_order() {
        let slow = Faults { delay: Duration::from_millis(20), jitter: Duration::from_millis(5), segment: 1, ..Faults::default() };
        let (_proxy, mut stream) = echo(Ways { up: slow, down: slow, is_closed: false }).await;
        let began = Instant::now();
        let sent: Vec<u8> = (0..100).collect();
        stream.write_all(&sent).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(rest(&mut stream).await, (sent, false));
        assert!(began.elapsed() >= Duration::from_millis(40));
    }

    #[tokio::test]
    async fn it_lets_so_many_bytes_through_in_a_second() {
        let narrow = Faults { bytes_per_s: 10_000, ..Faults::default() };
        let (_proxy, mut stream) = echo(Ways { down: narrow, ..Ways::default() }).await;
        let began = Instant::now();
        stream.write_all(&[1; 2_000]).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(rest(&mut stream).await.0.len(), 2_000);
        assert!(began.elapsed() >= Duration::from_millis(190));
    }

    #[tokio::test]
    async fn it_flips_bits() {
        let (_proxy, mut stream) = echo(Ways { up: Faults { flip_one_of: 10, ..Faults::default() }, ..Ways::default() }).await;
        stream.write_all(&[0; 1_000]).await.unwrap();
        stream.shutdown().await.unwrap();
        let (bytes, _) = rest(&mut stream).await;
        let n_flipped = bytes.iter().filter(|byte| **byte != 0).count();
        assert!(bytes.iter().all(|byte| byte.count_ones() < 2));
        assert!((50..150).contains(&n_flipped), "{n_flipped} of {}", bytes.len());
    }

    #[tokio::test]
    async fn a_dead_direction_holds_what_comes_and_tells_nobody() {
        let dead = Ways { down: Faults { is_dead: true, ..Faults::default() }, ..Ways::default() };
        let (proxy, mut stream) = echo(dead).await;
        stream.write_all(b"hello").await.unwrap();
        eventually("the server to hear it", async || proxy.counts.up.load(Ordering::SeqCst) == 5).await;
        assert_eq!(proxy.n_down(), 0);
        proxy.set(Ways::default());
        stream.shutdown().await.unwrap();
        assert_eq!(rest(&mut stream).await, (b"hello".to_vec(), false));
    }

    #[tokio::test]
    async fn all_that_is_open_is_cut_and_nothing_new_is_let_in() {
        let (proxy, mut stream) = echo(Ways::default()).await;
        stream.write_all(b"hello").await.unwrap();
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        proxy.set(Ways { is_closed: true, ..Ways::default() });
        proxy.cut();
        assert!(rest(&mut stream).await.1);
        let mut other = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(rest(&mut other).await.1);
    }
}
