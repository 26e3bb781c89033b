//! `oathctl audit export`.

use std::io::{BufWriter, Write};

use clap::{Args, ValueEnum};
use oathctl_core::report::Exit;
use oathctl_store::{AuditFormat, Store, StoreError};

use super::list::Which;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::os;
use crate::places::Places;

/// Write records for a collector or a spreadsheet.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// As JSON lines, in the Common Event Format, or as CSV
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Where to; standard output when left out
    #[arg(long, short, value_name = "FILE")]
    out: Option<String>,
    #[command(flatten)]
    which: Which,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Jsonl,
    Cef,
    Csv,
}

impl Export {
    pub(super) fn places(&self) -> Places {
        Places::default().write("--out", self.out.as_deref())
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        let format = match self.format {
            Format::Jsonl => AuditFormat::Jsonl,
            Format::Cef => AuditFormat::Cef,
            Format::Csv => AuditFormat::Csv,
        };
        let filter = self.which.filter();
        let Some(path) = &self.out else {
            desk.ui.data(format.head());
            let data = |record| {
                desk.ui.data(&format.line(&record));
                Ok(())
            };
            store.audit().each(&filter, data).await?;
            return Ok(Exit::Ok);
        };
        let unwritable = |error| Failure::unwritable("The export", path, &error);
        let file = os::create_private(&desk.fs.path(path)).map_err(unwritable)?;
        let mut file = BufWriter::new(file);
        file.write_all(format.head().as_bytes()).map_err(unwritable)?;
        let (mut count, mut failed) = (0_u64, None);
        let write = |record| {
            count += 1;
            file.write_all(format.line(&record).as_bytes()).map_err(|error| {
                failed = Some(error);
                StoreError::Io { what: "the export", detail: String::new() }
            })
        };
        let done = store.audit().each(&filter, write).await;
        if let Some(error) = failed {
            return Err(unwritable(error));
        }
        done?;
        file.into_inner().map_err(|error| unwritable(error.into_error()))?.sync_all().map_err(unwritable)?;
        desk.ui.say(&format!("{count} records written."));
        Ok(Exit::Ok)
    }
}
