//! Rules of the code base that a compiler doesn't know. Each failure names file and line.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold what was built or fetched.
const NOT_OURS: &[&str] =
    &["target", "node_modules", ".git", ".venv", ".cache", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"];

/// The crate's parent: the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository")
}

/// All files under a path of the repository, or the file that it is.
fn files(path: &str) -> Vec<PathBuf> {
    let mut waiting = vec![root().join(path)];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_file() {
            files.push(path);
            continue;
        }
        let Ok(folder) = fs::read_dir(&path) else { continue };
        let entries = folder.filter_map(Result::ok).filter(|entry| !NOT_OURS.iter().any(|name| entry.file_name() == *name));
        waiting.extend(entries.map(|entry| entry.path()));
    }
    files.sort();
    files
}

fn rust_files(path: &str) -> Vec<PathBuf> {
    files(path).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn relative(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// The lines of a source file that are code and no test: without comments, and up to the module of tests, which comes last.
fn code(file: &Path) -> Vec<(usize, String)> {
    let name = relative(file);
    if name.contains("/tests/") || name.ends_with("tests.rs") {
        return Vec::new();
    }
    let source = fs::read_to_string(file).expect("a source file is text");
    let lines: Vec<_> = source.lines().collect();
    let is_tests = |pair: &[&str]| pair[0].starts_with("#[cfg(test)]") && pair[1].contains("mod tests {");
    let end = lines.windows(2).position(is_tests).unwrap_or(lines.len());
    let numbered = (1..).zip(&lines[..end]).filter(|(_, line)| !line.trim_start().starts_with("//"));
    numbered.map(|(number, line)| (number, (*line).to_owned())).collect()
}

/// Fails with every line of code for which `is_wrong`.
fn assert_no_line(rule: &str, files: Vec<PathBuf>, is_wrong: impl Fn(&str) -> bool) {
    assert!(!files.is_empty(), "no files to look at: {rule}");
    let mut wrong = Vec::new();
    for file in files {
        for (number, line) in code(&file).into_iter().filter(|(_, line)| is_wrong(line)) {
            wrong.push(format!("{}:{number}: {}", relative(&file), line.trim()));
        }
    }
    assert!(wrong.is_empty(), "{rule}\n{}", wrong.join("\n"));
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line[..at].chars().next_back(), line[at + word.len()..].chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[test]
fn pure_modules_know_no_runtime_no_server_and_no_log() {
    for module in ["protocol", "tree", "diff", "patch"] {
        let is_wrong = |line: &str| ["tokio", "axum", "tracing", "hyper"].iter().any(|name| has_word(line, name));
        assert_no_line("a pure module takes what it needs as a parameter", rust_files(&format!("framework/src/{module}")), is_wrong);
    }
}

#[test]
fn only_the_torch_module_knows_tch() {
    let others = rust_files("framework/src").into_iter().filter(|file| !relative(file).starts_with("framework/src/model/torch"));
    assert_no_line("types of tch stay in model/torch", others.collect(), |line| has_word(line, "tch") || has_word(line, "torch_sys"));
}

#[test]
fn the_framework_knows_no_python() {
    let is_wrong = |line: &str| ["python", "pyo3"].iter().any(|name| line.to_ascii_lowercase().contains(name));
    let files = [rust_files("framework/src"), files("framework/Cargo.toml")].concat();
    assert_no_line("another language comes in through Instance and Mount", files, is_wrong);
}

#[test]
fn only_the_wire_and_the_widgets_values_have_a_form_in_serde() {
    let allowed = [
        "framework/src/protocol/",
        "framework/src/patch/operation.rs",
        "framework/src/handler/input.rs",
        "framework/src/widget/sketch",
        "framework/src/action.rs",
        "framework/src/upload/mod.rs",
        "framework/src/app/problems.rs",
        "framework/src/session/snapshot.rs",
        "framework/src/bus/crowd.rs",
    ];
    let others = rust_files("framework/src").into_iter().filter(|file| !allowed.iter().any(|path| relative(file).starts_with(path)));
    let is_wrong = |line: &str| line.contains("derive(") && (has_word(line, "Serialize") || has_word(line, "Deserialize"));
    assert_no_line("what is written has a form that others read: it belongs to the protocol", others.collect(), is_wrong);
}

#[test]
fn nothing_is_unwrapped_outside_of_tests() {
    let files = [rust_files("framework/src"), rust_files("python-bindings/src")].concat();
    assert_no_line("`expect` says why it holds", files, |line| line.contains(".unwrap()"));
}

#[test]
fn the_architecture_names_what_is_there() {
    let Ok(text) = fs::read_to_string(root().join("ARCHITECTURE.md")) else { return };
    let mut folder = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        folder.clear();
        for name in line.split('`').skip(1).step_by(2) {
            let is_path = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
            let is_file =
                name.rsplit_once('.').is_some_and(|(_, extension)| ["rs", "js", "py", "md", "json", "toml", "css"].contains(&extension));
            let is_known_folder =
                ["framework/", "client-js/", "python-bindings/", "examples/", "tests/", "docs/"].iter().any(|it| name.starts_with(it));
            if !is_path || !(is_file || is_known_folder) {
                continue;
            }
            // A bare file name is beside the one named before it in the line.
            let beside = format!("{folder}{name}");
            let is_there = [name, &beside].iter().any(|path| root().join(path).exists());
            // Parts of the repository that are not built in every copy of it.
            let is_elsewhere = !root().join(name.split('/').next().unwrap_or_default()).exists() && name.contains('/');
            assert!(is_there || is_elsewhere, "ARCHITECTURE.md:{number}: there is no {name}");
            if let Some((before, _)) = name.rsplit_once('/') {
                folder = format!("{before}/");
            }
        }
    }
}

#[test]
fn no_file_names_a_machine() {
    let homes = [concat!("/", "root/"), concat!("/", "work/"), concat!("/", "home/"), concat!("C:", "\\Users")];
    let mut wrong = Vec::new();
    for file in files("") {
        // What is no text was not written by hand.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            if homes.iter().any(|home| {
                line.match_indices(home).any(|(at, _)| !line[..at].ends_with(|it: char| it.is_alphanumeric() || "./-_}".contains(it)))
            }) {
                wrong.push(format!("{}:{number}", relative(&file)));
            }
        }
    }
    assert!(wrong.is_empty(), "a path that only one machine has:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let files = [rust_files("framework/src"), rust_files("tests"), rust_files("examples")].concat();
    let silent: Vec<_> = files
        .iter()
        .filter(|file| !file.ends_with("tests.rs"))
        .filter(|file| !fs::read_to_string(file).is_ok_and(|text| text.starts_with("//!") || text.starts_with("#!")))
        .map(|file| relative(file))
        .collect();
    assert!(silent.is_empty(), "without a `//!` line: {silent:?}");
}
