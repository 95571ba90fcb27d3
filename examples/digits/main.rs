//! A sketchpad and a small network: a model in the same process, asked while the visitor draws.
//!
//! ```sh
//! export LIBTORCH="$(scripts/libtorch.sh)"
//! cargo run -p livefloe-examples --features torch --bin digits
//! ```
//!
//! Then open <http://127.0.0.1:8000>. How the network was made: `train.py`, beside this file.

use std::{env, error::Error, iter, ops::Range};

use livefloe::{
    App, Component, Cx, Markup, html,
    model::{Lane, Tensor},
    widget::{Picture, alert, card, label, page_header, row, sketchpad},
};
use serde::{Deserialize, Serialize};

/// What the network looks at: 8 by 8 cells, in each the ink of a block of 4 by 4.
const SIDE: usize = 8;
const BLOCK: usize = 4;
const SHEET: usize = SIDE * BLOCK;
/// A digit is narrower than the sheet that it was written on.
const MAX_WIDTH: usize = 24;

type BoxError = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    App::new().state(Reader::start()).page("/", Digits::default).serve("127.0.0.1:8000").await
}

/// The network, or in words why it is not there. All sessions share it: what they ask at the same time goes through it at once.
pub(crate) struct Reader(Result<Lane, String>);

impl Reader {
    /// Loads the network, which takes a moment: to be done before serving.
    pub(crate) fn start() -> Self {
        let file = env::var("DIGITS_MODEL").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/digits/digits.pt").to_owned());
        Self(load(file).map_err(|error| {
            let causes = iter::successors(Some(&*error as &dyn Error), |&error| error.source());
            causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
        }))
    }
}

#[cfg(feature = "torch")]
fn load(file: String) -> Result<Lane, BoxError> {
    use livefloe::model::{LaneOptions, Signature, torch};
    let signature: Signature = "image: f32 [n, 1, 8, 8] -> probabilities: f32 [n, 10]".parse()?;
    let loader = move || torch::TorchScript::load(&file, signature.clone(), torch::Options::new());
    Ok(Lane::start(loader, LaneOptions::new().name("digits"))?)
}

#[cfg(not(feature = "torch"))]
fn load(_: String) -> Result<Lane, BoxError> {
    Err("Built without libtorch. Set LIBTORCH to the folder that scripts/libtorch.sh prints, and build with --features torch.".into())
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Digits {
    /// Empty while nothing is drawn.
    probabilities: Vec<f32>,
}

impl Component for Digits {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let scores = label(self.probabilities.iter().copied().enumerate()).top(3).title("It is a").placeholder("Draw something.");
        html! {
            (page_header("Digits").subtitle("Draw one, and a small network says which it is."))
            @if let Err(reason) = &cx.state::<Reader>().0 { (alert(html! { p { (reason) } }).warning().title("There is no network to ask")) }
            (row(html! {
                (card(sketchpad("Your digit", "drawing").size(32, 32).on_input(cx.value(Self::read)).throttle_ms(100)))
                (card(html! { div aria-live="polite" { (scores) } }))
            }))
        }
    }

    fn title(&self) -> Option<String> {
        Some("Digits".to_owned())
    }
}

impl Digits {
    async fn read(&mut self, picture: Picture, cx: &Cx<Self>) -> Result<(), BoxError> {
        self.probabilities.clear();
        // Without a network the page says so already.
        if let Reader(Ok(lane)) = &*cx.state()
            && !picture.is_empty()
        {
            let answer = lane.run(vec![Tensor::new([1, SIDE, SIDE], prepare(&picture))?]).await?;
            self.probabilities.extend(answer[0].as_slice::<f32>()?);
        }
        Ok(())
    }
}

/// Brings a drawing to the form of those that the network was trained with: cut out, made as high as the sheet, put in
/// its middle, and counted in blocks.
fn prepare(picture: &Picture) -> Vec<f32> {
    let ink = picture.to_unit_f32();
    let mut sheet = vec![0.0; SHEET * SHEET];
    if let Some(frame) = picture.bounding_box() {
        let width = ((frame.width * SHEET + frame.height / 2) / frame.height).clamp(1, MAX_WIDTH);
        for row in 0..SHEET {
            for column in 0..width {
                let rows = covered(row, SHEET, frame.top, frame.height);
                let columns = covered(column, width, frame.left, frame.width);
                sheet[row * SHEET + (SHEET - width) / 2 + column] = mean(&ink, picture.columns(), rows, &columns);
            }
        }
    }
    let block = |index: usize| index * BLOCK..(index + 1) * BLOCK;
    (0..SIDE * SIDE).map(|cell| mean(&sheet, SHEET, block(cell / SIDE), &block(cell % SIDE))).collect()
}

/// What one of `count` parts covers of the `length` from `start` on.
fn covered(part: usize, count: usize, start: usize, length: usize) -> Range<usize> {
    start + part * length / count..start + ((part + 1) * length).div_ceil(count)
}

fn mean(cells: &[f32], width: usize, rows: Range<usize>, columns: &Range<usize>) -> f32 {
    let part = rows.flat_map(|row| &cells[row * width..][columns.clone()]);
    let (sum, count) = part.fold((0.0, 0.0), |(sum, count), cell| (sum + cell, count + 1.0));
    sum / count
}
