//! The digits model of the examples, the way an app uses it, and files that are no model.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::model::{Lane, LaneOptions};

const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/digits/digits.pt");
const HELD_OUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/digits/held_out.json");
const SIGNATURE: &str = "image: f32 [n, 1, 8, 8] -> probabilities: f32 [n, 10]";

fn start(path: impl Into<PathBuf>, signature: &str, options: Options) -> Result<Lane, ModelError> {
    let (path, signature): (PathBuf, Signature) = (path.into(), signature.parse().unwrap());
    Lane::start(move || TorchScript::load(&path, signature.clone(), options), LaneOptions::new())
}

/// Digits that training never saw: label, and ink of the 8x8 cells from 0 to 1.
fn held_out() -> Vec<(usize, Vec<f32>)> {
    let text = fs::read_to_string(HELD_OUT).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let samples = json["samples"].as_array().unwrap().iter().map(|sample| {
        let label = usize::try_from(sample["label"].as_u64().unwrap()).unwrap();
        let cells = sample["cells"].as_array().unwrap().iter();
        let ink = cells.map(|cell| f32::from(u8::try_from(cell.as_u64().unwrap()).unwrap()) / 16.0);
        (label, ink.collect())
    });
    samples.collect()
}

fn top(probabilities: &[f32]) -> usize {
    let best = probabilities.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
    best.unwrap().0
}

/// The error and its sources, in one line.
fn chain(error: &dyn Error) -> String {
    let source = error.source().map(|source| format!(": {}", chain(source)));
    format!("{error}{}", source.unwrap_or_default())
}

/// A file with this content that goes away with the test.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("livefloe-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

#[test]
fn digits_that_training_never_saw_are_recognised() {
    let lane = start(DIGITS, SIGNATURE, Options::new()).unwrap();
    let samples = held_out();
    assert_eq!(samples.len(), 50);
    let right = samples.iter().filter(|(label, ink)| {
        let outputs = lane.run_blocking(vec![Tensor::new([1, 8, 8], ink.clone()).unwrap()]).unwrap();
        assert_eq!(outputs[0].shape(), [10]);
        let probabilities: &[f32] = outputs[0].as_slice().unwrap();
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        top(probabilities) == *label
    });
    assert!(right.count() >= 49);
    lane.close();
}

#[test]
fn a_batch_gives_every_request_its_own_answer() {
    let mut model = TorchScript::load(DIGITS, SIGNATURE.parse().unwrap(), Options::new()).unwrap();
    let samples = held_out();
    // Requests of 1, 2, 3, … items.
    let mut rest = samples.as_slice();
    let mut batch = Vec::new();
    while let Some((part, others)) = rest.split_at_checked(batch.len() + 1) {
        let ink: Vec<f32> = part.iter().flat_map(|(_, ink)| ink.clone()).collect();
        batch.push(vec![Tensor::new([part.len(), 1, 8, 8], ink).unwrap()]);
        rest = others;
    }
    let together = model.run(&batch).unwrap();
    assert_eq!(together.len(), batch.len());
    for (request, answer) in batch.iter().zip(&together) {
        let alone = model.run(std::slice::from_ref(request)).unwrap().remove(0);
        assert_eq!(alone[0].shape(), answer[0].shape());
        let (alone, answer): (&[f32], &[f32]) = (alone[0].as_slice().unwrap(), answer[0].as_slice().unwrap());
        assert!(alone.iter().zip(answer).all(|(one, other)| (one - other).abs() < 1e-5));
    }
}

#[test]
fn a_file_that_is_no_model_is_described() {
    let digits = fs::read(DIGITS).unwrap();
    let text = "constants.pkl";
    let renamed = digits.clone();
    let other_zip: Vec<u8> = {
        let mut bytes = renamed;
        while let Some(at) = bytes.windows(text.len()).position(|window| window == text.as_bytes()) {
            bytes[at] = b'X';
        }
        bytes
    };
    let cases: [(&str, &[u8], &str); 4] = [
        ("empty.pt", b"", "got an empty file"),
        ("text.pt", b"version https://git-lfs", "got another kind of file, 23 bytes long"),
        ("short.pt", &digits[..100_000], "got an archive that is cut short, 100000 bytes long"),
        ("other.zip", &other_zip, "got an archive that libtorch 2.13 cannot load: Internal torch error"),
    ];
    for (name, content, expected) in cases {
        let file = TemporaryFile::new(name, content);
        let error = start(&file.0, SIGNATURE, Options::new()).unwrap_err();
        let message = chain(&error);
        assert!(matches!(error, ModelError::Unreadable { .. }), "{name}: {message}");
        assert!(message.contains(expected) && message.contains(file.0.to_str().unwrap()), "{name}: {message}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = start("no/such/model.pt", SIGNATURE, Options::new()).unwrap_err();
    assert!(matches!(error, ModelError::NotFound { .. }), "{error:?}");
    assert_eq!(error.to_string(), "cannot open model file `no/such/model.pt`");
}

#[test]
fn a_signature_that_the_file_does_not_keep_to_starts_no_lane() {
    let cases = [
        ("image: f32 [n, 3, 8, 8] -> p: f32 [n, 10]", "the model failed to run: "),
        ("image: f64 [n, 1, 8, 8] -> p: f64 [n, 10]", "the model failed to run: "),
        ("a: f32 [n, 1, 8, 8], b: f32 [n] -> p: f32 [n, 10]", "the model failed to run: "),
        (
            "image: f32 [n, 1, 8, 8] -> p: f32 [n, 12]",
            "the model does not keep to its signature: output `p` expected f32 [n, 12], got f32 [1, 10]",
        ),
        (
            "image: f32 [n, 1, 8, 8] -> p: i64 [n, 10]",
            "the model does not keep to its signature: output `p` expected i64 [n, 10], got f32 [1, 10]",
        ),
        (
            "image: f32 [n, 1, 8, 8] -> p: f32 [n, 10], q: f32 [n]",
            "the model does not keep to its signature: number of outputs expected 2, got 1",
        ),
    ];
    for (signature, expected) in cases {
        let message = chain(&start(DIGITS, signature, Options::new()).unwrap_err());
        assert!(message.starts_with(expected), "{signature}: {message}");
    }
}

#[test]
fn a_request_of_another_shape_is_refused_in_words() {
    let lane = start(DIGITS, SIGNATURE, Options::new()).unwrap();
    let error = lane.run_blocking(vec![Tensor::new([1, 28, 28], vec![0.0_f32; 784]).unwrap()]).unwrap_err();
    assert_eq!(error.to_string(), "input `image` expected f32 [n, 1, 8, 8], got f32 [1, 28, 28]");
}

#[test]
fn a_device_that_is_not_there_is_refused() {
    let error = start(DIGITS, SIGNATURE, Options::new().device(Device::Cuda(99))).unwrap_err();
    assert!(chain(&error).starts_with("cannot load the model: expected CUDA device 99, got "), "{error:?}");
}

#[test]
fn every_type_comes_back_from_libtorch_as_it_went() {
    let tensors = [
        Tensor::new([2, 1], vec![1.5_f32, -0.0]),
        Tensor::new([2, 1], vec![1.5_f64, f64::INFINITY]),
        Tensor::new([2, 1], vec![i32::MIN, 7]),
        Tensor::new([2, 1], vec![i64::MAX, 7]),
        Tensor::new([2, 1], vec![0_u8, 255]),
        Tensor::new([2, 1], vec![true, false]),
        Tensor::new([], vec![3_i64]),
        Tensor::new([0, 3], Vec::<f32>::new()),
    ];
    for tensor in tensors {
        let tensor = tensor.unwrap();
        assert_eq!(download(&upload(&tensor).unwrap()).unwrap(), tensor);
    }
}
