//! The end of the server, and what keeps it from starting.

use livefloe::App;
use livefloe_tests::{Counter, TestBrowser, TestServer};
use tokio::net::TcpStream;

fn app() -> App {
    App::new().page("/", Counter::default)
}

#[tokio::test]
async fn sockets_are_told_that_the_server_goes() {
    let server = TestServer::start(app()).await;
    let address = server.address();
    let mut browsers = Vec::new();
    for _ in 0..10 {
        browsers.push(TestBrowser::open(&server, "/").await);
    }
    let unjoined = TestBrowser::load(&server, "/").await;
    let told = async {
        for browser in &mut browsers {
            assert_eq!(browser.closed().await, 1001);
        }
    };
    tokio::join!(server.stop(), told);
    drop(unjoined);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// As in a program whose `main` ends when the server does: what has not been said by then is never said.
#[test]
fn the_server_has_said_goodbye_when_it_returns() {
    let (address, serving) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let server = app().bind("127.0.0.1:0").await.expect("a free port");
            address.send(server.address()).expect("the test waits");
            server.run_until(async { drop(stopped.await) }).await
        })
    });
    let address = serving.recv().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let code = runtime.block_on(async {
        let mut browser = TestBrowser::open_at(address, "/").await;
        stop.send(()).unwrap();
        browser.closed().await
    });
    server.join().unwrap().unwrap();
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn an_address_that_can_not_be_had_says_what_to_do() {
    let server = TestServer::start(app()).await;
    let taken = server.address().to_string();
    let cases = [
        (taken.as_str(), "choose another port"),
        ("127.0.0.1", "an address and port such as 127.0.0.1:8000"),
        ("127.0.0.1:99999", "an address and port such as 127.0.0.1:8000"),
        ("nowhere.invalid:8000", "an address and port such as 127.0.0.1:8000"),
        ("203.0.113.7:8000", "this machine doesn't have that address"),
    ];
    for (address, advice) in cases {
        let message = app().bind(address).await.map(|_| ()).unwrap_err().to_string();
        assert!(message.contains(advice) && message.contains(address), "{message}");
    }
}
