//! Waiting for conditions, with an end.

use std::{future::Future, time::Duration};

/// How long anything may take. Generous: it is only ever used up by a test that fails.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// The future's output; panics when it takes too long.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let output = tokio::time::timeout(DEADLINE, future).await;
    output.unwrap_or_else(|_| panic!("waited {} s for {what}", DEADLINE.as_secs()))
}

/// Asks again and again until the answer is yes. For what nothing announces, such as memory that is given back.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    within(what, async {
        while !holds().await {
            // Lets the others run; a pause as well, so that asking doesn't take the time that the answer needs.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}
