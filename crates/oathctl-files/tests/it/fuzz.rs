//! Every target of the fuzzer on every fixture and on what fuzzing has found: none panics.
#![expect(clippy::disallowed_methods, reason = "the corpora are files")]

use std::path::{Path, PathBuf};

#[path = "../../../../fuzz/targets.rs"]
mod targets;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[test]
fn every_target_stands_every_fixture() {
    let fixtures = files(&root().join("fixtures"));
    assert!(fixtures.len() > 40);
    for target in targets::TARGETS {
        for path in &fixtures {
            target.run(&std::fs::read(path).unwrap());
        }
    }
}

#[test]
fn what_fuzzing_found_stays_mended() {
    for target in targets::TARGETS {
        for path in files(&root().join("fuzz/corpus").join(target.name)) {
            target.run(&std::fs::read(&path).unwrap());
        }
    }
    // A folder that no target has would never be replayed.
    let folders = std::fs::read_dir(root().join("fuzz/corpus")).into_iter().flatten();
    for folder in folders.map(|entry| entry.unwrap().file_name()) {
        assert!(targets::TARGETS.iter().any(|t| *t.name == *folder), "{}", folder.display());
    }
}
