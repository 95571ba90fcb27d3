//! `TorchScript` models through libtorch, feature `torch`. The only file that names tch: what goes in and comes out
//! are the tensors of [`model`](super), and no type of tch is public.
//!
//! Building needs libtorch 2.13, which `scripts/libtorch.sh` finds or fetches. A model file can make the process do
//! anything, so load only those from people you trust.

mod archive;

use std::path::Path;

use tch::{CModule, IValue, Kind};

use super::{DType, Data, Model, ModelError, Signature, Tensor};

/// The libtorch that this crate builds against.
const LIBTORCH: &str = "2.13";

/// How often a model runs on a shape before the first request: libtorch watches it twice, then rewrites its code.
const WARM_UP_RUNS: usize = 3;

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The CUDA device of this number, from 0.
    Cuda(usize),
}

/// Settings of a [`TorchScript`] model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Threads that one operation may use. Default: 1. Threads of all lanes together should be no more than there
    /// are cores: those too many wait actively, and make a small batch several times slower.
    pub threads: u16,
    /// Where the model runs. Default: the processor.
    pub device: Device,
}

impl Default for Options {
    fn default() -> Self {
        Self { threads: 1, device: Device::Cpu }
    }
}

impl Options {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`Options::threads`]; 0 counts as 1.
    #[must_use]
    pub fn threads(mut self, threads: u16) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Sets [`Options::device`].
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }
}

/// A model that was exported from Python by `torch.jit.save`.
///
/// ```no_run
/// use livefloe::model::torch::{Options, TorchScript};
/// use livefloe::model::{Lane, LaneOptions, Signature, Tensor};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let signature: Signature = "image: f32 [n, 1, 8, 8] -> probabilities: f32 [n, 10]".parse()?;
/// let loader = move || TorchScript::load("digits.pt", signature.clone(), Options::new());
/// let lane = Lane::start(loader, LaneOptions::new().name("digits"))?;
///
/// let outputs = lane.run(vec![Tensor::new([1, 8, 8], vec![0.0_f32; 64])?]).await?;
/// let probabilities: &[f32] = outputs[0].as_slice()?;
/// # Ok(())
/// # }
/// ```
pub struct TorchScript {
    module: CModule,
    signature: Signature,
    device: tch::Device,
}

impl TorchScript {
    /// Loads a `TorchScript` file, for inference. Belongs into the loader of a [`Lane`](super::Lane): the number of
    /// threads is a setting of the thread that calls this.
    ///
    /// # Errors
    /// [`ModelError::NotFound`] without a file; [`ModelError::Unreadable`] if it is something else, cut short, or
    /// made by a newer `PyTorch`; [`ModelError::Load`] without the device.
    pub fn load(path: impl AsRef<Path>, signature: Signature, options: Options) -> Result<Self, ModelError> {
        let path = path.as_ref();
        archive::check(path)?;
        let device = find_device(options.device)?;
        tch::set_num_threads(i32::from(options.threads.max(1)));
        let loaded = CModule::load_on_device(path, device).and_then(|mut module| {
            module.f_set_eval()?;
            Ok(module)
        });
        let module = loaded.map_err(|source| ModelError::Unreadable {
            path: path.to_owned(),
            expected: format!("a TorchScript archive made by PyTorch {LIBTORCH} or older"),
            got: format!("an archive that libtorch {LIBTORCH} cannot load"),
            source: Some(source.into()),
        })?;
        Ok(Self { module, signature, device })
    }

    /// Runs the module and takes its outputs apart.
    fn forward(&self, inputs: &[IValue]) -> Result<Vec<Tensor>, ModelError> {
        let output = tch::no_grad(|| self.module.forward_is(inputs)).map_err(ModelError::run)?;
        let outputs = match output {
            IValue::Tensor(tensor) => vec![tensor],
            IValue::TensorList(tensors) => tensors,
            IValue::Tuple(values) | IValue::GenericList(values) => {
                let tensors = values.into_iter().map(tch::Tensor::try_from);
                tensors.collect::<Result<_, _>>().map_err(ModelError::run)?
            }
            other => {
                return Err(ModelError::run(format!("expected tensors from the module, got {other:?}")));
            }
        };
        outputs.iter().map(download).collect()
    }
}

impl Model for TorchScript {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Runs zeros through the model, as one item and as two, which shows a signature that the file does not keep to.
    /// Impossible, and left out, where other dimensions than `n` are free.
    fn warm_up(&mut self) -> Result<(), ModelError> {
        let batches = if self.signature.is_batched() { 1..=2 } else { 1..=1 };
        for items in batches {
            let Some(request) = self.signature.zeros(items) else {
                return Ok(());
            };
            let request = [request];
            for _ in 0..WARM_UP_RUNS {
                self.run(&request)?;
            }
        }
        Ok(())
    }

    fn run(&mut self, batch: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, ModelError> {
        let inputs = (0..self.signature.inputs.len()).map(|index| {
            let parts: Vec<&Tensor> = batch.iter().map(|request| &request[index]).collect();
            let tensor = match parts.as_slice() {
                [alone] => upload(alone),
                parts => upload(&Tensor::concat(parts).map_err(ModelError::run)?),
            };
            let tensor = tensor.and_then(|tensor| tensor.f_to_device(self.device)).map_err(ModelError::run)?;
            Ok(IValue::Tensor(tensor))
        });
        let outputs = self.forward(&inputs.collect::<Result<Vec<_>, ModelError>>()?)?;

        let lengths: Vec<usize> =
            if self.signature.is_batched() { batch.iter().map(|request| request[0].shape()[0]).collect() } else { vec![1] };
        self.signature.check_outputs(lengths.iter().sum(), &outputs).map_err(ModelError::Output)?;
        if batch.len() == 1 {
            return Ok(vec![outputs]);
        }
        let mut answers = vec![Vec::with_capacity(outputs.len()); batch.len()];
        for output in outputs {
            let parts = output.split(&lengths).map_err(ModelError::run)?;
            for (answer, part) in answers.iter_mut().zip(parts) {
                answer.push(part);
            }
        }
        Ok(answers)
    }
}

impl std::fmt::Debug for TorchScript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let device = &self.device;
        f.debug_struct("TorchScript").field("signature", &self.signature).field("device", device).finish_non_exhaustive()
    }
}

fn find_device(device: Device) -> Result<tch::Device, ModelError> {
    match device {
        Device::Cpu => Ok(tch::Device::Cpu),
        Device::Cuda(index) => {
            let count = usize::try_from(tch::Cuda::device_count()).unwrap_or(0);
            if index < count {
                Ok(tch::Device::Cuda(index))
            } else {
                Err(ModelError::load(format!("expected CUDA device {index}, got {count} CUDA devices in all")))
            }
        }
    }
}

/// Copies a tensor into libtorch.
fn upload(tensor: &Tensor) -> Result<tch::Tensor, tch::TchError> {
    let flat = match tensor.data() {
        Data::F32(elements) => tch::Tensor::f_from_slice(elements),
        Data::F64(elements) => tch::Tensor::f_from_slice(elements),
        Data::I32(elements) => tch::Tensor::f_from_slice(elements),
        Data::I64(elements) => tch::Tensor::f_from_slice(elements),
        Data::U8(elements) => tch::Tensor::f_from_slice(elements),
        Data::Bool(elements) => tch::Tensor::f_from_slice(elements),
    }?;
    let shape: Vec<i64> =
        tensor.shape().iter().map(|&size| i64::try_from(size).expect("a tensor in memory has fewer than 2^63 elements")).collect();
    flat.f_reshape(shape)
}

/// Copies a tensor out of libtorch.
fn download(tensor: &tch::Tensor) -> Result<Tensor, ModelError> {
    let dtype = match tensor.f_kind().map_err(ModelError::run)? {
        Kind::Float => DType::F32,
        Kind::Double => DType::F64,
        Kind::Int => DType::I32,
        Kind::Int64 => DType::I64,
        Kind::Uint8 => DType::U8,
        Kind::Bool => DType::Bool,
        other => {
            return Err(ModelError::run(format!("expected an output of f32, f64, i32, i64, u8 or bool, got {other:?}")));
        }
    };
    let sizes = tensor.size().into_iter();
    let shape: Vec<usize> = sizes.map(|size| usize::try_from(size).expect("sizes are not negative")).collect();
    let mut data = Tensor::zeros(shape.clone(), dtype).map_err(ModelError::run)?.into_data();
    let local = tensor.f_to_device(tch::Device::Cpu).and_then(|tensor| tensor.f_contiguous()).map_err(ModelError::run)?;
    let len = data.len();
    let copied = match &mut data {
        Data::F32(elements) => local.f_copy_data(elements, len),
        Data::F64(elements) => local.f_copy_data(elements, len),
        Data::I32(elements) => local.f_copy_data(elements, len),
        Data::I64(elements) => local.f_copy_data(elements, len),
        Data::U8(elements) => local.f_copy_data(elements, len),
        Data::Bool(elements) => local.f_copy_data(elements, len),
    };
    copied.map_err(ModelError::run)?;
    Tensor::new(shape, data).map_err(ModelError::run)
}

#[cfg(test)]
mod tests;
