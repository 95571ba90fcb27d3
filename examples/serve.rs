//! Serves all examples on `HOST` and `PORT` (default: 127.0.0.1 and 8000; port 0 takes any free one).

use std::env;

use livefloe::App;
use livefloe_examples::{Index, entries, pages};

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    let setting = |name: &str, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let address = format!("{}:{}", setting("HOST", "127.0.0.1"), setting("PORT", "8000"));
    let index = Index::new(entries("/rust"));
    let app = App::new().title("Livefloe examples").page("/", move || index.clone());
    let server = pages(app, "/rust").bind(&address).await?;
    say(&format!("listening on http://{}", server.address()));
    server.run().await
}

#[expect(clippy::print_stdout, reason = "whoever starts it needs to know the port")]
fn say(line: &str) {
    println!("{line}");
}
