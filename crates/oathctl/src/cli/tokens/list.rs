//! `oathctl tokens list`: which tokens there are and how they stand.
//!
//! Owns: filters, columns, order. Does not own: asking and remembering ([`crate::looks`], `oathctl-store`).

use clap::Args;
use oathctl_core::report::{Exit, Proof};
use oathctl_core::tenant::DeviceStatus;
use oathctl_store::{Filter, Mark, Marking, Sort, TokenStatus};
use serde_json::Value;

use crate::cli::lying::Lying;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::{lines, looking, tokens};

/// List tokens.
///
/// Asks the tenant for all its tokens, brings the inventory up to it, tells what was changed by hand, and lists; with
/// the tokens in stock that no tenant has. `gone` ones are listed only where `--status gone` asks for them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl tokens list --status activated --never-used\n  \
    oathctl tokens list --cached --holder ada@contoso.com\n  \
    oathctl tokens list --model C301 --location Berlin --columns serial,status,holder,battery\n  \
    oathctl tokens list --status assigned,available --csv > tokens.csv")]
pub(super) struct List {
    /// The inventory answers alone, and says as of when; needs no sign-in
    #[arg(long)]
    cached: bool,
    #[command(flatten)]
    which: Which,
    /// What to show of each, in this order
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', value_enum, help_heading = "How")]
    columns: Vec<lines::Column>,
    /// In which order: serial, model, batch, location, status, holder, last-used, first-used
    #[arg(long, default_value = "serial", value_name = "BY", value_parser = sort, help_heading = "How")]
    sort: Sort,
    /// The other way round
    #[arg(long, help_heading = "How")]
    descending: bool,
    /// At most so many
    #[arg(long, value_name = "N", help_heading = "How")]
    limit: Option<u32>,
    /// As CSV
    #[arg(long, conflicts_with = "output", help_heading = "How")]
    csv: bool,
}

/// Which tokens.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which tokens")]
struct Which {
    /// Only these: stock, available, assigned, activated, failedActivation, gone
    #[arg(long, value_name = "STATUS,…", value_delimiter = ',', value_parser = status)]
    status: Vec<TokenStatus>,
    /// Only those that this person holds: user principal name or object id
    #[arg(long, value_name = "UPN|ID")]
    holder: Option<String>,
    #[command(flatten)]
    lying: Lying,
    /// Only with this mark: lost, stolen, retired, any, none
    #[arg(long, value_parser = mark)]
    mark: Option<Marking>,
    /// Only as far proven: none, read_back, batch, device, sign_in
    #[arg(long, value_name = "PROOF,…", value_delimiter = ',', value_parser = proof)]
    proof: Vec<Proof>,
    /// Only those in the tenant that nobody ever signed in with
    #[arg(long)]
    never_used: bool,
}

impl List {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        looking(desk, self.cached, async |look| {
            look.at_all().await?;
            if let Some(holder) = &self.which.holder {
                look.knows(holder).await?;
            }
            let found = look.list(&self.filter()).await?;
            look.tell().await?;
            let columns = if self.columns.is_empty() { lines::USUAL } else { self.columns.as_slice() };
            tokens::show(look, &found, columns, self.csv);
            Ok(Exit::Ok)
        })
    }

    fn filter(&self) -> Filter {
        let Which { status, holder, lying, mark, proof, never_used } = &self.which;
        Filter {
            statuses: status.clone(),
            holder: holder.clone(),
            mark: *mark,
            proofs: proof.clone(),
            never_used: *never_used,
            sort: self.sort,
            descending: self.descending,
            limit: self.limit,
            ..lying.filter()
        }
    }
}

fn status(text: &str) -> Result<TokenStatus, String> {
    match TokenStatus::parse(text.trim()) {
        Some(TokenStatus::In(DeviceStatus::Other(word))) if word.is_empty() => Err(STATUSES.into()),
        Some(status) => Ok(status),
        None => Err(STATUSES.into()),
    }
}

const STATUSES: &str = "there are stock, available, assigned, activated, failedActivation, gone; `?word` for another word of the tenant";

/// Serials decide between equals.
fn sort(text: &str) -> Result<Sort, String> {
    Ok(match text.trim() {
        "serial" => Sort::Serial,
        "model" => Sort::Model,
        "batch" => Sort::Batch,
        "location" => Sort::Location,
        "status" => Sort::Status,
        "holder" => Sort::Holder,
        "last-used" => Sort::LastUsed,
        "first-used" => Sort::FirstUsed,
        _ => {
            return Err(
                "there are serial, model, batch, location, status, holder, last-used, first-used".into()
            );
        }
    })
}

fn mark(text: &str) -> Result<Marking, String> {
    Ok(match text.trim() {
        "none" => Marking::Without,
        "any" => Marking::Any,
        "lost" => Marking::Is(Mark::Lost),
        "stolen" => Marking::Is(Mark::Stolen),
        "retired" => Marking::Is(Mark::Retired),
        _ => return Err("there are lost, stolen, retired, any, none".into()),
    })
}

fn proof(text: &str) -> Result<Proof, String> {
    let word = Value::String(text.trim().replace('-', "_"));
    serde_json::from_value(word).map_err(|_| "there are none, read_back, batch, device, sign_in".to_owned())
}
