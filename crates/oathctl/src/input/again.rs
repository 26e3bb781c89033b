//! The same input once more, for `apply` and `resume`.
//!
//! Owns: that it is the same by its bytes. Does not own: reading it ([`super::load`]).

use oathctl_core::plan::PlanInput;

use super::{How, Loaded, load};
use crate::asking::Asking;
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::keys::Keys;
use crate::walk::Recorded;

/// The files a plan or run names are none of the outputs.
pub fn spared(
    desk: &Desk,
    planned: &PlanInput,
    recorded: &Recorded,
    file: Option<&str>,
) -> Result<(), Failure> {
    let path = file.or(planned.path.as_deref());
    for (what, named) in [("the vendor's file", path), ("the list of `--users`", recorded.users.as_deref())] {
        named.map_or(Ok(()), |named| desk.spares(what, &desk.fs.path(named)))?;
    }
    Ok(())
}

/// The same input once more, for `apply` and `resume`: its recorded path or `file`; its bytes must be the same.
pub fn same_again(
    desk: &Desk,
    planned: &PlanInput,
    recorded: &Recorded,
    file: Option<&str>,
    keys: &Keys,
) -> Result<Loaded, Failure> {
    let path = file.or(planned.path.as_deref()).ok_or_else(|| {
        Failure::usage("The file came by standard input then; it has to be named now.")
            .advice("Name it with `--file FILE`.")
    })?;
    let how = How::new(&recorded.reading, keys).asking(Asking::Nothing);
    let loaded = load(desk, path, recorded.users.as_deref(), how)?;
    if loaded.input.sha256 != planned.sha256 {
        let failure = if loaded.input.sha256.is_empty() {
            let why = loaded.table.faults().first().map(|fault| crate::words::message(&fault.reason));
            Failure::gate(format!("The file {} can't be read again.", quoted(path)))
                .because(why.unwrap_or_default())
        } else {
            Failure::gate(format!("The file {} is not the one that was planned for.", quoted(path)))
                .because("it was changed since, or it is another file: its SHA-256 differs")
        };
        return Err(failure.called("input_changed").advice(
            "Name the right file with `--file FILE`; or make a new plan for this one with `oathctl activate`. \
             Nothing was changed.",
        ));
    }
    if loaded.input.users_sha256 != planned.users_sha256 {
        return Err(Failure::gate("The list of people (`--users`) is not the one that was planned for.")
            .because("its SHA-256 differs")
            .called("input_changed")
            .advice("Put the old list back in its place, or make a new plan. Nothing was changed."));
    }
    Ok(loaded)
}
