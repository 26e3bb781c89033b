//! `oathctl stock list`: the tokens that nobody has, one by one.
//!
//! Owns: which tokens those are, in the words of a filter. Does not own: columns and forms ([`crate::looks`]).

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::tenant::DeviceStatus;
use oathctl_store::{Filter, Sort, TokenStatus};

use crate::cli::lying::Lying;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::lines::Column;
use crate::looks::{looking, tokens};

/// List the tokens that nobody has: those the tenant has in stock, and those that no tenant has.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl stock list --location Berlin\n  \
    oathctl stock list --model C301 --cached --csv > stock.csv\n  \
    oathctl stock list --batch 2026-11 --output json")]
pub(super) struct List {
    /// The inventory answers alone, and says as of when; needs no sign-in
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    lying: Lying,
    /// As CSV
    #[arg(long, conflicts_with = "output")]
    csv: bool,
}

const COLUMNS: &[Column] = &[
    Column::Serial,
    Column::Model,
    Column::Batch,
    Column::Location,
    Column::Status,
    Column::Seed,
    Column::Mark,
    Column::Known,
    Column::Battery,
];

impl List {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, self.cached, async |look| {
            look.at_all().await?;
            let mut found = look.list(&self.filter()).await?;
            // The status may lag behind the holder, who is the truth about it.
            found.retain(|token| token.holder.is_none());
            look.tell().await?;
            tokens::show(look, &found, COLUMNS, self.csv);
            Ok(Exit::Ok)
        })
    }

    fn filter(&self) -> Filter {
        Filter {
            statuses: vec![TokenStatus::Stock, TokenStatus::In(DeviceStatus::Available)],
            sort: Sort::Location,
            ..self.lying.filter()
        }
    }
}
