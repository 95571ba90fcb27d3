//! A look at a model file before libtorch gets it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::model::ModelError;

/// Tells apart what libtorch would report as one long internal error: no file, another format, a cut-off download.
pub(super) fn check(path: &Path) -> Result<(), ModelError> {
    let found = describe(path).map_err(|source| ModelError::NotFound { path: path.to_owned(), source })?;
    match found {
        None => Ok(()),
        Some(got) => {
            let expected = "a TorchScript archive, as torch.jit.save writes it".to_owned();
            Err(ModelError::Unreadable { path: path.to_owned(), expected, got, source: None })
        }
    }
}

/// What the file is, unless it is a whole zip archive, which is what `TorchScript` comes in.
fn describe(path: &Path) -> io::Result<Option<String>> {
    const START: &[u8] = b"PK\x03\x04";
    const DIRECTORY_END: &[u8] = b"PK\x05\x06";
    // The end of a zip directory: 22 bytes and a comment of up to 64 KiB.
    const TAIL: u64 = 22 + 0xffff;

    let mut file = File::open(path)?;
    let len = file.seek(SeekFrom::End(0))?;
    if len == 0 {
        return Ok(Some("an empty file".to_owned()));
    }
    file.rewind()?;
    let mut start = Vec::new();
    file.by_ref().take(START.len() as u64).read_to_end(&mut start)?;
    if start != START {
        return Ok(Some(format!("another kind of file, {len} bytes long")));
    }
    file.seek(SeekFrom::Start(len.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let whole = tail.windows(DIRECTORY_END.len()).any(|window| window == DIRECTORY_END);
    Ok((!whole).then(|| format!("an archive that is cut short, {len} bytes long")))
}
