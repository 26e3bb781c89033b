//! `oathctl schema`: a JSON Schema of what oathctl writes.

use clap::Args;
use oathctl_core::report::Exit;

use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::schemas;

/// Print a JSON Schema of what oathctl writes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  oathctl schema run/1 > run.schema.json")]
pub struct Schema {
    /// Which: run/1, plan/1, check/1, event/1, audit/1, audit-verify/1, sim/1
    name: String,
}

impl Schema {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let text = schemas::by_name(&self.name).ok_or_else(|| {
            Failure::usage(format!("There is no schema {}.", quoted(&self.name)))
                .advice(format!("There are {}.", schemas::names().join(", ")))
        })?;
        desk.ui.data(text);
        Ok(Exit::Ok)
    }
}
