//! Files that people send: whole or not at all, for whom they were asked from and nobody else, counted, and gone when they are done with.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use livefloe::{
    App, Component, Cx, Invalid, Limits, Markup, Upload, html,
    widget::{file_field, text_field},
};
use livefloe_tests::{Page, Sending, TestBrowser, TestServer, eventually, post_bytes};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[derive(Default, Serialize, Deserialize)]
struct Desk {
    said: String,
    kept: Option<Upload>,
}

#[derive(Deserialize)]
struct Sent {
    text: String,
    file: Option<Upload>,
    #[serde(default)]
    files: Vec<Upload>,
}

impl Component for Desk {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            form id="form" lf-submit=(cx.form(Self::sent)) {
                (text_field("Text", "text").id("text"))
                (file_field("File", "file", cx.uploads()).id("file").max_bytes(1_000).accept("text/*,.bin"))
                (file_field("Files", "files", cx.uploads()).id("files").max_files(3))
            }
            (file_field("Kept", "kept", cx.uploads()).id("kept").on_change(cx.value(Self::keep)))
            button id="drop" lf-click=(cx.on(Self::drop)) { "drop" }
            button id="fail" lf-click=(cx.on(Self::fail)) { "fail" }
            button id="read" lf-click=(cx.on(Self::read)) { "read" }
            p id="said" { (self.said) }
        }
    }
}

impl Desk {
    async fn sent(&mut self, Sent { text, file, files }: Sent) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if text == "bad" {
            return Err(Invalid::field("text", "is bad").into());
        }
        self.said = text;
        for upload in file.iter().chain(&files) {
            let bytes = upload.bytes().await?;
            _ = write!(self.said, " {}:{}:{}:{}", upload.name(), upload.content_type(), upload.size(), checksum(&bytes));
        }
        Ok(())
    }

    fn keep(&mut self, upload: Option<Upload>) {
        self.said = upload.as_ref().map_or("none".to_owned(), |upload| format!("kept {}", upload.name()));
        self.kept = upload;
    }

    fn drop(&mut self) {
        self.kept = None;
        "dropped".clone_into(&mut self.said);
    }

    fn fail(&mut self) -> Result<(), &'static str> {
        self.kept = None;
        Err("failed")
    }

    async fn read(&mut self) -> std::io::Result<()> {
        let bytes = self.kept.as_ref().map(Upload::bytes).expect("there is one").await?;
        self.said = format!("read {}", checksum(&bytes));
        Ok(())
    }
}

/// Enough to tell files of a test apart.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(7, |sum, byte| u32::wrapping_mul(sum, 31).wrapping_add(u32::from(*byte)))
}

fn some_bytes(n_bytes: usize) -> Vec<u8> {
    (0..n_bytes).map(|at| u8::try_from((at * 7 + at / 251) % 256).unwrap_or_default()).collect()
}

struct Place {
    server: TestServer,
    folder: TempDir,
    metrics: livefloe::Metrics,
}

impl Place {
    async fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::new().page("/", Desk::default).limits(limits).upload_folder(folder.path());
        let metrics = app.metrics();
        Self { server: TestServer::start(app).await, folder, metrics }
    }

    /// Files that are there, without the lock.
    fn n_files(&self) -> usize {
        n_files(self.folder.path())
    }

    async fn until_empty(&self) {
        eventually("all files to be gone", async || self.n_files() == 0 && self.metrics.figures().stored_upload_bytes == 0).await;
    }
}

fn n_files(folder: &Path) -> usize {
    let folders = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    folders.map(|folder| fs::read_dir(folder).map_or(0, |files| files.count().saturating_sub(1))).sum()
}

/// Submits the form with these values of its own.
async fn submit(browser: &mut TestBrowser, payload: &str) -> Option<livefloe_tests::Refusal> {
    let action = browser.action("form", "lf-submit");
    let event = browser.act(&action, payload).await;
    browser.settled(event).await
}

async fn change(browser: &mut TestBrowser, payload: &str) -> Option<livefloe_tests::Refusal> {
    let action = browser.action("kept", "lf-change");
    let event = browser.act(&action, payload).await;
    browser.settled(event).await
}

fn whole(page: &Page) -> String {
    assert_eq!(page.status, 200, "{} {}", page.head, page.body);
    assert!(page.body.starts_with("lfu-"), "{}", page.body);
    page.body.clone()
}

#[tokio::test]
async fn a_file_comes_to_the_form_that_asked_for_it_and_goes_when_that_is_done_with_it() {
    let place = Place::new(Limits::default()).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let bytes = some_bytes(1_000);
    let one = whole(&Sending::to(&browser, "file", "%C3%9Cbung%20(1).txt", &bytes).send().await);
    let large = some_bytes(3_000_000);
    let two = whole(&Sending::to(&browser, "files", "a", &large).send().await);
    let three = whole(&Sending::to(&browser, "files", "b", b"").send().await);
    assert_eq!((place.n_files(), place.metrics.figures().stored_upload_bytes), (3, 3_001_000));
    assert_eq!(submit(&mut browser, &format!("text=hi&file={one}&files={two}&files={three}")).await, None);
    let said = format!("hi Übung (1).txt:text/plain:1000:{} a:text/plain:3000000:{} b:text/plain:0:7", checksum(&bytes), checksum(&large));
    browser.shows("said", &said).await;
    place.until_empty().await;
    // Each once.
    assert_eq!(
        submit(&mut browser, &format!("text=again&file={one}")).await.unwrap().fields,
        [("file".to_owned(), "expected a file".to_owned())]
    );
    let figures = place.metrics.figures();
    assert_eq!((figures.uploads, figures.upload_bytes, figures.uploads_cut, figures.uploads_refused), (3, 3_001_000, 0, 0));
}

#[tokio::test]
async fn a_form_without_files_says_so() {
    let place = Place::new(Limits::default()).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    assert_eq!(submit(&mut browser, "text=a").await, None);
    browser.shows("said", "a").await;
    assert_eq!(submit(&mut browser, "text=lfu-").await.unwrap().fields.len(), 1, "no text that was typed, though it looks so");
    assert_eq!(change(&mut browser, "kept=lfu-").await, None);
    browser.shows("said", "none").await;
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_its_files() {
    let place = Place::new(Limits::default()).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let one = whole(&Sending::to(&browser, "file", "a.txt", b"abc").send().await);
    assert_eq!(submit(&mut browser, &format!("text=bad&file={one}")).await.unwrap().fields[0].0, "text");
    assert_eq!(submit(&mut browser, &format!("file={one}")).await.unwrap().fields[0].0, "text", "is missing");
    assert_eq!(submit(&mut browser, &format!("text=good&file={one}")).await, None);
    browser.shows("said", &format!("good a.txt:text/plain:3:{}", checksum(b"abc"))).await;
    place.until_empty().await;
}

#[tokio::test]
async fn what_a_state_keeps_stays_over_undo_and_reload_until_that_lets_go() {
    let place = Place::new(Limits::default()).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let one = whole(&Sending::to(&browser, "kept", "a.txt", b"abc").send().await);
    assert_eq!(change(&mut browser, &format!("kept={one}")).await, None);
    browser.shows("said", "kept a.txt").await;
    for _ in 0..3 {
        assert!(browser.click_and_settle("fail").await.is_some(), "it let go of the file, and that was undone");
    }
    let mut browser = browser.reload("/").await;
    browser.join().await;
    browser.shows("said", "kept a.txt").await;
    assert_eq!(browser.click_and_settle("read").await, None);
    browser.shows("said", &format!("read {}", checksum(b"abc"))).await;
    assert_eq!(place.n_files(), 1);
    browser.click_and_settle("drop").await;
    place.until_empty().await;
}

#[tokio::test]
async fn a_session_that_ends_leaves_nothing() {
    let limits = Limits { detached_time: Duration::from_millis(50), ..Limits::default() };
    let place = Place::new(limits).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let one = whole(&Sending::to(&browser, "kept", "a", b"abc").send().await);
    whole(&Sending::to(&browser, "kept", "b", b"abc").send().await);
    assert_eq!(change(&mut browser, &format!("kept={one}")).await, None);
    let cut = Sending::to(&browser, "files", "c", &some_bytes(5_000));
    let _half = cut.begin(0, 3_000).await;
    eventually("the half", async || place.n_files() == 3).await;
    browser.disconnect();
    place.until_empty().await;
    assert_eq!(cut.send().await.status, 410);
    assert_eq!(place.n_files(), 0);
}

#[tokio::test]
async fn an_upload_cut_at_any_byte_goes_on_or_leaves_nothing() {
    let limits = Limits { upload_time: Duration::from_millis(200), ..Limits::default() };
    let place = Place::new(limits).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let bytes = some_bytes(2_000);
    let length = Sending::to(&browser, "files", "a", &bytes).request(0).len();
    for cut in (0..length).step_by(97).chain([length - 1]) {
        let sending = Sending::to(&browser, "files", "a", &bytes);
        drop(sending.begin(0, cut).await);
        // Whatever has come of it, the rest brings it to its end, and never twice.
        let so_far = sending.ask().await;
        assert_eq!(so_far.status, 202, "cut at {cut}: {}", so_far.body);
        let received = so_far.header("livefloe-offset").unwrap().parse::<usize>().unwrap();
        assert!(received < bytes.len());
        if cut % 2 == 0 {
            let one = whole(&to_the_end(&sending, bytes.len() - 1).await);
            assert_eq!(whole(&sending.send().await), one, "sent once more");
            assert_eq!(submit(&mut browser, &format!("text=x&files={one}")).await, None);
            browser.shows("said", &format!("x a:text/plain:2000:{}", checksum(&bytes))).await;
        }
    }
    place.until_empty().await;
    assert_eq!(browser.click_and_settle("drop").await, None, "the session lives on");
}

/// Sends the rest, as far as the server has it: what was cut off may still be arriving.
async fn to_the_end(sending: &Sending, mut offset: usize) -> Page {
    loop {
        let answer = sending.send_from(offset).await;
        match answer.header("livefloe-offset") {
            Some(received) => offset = received.parse().expect("a number"),
            None => return answer,
        }
    }
}

#[tokio::test]
async fn nobody_sees_half_a_file() {
    let place = Place::new(Limits::default()).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let sending = Sending::to(&browser, "files", "a", &some_bytes(100_000));
    let request = sending.request(0);
    let mut stream = sending.begin(0, request.len() - 1).await;
    eventually("the half", async || place.n_files() == 1).await;
    // Its name is not known before its end, and what the client calls it means nothing to an event.
    let guess = format!("lfu-{}", "A".repeat(22));
    assert_eq!(submit(&mut browser, &format!("text=x&files={guess}")).await.unwrap().fields[0].1, "expected a file");
    stream.write_all(&request[request.len() - 1..]).await.unwrap();
    let mut answer = vec![0; 4096];
    let n_bytes = stream.read(&mut answer).await.unwrap();
    assert!(String::from_utf8_lossy(&answer[..n_bytes]).contains("lfu-"));
}

#[tokio::test]
async fn a_client_that_comes_back_need_not_wait_for_the_connection_that_hangs() {
    let place = Place::new(Limits::default()).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    let sending = Sending::to(&browser, "files", "a", &some_bytes(100_000));
    let _hangs = sending.begin(0, 50_000).await;
    eventually("some of it", async || place.n_files() == 1).await;
    whole(&to_the_end(&sending, 0).await);
}

#[tokio::test]
async fn a_sender_who_brings_next_to_nothing_is_cut_off() {
    let limits = Limits { upload_time: Duration::from_millis(200), ..Limits::default() };
    let place = Place::new(limits).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    let sending = Sending::to(&browser, "files", "a", &some_bytes(1_000_000));
    let head = sending.request(0).len() - 1_000_000;
    let mut stream = sending.begin(0, head).await;
    let mut drops = tokio::time::interval(Duration::from_millis(10));
    let dripping = async {
        while stream.write_all(b"x").await.is_ok() {
            _ = drops.tick().await;
        }
    };
    let cut = eventually("to be cut", async || place.metrics.figures().uploads_cut == 1);
    tokio::select! { () = dripping => {}, () = cut => {} }
    place.until_empty().await;
}

#[tokio::test]
async fn a_ticket_is_for_one_control_of_one_session() {
    let place = Place::new(Limits::default()).await;
    let mut ada = TestBrowser::open(&place.server, "/").await;
    let mut ben = TestBrowser::open(&place.server, "/").await;
    let of_ada = whole(&Sending::to(&ada, "files", "a.txt", b"abc").send().await);
    // Another session's file, another control's, another handler's.
    for (payload, field) in [(format!("text=x&files={of_ada}"), "files"), (format!("text=x&file={of_ada}"), "file")] {
        assert_eq!(submit(&mut ben, &payload).await.unwrap().fields, [(field.to_owned(), "expected a file".to_owned())]);
    }
    assert_eq!(submit(&mut ada, &format!("text=x&file={of_ada}")).await.unwrap().fields[0].1, "expected a file");
    assert!(change(&mut ada, &format!("kept={of_ada}")).await.is_some());
    assert!(change(&mut ada, &format!("files={of_ada}")).await.is_none(), "a control may be called anything: it is the name that counts");
    // What looks like a file and is none; a path is none.
    for value in
        ["/etc/passwd", "lfu-", "lfu-..%2f..%2fetc%2fpasswd", "%7B%22path%22%3A%22%2Fetc%2Fpasswd%22%7D", "file%3A%2F%2F%2Fetc%2Fpasswd"]
    {
        let refused = submit(&mut ben, &format!("text=x&file={value}")).await;
        assert_eq!(refused.is_none(), value == "lfu-", "{value}");
    }
}

#[tokio::test]
async fn a_ticket_that_is_none_or_somebody_elses_brings_nothing() {
    let place = Place::new(Limits::default()).await;
    let other = Place::new(Limits::default()).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    let foreign = TestBrowser::open(&other.server, "/").await;
    let right = Sending::to(&browser, "file", "a.txt", b"abc");
    let mut forged = right.ticket.clone();
    forged.replace_range(30..31, if &forged[30..31] == "A" { "B" } else { "A" });
    for ticket in [String::new(), "A".to_owned(), forged, Sending::to(&foreign, "file", "a", b"").ticket, right.ticket[1..].to_owned()] {
        let answer = Sending { ticket, ..right.clone() }.send().await;
        assert_eq!(answer.status, 400, "{}", answer.body);
    }
    // No form, no other site's page, and nobody without a number of their own.
    let headers = right.headers(Some(0), 3);
    for (replaced, by, status) in [
        ("content-type", "content-type: text/plain", 400),
        ("content-type", "content-type: multipart/form-data; boundary=x", 400),
        ("origin", "origin: http://evil.test", 403),
        ("origin", "origin: null", 403),
        ("livefloe-nonce", "livefloe-nonce: AAAA", 400),
        ("livefloe-size", "livefloe-size: -1", 400),
        ("livefloe-size", "livefloe-size: 99999999999999999999", 400),
        ("livefloe-size", "livefloe-size: 18446744073709551615", 413),
        ("livefloe-offset", "livefloe-offset: x", 400),
        ("livefloe-offset", "livefloe-offset: 1", 409),
    ] {
        let headers: Vec<_> = headers.iter().map(|header| if header.starts_with(replaced) { by } else { header }).collect();
        let answer = post_bytes(right.address, &right.path, &headers, b"abc").await;
        assert_eq!(answer.status, status, "{by}: {}", answer.body);
    }
    assert_eq!(place.server.get(&right.path).await.status, 405);
    assert_eq!(whole(&right.send().await).len(), 26);
}

#[tokio::test]
async fn what_was_said_holds() {
    let place = Place::new(Limits::default()).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    let right = Sending::to(&browser, "file", "a.txt", b"abc");
    for (sending, status, words) in [
        (Sending { bytes: some_bytes(1_001), ..right.clone() }, 413, "expected at most 1 kB, got 1 kB"),
        (Sending { bytes: some_bytes(12_345), ..right.clone() }, 413, "expected at most 1 kB, got 12.3 kB"),
        (Sending { kind: "image/png".to_owned(), ..right.clone() }, 415, "expected a file of the kind text/*,.bin"),
        (Sending { kind: String::new(), name: "a.bin.exe".to_owned(), ..right.clone() }, 415, "expected a file of the kind text/*,.bin"),
    ] {
        for answer in [sending.ask().await, sending.send().await] {
            assert_eq!((answer.status, answer.body.as_str()), (status, words));
        }
    }
    let named = Sending { kind: String::new(), name: "A.BIN".to_owned(), ..right.clone() };
    whole(&named.send().await);
    // More than was said is nothing, and the same number for something else is refused.
    let more = Sending { nonce: [9; 16], ..right.clone() };
    let headers: Vec<_> = more.headers(Some(0), 4);
    let answer = post_bytes(more.address, &more.path, &headers.iter().map(String::as_str).collect::<Vec<_>>(), b"abcd").await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    whole(&more.send().await);
    assert_eq!(Sending { bytes: b"abcd".to_vec(), ..more }.send().await.status, 422);
    assert_eq!(place.n_files(), 2);
}

#[tokio::test]
async fn names_from_hell_are_names() {
    let place = Place::new(Limits::default()).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let long = "x".repeat(5_000);
    let names = [
        "..%2F..%2Fetc%2Fpasswd",
        "%00",
        "a%00.txt",
        ".",
        "..",
        "",
        "%2Fetc%2Fshadow",
        "C:%5Cx",
        "CON",
        "%E2%80%AEgpj.exe",
        "%FF%FE",
        "%",
        "a%0D%0ASet-Cookie:%20x",
        "'%3B%20DROP%20TABLE",
        "%3Cscript%3E",
        long.as_str(),
    ];
    for name in names {
        let one = whole(&Sending::to(&browser, "files", name, b"abc").send().await);
        assert_eq!(submit(&mut browser, &format!("text=x&files={one}")).await, None, "{name}");
        let said = browser.dom().text("said").unwrap();
        let shown = said.split(':').next().unwrap();
        assert!(!shown.contains(['/', '\\', '\0', '\r', '\n', '\u{202e}']) && shown.len() <= 2 + 255, "{name}: {shown}");
    }
    place.until_empty().await;
}

#[tokio::test]
async fn more_files_than_a_control_takes_are_refused() {
    let place = Place::new(Limits::default()).await;
    let mut browser = TestBrowser::open(&place.server, "/").await;
    let mut references = Vec::new();
    for _ in 0..4 {
        references.push(whole(&Sending::to(&browser, "files", "a", b"a").send().await));
    }
    let named = |count: usize| format!("text=x&files={}", references[..count].join("&files="));
    assert_eq!(submit(&mut browser, &named(4)).await.unwrap().fields, [("files".to_owned(), "expected at most 3 files, got 4".to_owned())]);
    let one: Vec<_> = references[..2].iter().map(|reference| format!("kept={reference}")).collect();
    assert!(change(&mut browser, &one.join("&")).await.is_some());
    assert_eq!(submit(&mut browser, &named(3)).await, None);
}

#[tokio::test]
async fn a_session_has_as_many_files_and_bytes_as_it_may() {
    let limits = Limits { max_uploads_per_session: 3, max_upload_bytes_per_session: 1_000, ..Limits::default() };
    let place = Place::new(limits).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    whole(&Sending::to(&browser, "files", "a", &some_bytes(600)).send().await);
    let large = Sending::to(&browser, "files", "a", &some_bytes(401)).send().await;
    assert_eq!((large.status, large.body.as_str()), (429, "there is too much in all files together"));
    for _ in 0..2 {
        whole(&Sending::to(&browser, "files", "a", b"a").send().await);
    }
    let more = Sending::to(&browser, "files", "a", b"a").send().await;
    assert_eq!((more.status, more.body.as_str()), (429, "there are too many files already"));
    let other = TestBrowser::open(&place.server, "/").await;
    whole(&Sending::to(&other, "files", "a", &some_bytes(600)).send().await);
    let limited = place.metrics.figures().limited;
    assert_eq!((limited.max_uploads_per_session, limited.max_upload_bytes_per_session), (1, 1));
}

#[tokio::test]
async fn all_sessions_together_have_as_much_as_there_may_be() {
    let limits = Limits { max_total_upload_bytes: 1_000, max_upload_bytes: 900, ..Limits::default() };
    let place = Place::new(limits).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    assert_eq!(browser.dom().attribute("files", "max-bytes"), Some("900"), "the browser knows before it sends");
    whole(&Sending::to(&browser, "files", "a", &some_bytes(800)).send().await);
    let mut other = TestBrowser::open(&place.server, "/").await;
    let sending = Sending::to(&other, "files", "a", &some_bytes(201));
    assert_eq!((sending.send().await.status, place.n_files()), (507, 1));
    let one = whole(&Sending::to(&other, "files", "a", &some_bytes(200)).send().await);
    assert_eq!(submit(&mut other, &format!("text=x&files={one}")).await, None);
    eventually("room", async || place.metrics.figures().stored_upload_bytes == 800).await;
    whole(&Sending::to(&other, "files", "b", &some_bytes(200)).send().await);
}

#[tokio::test]
async fn ten_thousand_tiny_files_are_bounded_and_leave_nothing() {
    let limits = Limits { max_uploads_per_session: 500, upload_kept_time: Duration::from_millis(300), ..Limits::default() };
    let place = Place::new(limits).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    let first = Sending::to(&browser, "files", "a", b"a");
    let mut stream = first.begin(0, 0).await;
    let (mut reader, mut writer) = stream.split();
    let sending = async {
        for number in 0..10_000_u64 {
            let mut sending = first.clone();
            sending.nonce[8..].copy_from_slice(&(number + 1).to_be_bytes());
            writer.write_all(&sending.request(0)).await.unwrap();
        }
    };
    let answers = async {
        let (mut text, mut n_answers, mut buffer) = (Vec::new(), 0, vec![0; 64 * 1024]);
        while n_answers < 10_000 {
            let n_bytes = reader.read(&mut buffer).await.unwrap();
            assert!(n_bytes > 0, "closed after {n_answers}");
            text.extend_from_slice(&buffer[..n_bytes]);
            let whole = text.windows(9).filter(|nine| nine == b"HTTP/1.1 ").count();
            n_answers += whole.saturating_sub(1);
            let last = text.windows(9).rposition(|nine| nine == b"HTTP/1.1 ").unwrap_or(0);
            // The last one counts when its body is there.
            let is_over = n_answers == 9_999 && (text[last..].ends_with(b"already") || text[last..].windows(4).any(|four| four == b"lfu-"));
            n_answers += usize::from(is_over);
            text.drain(..last);
        }
    };
    tokio::join!(sending, answers);
    assert!(place.n_files() <= 500);
    place.until_empty().await;
}

#[tokio::test]
async fn nowhere_to_write_is_said_and_the_server_lives() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let server = TestServer::start(App::new().page("/", Desk::default).upload_folder(file.join("no"))).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let answer = Sending::to(&browser, "file", "a.txt", b"abc").send().await;
    assert_eq!((answer.status, answer.body.as_str()), (507, "the server has no room for this file at present"));
    assert_eq!(submit(&mut browser, "text=x").await, None);
}

#[tokio::test]
async fn the_folder_goes_with_the_server() {
    let place = Place::new(Limits::default()).await;
    let browser = TestBrowser::open(&place.server, "/").await;
    whole(&Sending::to(&browser, "files", "a", b"a").send().await);
    let Place { server, folder, .. } = place;
    drop(browser);
    server.stop().await;
    eventually("the folder to be gone", async || fs::read_dir(folder.path()).unwrap().count() == 0).await;
}
