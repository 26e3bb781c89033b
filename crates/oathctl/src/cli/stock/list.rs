//! `oathctl stock list`: the tokens that nobody has, one by one.
//!
//! Owns: which tokens those are, in the words of a filter. Does not own: columns and forms ([`crate::looks`]).

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::tenant::DeviceStatus;
use oathctl_store::{Filter, Sort, TokenStatus};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::lines::Column;
use crate::looks::{Look, tokens};
use crate::walk::{Attempt, Delivery};

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
    /// Only of this model
    #[arg(long)]
    model: Option<String>,
    /// Only of this delivery
    #[arg(long)]
    batch: Option<String>,
    /// Only what lies here
    #[arg(long, value_name = "PLACE")]
    location: Option<String>,
    /// Only serials that begin like this
    #[arg(long, value_name = "PREFIX")]
    serial: Option<String>,
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
        let settings = desk.settings()?;
        let attempt = Attempt::new(desk, &Delivery::default());
        desk.block_on(async {
            let mut look = Look::begin(desk, settings, &attempt, self.cached).await?;
            look.at_all().await?;
            let mut found = look.list(&self.filter()).await?;
            // The status may lag behind the holder, who is the truth about it.
            found.retain(|token| token.holder.is_none());
            look.tell().await?;
            tokens::show(&look, &found, COLUMNS, self.csv);
            look.store.close().await;
            Ok(Exit::Ok)
        })
    }

    fn filter(&self) -> Filter {
        Filter {
            statuses: vec![TokenStatus::Stock, TokenStatus::In(DeviceStatus::Available)],
            model: self.model.clone(),
            batch: self.batch.clone(),
            location: self.location.clone(),
            serial_prefix: self.serial.clone(),
            sort: Sort::Location,
            ..Filter::default()
        }
    }
}
