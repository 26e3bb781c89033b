//! What is asked of the main job: the flags that `activate` and `plan` share, and those that say what a file
//! leaves open.
//!
//! Owns: [`Reading`], [`Planning`]. Does not own: their meaning (`oathctl-files`, `oathctl-core`).

use clap::{Args, ValueEnum};
use oathctl_core::plan::{Limits, PlanOptions, UpTo};
use oathctl_core::token::Hash;
use oathctl_files::{ColumnMap, ReadOptions, SeedEncoding, Separator};
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::failure::Failure;
use crate::places::Places;

/// What the file doesn't say. Recorded with a run, for `resume`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[command(next_help_heading = "What the file doesn't say")]
pub struct Reading {
    /// Hash of rows that state none: sha1, sha256
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub hash: Option<String>,
    /// Seconds a code stands, of rows that state none: 30, 60
    #[arg(long, value_name = "SECONDS")]
    pub period: Option<u32>,
    /// Digits of a code, of rows that state none
    #[arg(long, value_name = "N")]
    pub digits: Option<u8>,
    /// How the seeds are spelled: base32, hex, base64
    #[arg(long, value_name = "SPELLING", value_parser = encoding)]
    pub secret_encoding: Option<String>,
    /// Which column holds what, as in serial=1,seed=3,upn=User
    #[arg(long, value_name = "MAP", value_parser = columns)]
    pub columns: Option<String>,
    /// What stands between cells: comma, semicolon, tab, pipe, blanks, or one character
    #[arg(long, value_name = "CHARACTER", value_parser = separator)]
    #[serde(default)]
    pub separator: Option<String>,
    /// Fill serials of digits alone with zeros to this length
    #[arg(long, value_name = "N")]
    pub serial_width: Option<u8>,
    /// Also seeds whose announced check value (MAC) is missing
    #[arg(long)]
    #[serde(default)]
    pub allow_unauthenticated: bool,
    /// Also keys whose policy says something that isn't known
    #[arg(long)]
    #[serde(default)]
    pub allow_unknown_policy: bool,
    /// Also seeds of authenticator apps
    #[arg(long)]
    #[serde(default)]
    pub allow_soft: bool,
    /// Also seeds out of documentation, which anybody can look up: for rehearsals
    #[arg(long)]
    #[serde(default)]
    pub allow_test_seeds: bool,
}

fn hash(text: &str) -> Result<String, String> {
    Hash::parse(text).map(|hash| hash.word().to_owned()).ok_or_else(|| "write sha1, sha256 or sha512".into())
}

fn encoding(text: &str) -> Result<String, String> {
    SeedEncoding::parse(text)
        .map(|it| it.word().to_owned())
        .ok_or_else(|| "write base32, hex or base64".into())
}

fn separator(text: &str) -> Result<String, String> {
    Separator::parse(text)
        .map(|_| text.to_owned())
        .ok_or_else(|| "write comma, semicolon, tab, pipe, blanks or one character".into())
}

fn columns(text: &str) -> Result<String, String> {
    ColumnMap::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

impl Reading {
    /// As the readers take it.
    pub fn options(&self, desk: &Desk) -> Result<ReadOptions, Failure> {
        let columns = self.columns.as_deref().map(ColumnMap::parse).transpose();
        let columns = columns
            .map_err(|error| Failure::usage("`--columns` can't be used.").because(error.to_string()))?;
        Ok(ReadOptions {
            hash: self.hash.as_deref().and_then(Hash::parse),
            period_secs: self.period,
            digits: self.digits,
            secret_encoding: self.secret_encoding.as_deref().and_then(SeedEncoding::parse),
            columns,
            separator: self.separator.as_deref().and_then(Separator::parse),
            serial_width: self.serial_width,
            allow_unauthenticated: self.allow_unauthenticated,
            allow_unknown_policy: self.allow_unknown_policy,
            allow_soft: self.allow_soft,
            now: Some(desk.clock.utc()),
        })
    }
}

/// How far the rows are to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Goal {
    /// Into the tenant.
    Imported,
    /// To their people, not active.
    Assigned,
    /// Active.
    #[default]
    Activated,
}

impl From<Goal> for UpTo {
    fn from(goal: Goal) -> Self {
        match goal {
            Goal::Imported => Self::Imported,
            Goal::Assigned => Self::Assigned,
            Goal::Activated => Self::Activated,
        }
    }
}

/// Which rows, how far, and what is let through.
#[derive(Clone, Debug, Default, Args)]
pub struct Planning {
    /// How far: imported, assigned, activated
    #[arg(long, value_enum, value_name = "GOAL", default_value = "activated")]
    pub up_to: Goal,
    /// People for the tokens: a CSV of serial,upn
    #[arg(long, value_name = "CSV", help_heading = "Which rows")]
    pub users: Option<String>,
    /// Only the rows of an earlier `--failed` file
    #[arg(long, value_name = "FAILED.csv", help_heading = "Which rows")]
    pub only: Option<String>,
    /// Serials and people never to touch, one a line
    #[arg(long, value_name = "FILE", help_heading = "Which rows")]
    pub exclude: Option<String>,
    /// Refuse the file for any fault, and for any row that can't go on in the tenant
    #[arg(long, help_heading = "Which rows")]
    pub strict: bool,
    /// Take tokens from their present holder
    #[arg(long, help_heading = "What is let through")]
    pub reassign: bool,
    /// At most so many tokens may change their holder
    #[arg(long, value_name = "N", requires = "reassign", help_heading = "What is let through")]
    pub max_reassign: Option<u64>,
    /// People of `--users` may get a second token
    #[arg(long, requires = "users", help_heading = "What is let through")]
    pub additional: bool,
    /// Replace what the tenant holds under a serial by the file's seed
    #[arg(long, help_heading = "What is let through")]
    pub recreate: bool,
    /// At most so many tokens may be taken away or deleted
    #[arg(long, value_name = "N", help_heading = "What is let through")]
    pub max_delete: Option<u64>,
    /// Also people with a directory role
    #[arg(long, help_heading = "What is let through")]
    pub include_admins: bool,
    /// Also people the method policy leaves out
    #[arg(long, help_heading = "What is let through")]
    pub ignore_policy: bool,
    /// Only people who have another method
    #[arg(long, help_heading = "What is let through")]
    pub require_other_method: bool,
    /// Somebody's last method may be taken away
    #[arg(long, help_heading = "What is let through")]
    pub last_method_ok: bool,
    /// Most people may belong to other domains
    #[arg(long, help_heading = "What is let through")]
    pub other_domains_ok: bool,
    /// Don't read people's other methods first (fewer requests)
    #[arg(long, conflicts_with = "require_other_method", help_heading = "What is let through")]
    pub no_preflight: bool,
}

impl Planning {
    /// As the planner takes it; the selection was read already.
    pub fn options(
        &self,
        only: Option<Vec<String>>,
        exclude: Vec<String>,
        custom: Option<String>,
    ) -> PlanOptions {
        PlanOptions {
            up_to: self.up_to.into(),
            reassign: self.reassign,
            recreate: self.recreate,
            include_admins: self.include_admins,
            ignore_policy: self.ignore_policy,
            require_other_method: self.require_other_method,
            last_method_ok: self.last_method_ok,
            other_domains_ok: self.other_domains_ok,
            preflight: !self.no_preflight,
            only,
            exclude,
            custom_endpoint: custom,
            seed_lost: false,
        }
    }

    /// The lists, as files that are read.
    pub fn places(&self) -> Places {
        Places::default()
            .read("the list of `--users`", self.users.as_deref())
            .read("the list of `--only`", self.only.as_deref())
            .read("the list of `--exclude`", self.exclude.as_deref())
    }

    /// The numbers of the gate.
    pub fn limits(&self) -> Limits {
        Limits { max_reassign: self.max_reassign, max_delete: self.max_delete }
    }
}
