//! What `convert` gives to scripts: `oathctl.convert/1`.
//!
//! Owns: the document. Its schema stands under `docs/schemas/`; within a major version fields are only added. The
//! tokens themselves are in the new file alone.

use oathctl_core::report::Exit;
use oathctl_core::table::Verdict;
use oathctl_files::{Target, Written};
use serde_json::{Value, json};

use super::sealing::Lock;
use crate::failure::Failure;
use crate::input::Loaded;
use crate::tell::faults;

/// What went where.
pub(super) struct Summary<'a> {
    pub(super) out: &'a str,
    pub(super) target: Target,
    pub(super) lock: &'a Lock,
    pub(super) loaded: &'a Loaded,
    /// `None` where nothing came to be written.
    pub(super) written: Option<&'a Written>,
}

impl Summary<'_> {
    /// `oathctl.convert/1`.
    pub(super) fn document(&self, done: &Result<Exit, Failure>) -> Value {
        let Self { out, target, lock, loaded, written } = self;
        let (exit, stopped) = match done {
            Ok(exit) => (*exit, None),
            Err(failure) => (failure.exit, Some(failure.as_stop())),
        };
        let of_rows = written.iter().flat_map(|written| &written.left_out);
        let found = faults::sorted(loaded.table.faults().iter().chain(&loaded.beside).chain(of_rows));
        let duplicates = loaded.table.rows().filter(|row| row.verdict() == Verdict::Duplicate).count();
        let tokens = written.map_or(0, |written| if done.is_ok() { written.tokens } else { 0 });
        json!({
            "schema": "oathctl.convert/1",
            "version": env!("CARGO_PKG_VERSION"),
            "exit_code": exit.code(),
            "input": {"path": loaded.input.path, "sha256": Some(&loaded.input.sha256).filter(|sha| !sha.is_empty())},
            "output": {
                "path": out,
                "format": target.word(),
                "encryption": lock.word(),
                "is_written": done.is_ok(),
            },
            "totals": {
                "rows": loaded.input.rows,
                "written": tokens,
                "duplicates": duplicates,
                "left_out": written.map(|written| super::left_out(loaded, written)),
            },
            "not_carried": written.iter().flat_map(|it| &it.not_carried).map(|it| it.word()).collect::<Vec<_>>(),
            "stopped": stopped,
            "faults": found.into_iter().map(faults::value).collect::<Vec<_>>(),
        })
    }
}
