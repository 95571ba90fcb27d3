//! Lanes with a model whose every batch waits until the test lets it go, so that nothing depends on timing.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::*;
use crate::model::TensorError;

/// Echoes its input. Its value tells it what to do.
struct Scripted {
    signature: Signature,
    /// The sizes of the batches, in requests, told before each runs.
    entered: Sender<usize>,
    /// One message lets one batch go.
    gate: Arc<Mutex<Receiver<()>>>,
}

const FAIL: f32 = -1.0;
const PANIC: f32 = -2.0;
const WRONG_SHAPE: f32 = -3.0;

impl Model for Scripted {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn run(&mut self, batch: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, ModelError> {
        self.entered.send(batch.len()).ok();
        // A test that let go of its end lets every batch go.
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).recv().ok();
        let answer = |request: &Vec<Tensor>| -> Result<Vec<Tensor>, ModelError> {
            let value = request[0].as_slice::<f32>().map_err(ModelError::run)?[0];
            assert!(value != PANIC, "told to panic");
            if value == FAIL {
                return Err(ModelError::run("told to fail"));
            }
            Ok(if value == WRONG_SHAPE { vec![] } else { request.clone() })
        };
        batch.iter().map(answer).collect()
    }
}

/// A lane of [`Scripted`] and the two ends of its script.
struct Stage {
    lane: Lane,
    entered: Receiver<usize>,
    gate: Option<Sender<()>>,
}

impl Stage {
    fn new(options: LaneOptions) -> Self {
        let (entered_sender, entered) = channel();
        let (gate, gate_receiver) = channel();
        let gate_receiver = Arc::new(Mutex::new(gate_receiver));
        let loader = move || {
            let signature = "x: f32 [n, width] -> y: f32 [n, width]".parse()?;
            Ok(Scripted { signature, entered: entered_sender.clone(), gate: Arc::clone(&gate_receiver) })
        };
        Self { lane: Lane::start(loader, options).unwrap(), entered, gate: Some(gate) }
    }

    /// Queues an item of these numbers.
    fn send(&self, values: &[f32]) -> oneshot::Receiver<Answer> {
        self.lane.submit(item(values)).unwrap()
    }

    /// Occupies the lane with one item; from here on the rest waits until the gate opens.
    fn occupy(&self) -> oneshot::Receiver<Answer> {
        let first = self.send(&[0.0]);
        assert_eq!(self.entered.recv(), Ok(1));
        first
    }

    /// Lets every batch go.
    fn open(&mut self) {
        self.gate = None;
    }
}

fn item(values: &[f32]) -> Vec<Tensor> {
    vec![Tensor::new([values.len()], values.to_vec()).unwrap()]
}

fn wait(receiver: oneshot::Receiver<Answer>) -> Answer {
    receiver.blocking_recv().unwrap_or(Err(ModelError::Closed))
}

#[test]
fn requests_that_wait_run_together_in_order_up_to_the_limit() {
    let mut stage = Stage::new(LaneOptions::new().max_batch(4));
    let first = stage.occupy();
    let waiting: Vec<_> = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0].map(|value| stage.send(&[value])).into();
    assert_eq!(stage.lane.figures().queued, 6);
    stage.open();
    assert_eq!(wait(first).unwrap(), item(&[0.0]));
    for (answer, value) in waiting.into_iter().zip([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) {
        assert_eq!(wait(answer).unwrap(), item(&[value]));
    }
    assert_eq!(stage.entered.try_iter().collect::<Vec<_>>(), [4, 2]);
    let figures = stage.lane.figures();
    assert_eq!((figures.queued, figures.batches, figures.items, figures.last_batch), (0, 3, 7, 2));
    assert!((figures.mean_batch() - 7.0 / 3.0).abs() < 1e-9, "{figures:?}");
    assert!(figures.busy > Duration::ZERO);
}

#[test]
fn other_shapes_run_in_a_batch_of_their_own() {
    let mut stage = Stage::new(LaneOptions::new());
    let first = stage.occupy();
    let waiting: Vec<_> = [&[1.0, 1.0][..], &[2.0], &[3.0, 3.0]].map(|values| stage.send(values)).into();
    stage.open();
    for answer in std::iter::once(first).chain(waiting) {
        assert!(wait(answer).is_ok());
    }
    assert_eq!(stage.entered.try_iter().collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_request_may_hold_several_items_up_to_the_batch_limit() {
    let mut stage = Stage::new(LaneOptions::new().max_batch(3));
    stage.open();
    let cases: [(usize, Result<usize, &str>); 4] = [
        (1, Ok(1)),
        (3, Ok(3)),
        (0, Err("expected 1 to 3 items in a request, got 0")),
        (4, Err("expected 1 to 3 items in a request, got 4")),
    ];
    for (items, expected) in cases {
        let inputs = vec![Tensor::zeros([items, 2], crate::model::DType::F32).unwrap()];
        let got = stage.lane.run_blocking(inputs).map(|outputs| outputs[0].shape()[0]);
        assert_eq!(got.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }
}

#[test]
fn a_request_that_does_not_fit_the_signature_is_not_queued() {
    let stage = Stage::new(LaneOptions::new());
    let error = stage.lane.run_blocking(vec![Tensor::new([2], vec![1_i64, 2]).unwrap()]).unwrap_err();
    assert_eq!(error.to_string(), "input `x` expected f32 [n, width], got i64 [2]");
    assert_eq!(stage.lane.figures(), LaneFigures::default());
}

#[test]
fn a_full_queue_is_busy_until_the_model_takes_from_it() {
    let mut stage = Stage::new(LaneOptions::new().queue_limit(2));
    let first = stage.occupy();
    let waiting = [stage.send(&[1.0]), stage.send(&[2.0])];
    let error = stage.lane.run_blocking(item(&[3.0])).unwrap_err();
    assert!(matches!(error, ModelError::Busy { queued: 2, limit: 2 }), "{error:?}");
    stage.open();
    for answer in std::iter::once(first).chain(waiting) {
        assert!(wait(answer).is_ok());
    }
    assert!(stage.lane.run_blocking(item(&[3.0])).is_ok());
}

#[test]
fn a_caller_that_leaves_costs_the_model_nothing() {
    let mut stage = Stage::new(LaneOptions::new());
    let first = stage.occupy();
    let mut leaving = Box::pin(stage.lane.run(item(&[1.0])));
    let polled = leaving.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending));
    let staying = stage.send(&[2.0]);
    drop(leaving);
    stage.open();
    assert!(wait(first).is_ok() && wait(staying).is_ok());
    assert_eq!(stage.lane.figures().items, 2);
}

#[test]
fn a_request_that_fails_spoils_no_other_in_its_batch() {
    for (bad, expected) in [(FAIL, "the model failed to run"), (WRONG_SHAPE, "the model does not keep to its signature")] {
        let mut stage = Stage::new(LaneOptions::new());
        let first = stage.occupy();
        let waiting = [1.0, bad, 3.0].map(|value| stage.send(&[value]));
        stage.open();
        assert!(wait(first).is_ok());
        let [one, two, three] = waiting.map(wait);
        assert_eq!((one.unwrap(), three.unwrap()), (item(&[1.0]), item(&[3.0])));
        assert_eq!(two.unwrap_err().to_string(), expected);
        assert_eq!(stage.entered.try_iter().collect::<Vec<_>>(), [3, 1, 1, 1]);
    }
}

#[test]
fn a_panic_fails_its_batch_and_the_model_is_loaded_again() {
    let mut stage = Stage::new(LaneOptions::new().max_batch(2));
    let first = stage.occupy();
    let waiting = [1.0, PANIC, 3.0].map(|value| stage.send(&[value]));
    stage.open();
    assert!(wait(first).is_ok());
    let [one, two, three] = waiting.map(wait);
    for failed in [one, two] {
        let message = failed.unwrap_err().to_string();
        assert_eq!(message, "the model panicked: told to panic");
    }
    assert_eq!(three.unwrap(), item(&[3.0]));
    assert_eq!(stage.lane.figures().restarts, 1);
}

#[test]
fn a_model_that_cannot_be_loaded_again_is_tried_at_the_next_request() {
    // Loads 1 and 2 fail: at once after the panic, and for the next request.
    let attempts = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&attempts);
    let loader = move || match counted.fetch_add(1, Relaxed) {
        1 | 2 => Err(ModelError::load("out of luck")),
        _ => {
            let (entered, gate) = (channel().0, Arc::new(Mutex::new(channel().1)));
            Ok(Scripted { signature: "x: f32 [n, width] -> y: f32 [n, width]".parse()?, entered, gate })
        }
    };
    let lane = Lane::start(loader, LaneOptions::new()).unwrap();
    let answers = [PANIC, 1.0, 2.0].map(|value| lane.run_blocking(item(&[value])));
    let [panicked, failed, fine] = answers;
    assert!(matches!(panicked, Err(ModelError::Panicked { .. })), "{panicked:?}");
    assert!(matches!(failed, Err(ModelError::Reload(_))), "{failed:?}");
    assert!(fine.is_ok(), "{fine:?}");
    assert_eq!(attempts.load(Relaxed), 4);
}

#[test]
fn a_loader_that_fails_or_panics_starts_no_lane() {
    type Loader = fn() -> Result<Scripted, ModelError>;
    let cases: [(Loader, &str); 2] =
        [(|| Err(ModelError::load("no such device")), "cannot load the model"), (|| panic!("no luck"), "the model panicked: no luck")];
    for (loader, expected) in cases {
        assert_eq!(Lane::start(loader, LaneOptions::new()).unwrap_err().to_string(), expected);
    }
}

#[test]
fn closing_answers_those_who_wait_and_drops_the_model() {
    let mut stage = Stage::new(LaneOptions::new());
    let first = stage.occupy();
    let waiting = stage.send(&[1.0]);
    let other = stage.lane.clone();
    let closing = thread::spawn(move || other.close());
    assert!(matches!(wait(waiting), Err(ModelError::Closed)));
    stage.open();
    closing.join().unwrap();
    assert!(wait(first).is_ok());
    assert!(matches!(stage.lane.run_blocking(item(&[1.0])), Err(ModelError::Closed)));
    // Its sender went with the model and the loader.
    assert!(stage.entered.recv().is_err());
}

#[test]
fn dropping_the_last_handle_ends_the_thread() {
    let stage = Stage::new(LaneOptions::new());
    let clone = stage.lane.clone();
    drop(stage.lane);
    drop(clone);
    // Comes only when the thread has dropped model and loader.
    assert!(stage.entered.recv().is_err());
}

#[tokio::test]
async fn tasks_get_their_own_answers() {
    let mut stage = Stage::new(LaneOptions::new().max_batch(8));
    stage.open();
    let tasks: Vec<_> = (0..50_u8)
        .map(|value| {
            let lane = stage.lane.clone();
            tokio::spawn(async move { (value, lane.run(item(&[f32::from(value)])).await) })
        })
        .collect();
    for task in tasks {
        let (value, answer) = task.await.unwrap();
        assert_eq!(answer.unwrap(), item(&[f32::from(value)]));
    }
}

#[test]
fn lanes_and_errors_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Lane>();
    crosses::<ModelError>();
    crosses::<TensorError>();
}
