//! Spans: what a tracing backend is told of a turn. A process of its own: which spans anybody wants is decided once for all threads, and other tests want none.

use livefloe::{App, Component, Cx, Markup, html};
use livefloe_tests::{TestBrowser, TestServer};
use opentelemetry::{Value, trace::TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde::{Deserialize, Serialize};
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt as _};

#[derive(Default, Serialize, Deserialize)]
struct Shop {
    orders: u32,
}

impl Component for Shop {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="orders" { (self.orders) }
            input id="name" lf-input=(cx.value(Self::name));
            button id="order" lf-click=(cx.on(Self::order)) {}
            button id="later" lf-click=(cx.on(Self::later)) {}
        }
    }
}

impl Shop {
    fn name(&mut self, _: String) {}

    async fn order(&mut self) {
        tokio::task::yield_now().await;
        tracing::info_span!("pay").in_scope(|| self.orders += 1);
    }

    fn later(&mut self, cx: &Cx<Self>) {
        cx.spawn(async {}, |shop: &mut Self, ()| shop.orders += 1);
    }
}

fn attribute(span: &SpanData, name: &str) -> Option<Value> {
    span.attributes.iter().find(|attribute| attribute.key.as_str() == name).map(|attribute| attribute.value.clone())
}

/// As in docs/operations.md, with an exporter in memory.
#[tokio::test]
async fn opentelemetry_is_told_of_each_turn_and_of_no_secret() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _spans = tracing::subscriber::set_default(tracing_subscriber::registry().with(LevelFilter::INFO).with(layer));

    let server = TestServer::start(App::new().page("/", Shop::default)).await;
    let mut browser = TestBrowser::load(&server, "/").await;
    let mut secrets = vec![browser.token().to_owned(), "open sesame".to_owned()];
    browser.join().await;
    secrets.push(browser.token().to_owned());
    let name = browser.action("name", "lf-input");
    browser.act(&name, "value=open+sesame").await;
    browser.click_and_settle("order").await;
    browser.click("later").await;
    browser.shows("orders", "2").await;
    tokio::join!(server.stop(), browser.closed());

    let spans = exporter.get_finished_spans().expect("nobody panicked");
    let turns: Vec<_> = spans.iter().filter(|span| span.name == "turn").collect();
    let told: Vec<_> = turns
        .iter()
        .map(|turn| {
            let text = |name| attribute(turn, name).map_or_else(String::new, |value| value.to_string());
            assert_eq!(text("component"), "traces::Shop");
            assert!(attribute(turn, "session").is_some());
            (text("kind"), text("event"), text("handler"))
        })
        .collect();
    let expected = [
        ("event", "1", "traces::Shop::name"),
        ("event", "2", "traces::Shop::order"),
        ("event", "3", "traces::Shop::later"),
        ("task", "", "traces::Shop::later::{{closure}}"),
    ];
    assert_eq!(told, expected.map(|(kind, event, handler)| (kind.to_owned(), event.to_owned(), handler.to_owned())));
    let pay = spans.iter().find(|span| span.name == "pay").expect("the handler's own span");
    assert_eq!(pay.parent_span_id, turns[1].span_context.span_id(), "after an await, too");
    let all = format!("{spans:?}");
    for secret in &secrets {
        assert!(!all.contains(secret.as_str()) && !all.contains(&secret.replace(' ', "+")), "{secret} in {all}");
    }
}
