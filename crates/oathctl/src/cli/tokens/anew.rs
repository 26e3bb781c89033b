//! `oathctl tokens reseed | delete`: what can't be taken back without the seed.

use clap::Args;
use oathctl_core::report::Exit;

use super::common::{Common, Giving, Serials};
use crate::cli::Unlock;
use crate::desk::Desk;
use crate::everyday::Verb;
use crate::failure::Failure;
use crate::places::Places;

/// Delete tokens in the tenant and make them anew with the vault's seeds.
///
/// For a token whose seed in the tenant isn't the device's. Whoever holds it gets it back, active; the seed has to be in
/// the vault.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens reseed 2300000007\n  \
    oathctl tokens reseed --file wrong-seeds.csv --yes")]
pub(super) struct Reseed {
    #[command(flatten)]
    serials: Serials,
    #[command(flatten)]
    giving: Giving,
}

/// Delete tokens in the tenant.
///
/// `release` keeps the token in the tenant, with its seed, ready for the next person: that is what you want in most
/// cases. Entra never gives a seed back, so the vault has to hold it, or `--seed-lost` says that it doesn't matter.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens delete 2300000007\n  \
    oathctl tokens delete --file scrapped.csv --seed-lost --yes")]
pub(super) struct Delete {
    #[command(flatten)]
    serials: Serials,
    /// Also tokens whose seed nobody holds: they can never be imported again
    #[arg(long, help_heading = "What is let through")]
    seed_lost: bool,
    #[command(flatten)]
    common: Common,
}

impl Reseed {
    pub(super) fn places(&self) -> Places {
        self.giving.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serials, giving } = self;
        giving.carry(desk, |common| common.request(desk, Verb::Reseed, serials.named(None)))
    }
}

impl Delete {
    pub(super) fn places(&self) -> Places {
        self.common.places()
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Self { serials, seed_lost, common } = self;
        common.carry(desk, &Unlock::default(), || {
            let mut request = common.request(desk, Verb::Delete, serials.named(None))?;
            request.options.seed_lost = seed_lost;
            Ok(request)
        })
    }
}
