//! Which tokens, by what stands on them and where they lie: of every list.
//!
//! Owns: [`Lying`]. Does not own: what else a list can be asked.

use clap::Args;
use oathctl_store::Filter;

/// By model, delivery, place, serial.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Lying {
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
}

impl Lying {
    /// As the inventory takes it.
    pub(super) fn filter(&self) -> Filter {
        Filter {
            model: self.model.clone(),
            batch: self.batch.clone(),
            location: self.location.clone(),
            serial_prefix: self.serial.clone(),
            ..Filter::default()
        }
    }
}
