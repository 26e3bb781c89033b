//! What every verb on tokens can be told, and the way from arguments to a request.
//!
//! Owns: [`Common`], [`Serials`], [`Giving`]. Does not own: what happens ([`crate::everyday`]).

use std::collections::BTreeSet;

use clap::Args;
use oathctl_core::plan::{Limits, PlanInput, PlanOptions};
use oathctl_core::report::Exit;
use oathctl_core::token::serial_key;

use crate::cli::Unlock;
use crate::desk::Desk;
use crate::everyday::{self, About, Named, People, Request, Verb, Who};
use crate::failure::Failure;
use crate::input;
use crate::places::Places;
use crate::walk::{Attempt, Delivery};

/// Which rows, what is let through, what is left: of every verb.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Common {
    /// A list in place of one token: serials, or a CSV of serial,upn
    #[arg(long, value_name = "CSV", help_heading = "Which tokens")]
    pub file: Option<String>,
    /// Serials and people never to touch, one a line
    #[arg(long, value_name = "FILE", help_heading = "Which tokens")]
    pub exclude: Option<String>,
    /// Refuse all if any row can't go on
    #[arg(long, help_heading = "Which tokens")]
    pub strict: bool,
    /// Also people with a directory role
    #[arg(long, help_heading = "What is let through")]
    pub include_admins: bool,
    /// Somebody's last method may be taken away
    #[arg(long, help_heading = "What is let through")]
    pub last_method_ok: bool,
    /// At most so many tokens may be taken away or deleted
    #[arg(long, value_name = "N", help_heading = "What is let through")]
    pub max_delete: Option<u64>,
    /// Write the report here, as JSON
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    pub report: Option<String>,
    /// Write the rows that failed here, as CSV for `--file`
    #[arg(long, value_name = "FILE", help_heading = "What is left")]
    pub failed: Option<String>,
}

/// The tokens a verb is about, where it takes no more than their serials.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Serials {
    /// Their serials
    #[arg(required_unless_present = "file", conflicts_with = "file", value_name = "SERIAL")]
    serials: Vec<String>,
}

impl Serials {
    /// As a request takes them.
    pub fn named(self, user: Option<&str>) -> Vec<Named> {
        self.serials.into_iter().map(|serial| named(serial, user.map(str::to_owned))).collect()
    }
}

/// What every verb can be told that gives a token to somebody, and so needs its seed.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Giving {
    #[command(flatten)]
    through: Through,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    unlock: Unlock,
}

impl Giving {
    /// Its files.
    pub fn places(&self) -> Places {
        self.unlock.places(self.common.places())
    }

    /// Makes the request and walks it.
    pub fn carry(
        &self,
        desk: &Desk,
        request: impl FnOnce(&Common) -> Result<Request, Failure>,
    ) -> Result<Exit, Failure> {
        self.common.carry(desk, &self.unlock, || {
            let mut request = request(&self.common)?;
            self.through.apply(&mut request);
            Ok(request)
        })
    }
}

/// What is let through where a token is given to somebody.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is let through")]
struct Through {
    /// Take tokens from their present holder
    #[arg(long)]
    pub reassign: bool,
    /// At most so many tokens may change their holder
    #[arg(long, value_name = "N", requires = "reassign")]
    pub max_reassign: Option<u64>,
    /// Also people the method policy leaves out
    #[arg(long)]
    pub ignore_policy: bool,
    /// Only people who have another method
    #[arg(long)]
    pub require_other_method: bool,
    /// Most people may belong to other domains
    #[arg(long)]
    pub other_domains_ok: bool,
}

impl Through {
    /// Into the planner's options and the gate's numbers.
    fn apply(&self, request: &mut Request) {
        request.limits.max_reassign = self.max_reassign;
        let options = &mut request.options;
        options.reassign = self.reassign;
        options.ignore_policy = self.ignore_policy;
        options.require_other_method = self.require_other_method;
        options.other_domains_ok = self.other_domains_ok;
    }
}

impl Common {
    /// Its files.
    pub fn places(&self) -> Places {
        Places::default()
            .read("the list of `--file`", self.file.as_deref())
            .read("the list of `--exclude`", self.exclude.as_deref())
            .write("--report", self.report.as_deref())
            .write("--failed", self.failed.as_deref())
    }

    /// A request about these tokens, or about those of `--file`.
    pub fn request(&self, desk: &Desk, verb: Verb, named: Vec<Named>) -> Result<Request, Failure> {
        let people = if verb.needs_person() { People::Needed } else { People::Welcome };
        let (tokens, input) = match &self.file {
            Some(path) if verb.needs_pairs() => everyday::read_pairs(desk, "--file", path)?,
            Some(path) => everyday::read_list(desk, "--file", path, people)?,
            None => (once(named)?, PlanInput::default()),
        };
        self.about(desk, verb, About::Tokens(tokens), input)
    }

    /// A request about whatever.
    pub fn about(&self, desk: &Desk, verb: Verb, about: About, input: PlanInput) -> Result<Request, Failure> {
        let options = PlanOptions {
            include_admins: self.include_admins,
            last_method_ok: self.last_method_ok,
            preflight: true,
            exclude: input::excluded(desk, self.exclude.as_deref())?,
            ..PlanOptions::default()
        };
        let limits = Limits { max_delete: self.max_delete, ..Limits::default() };
        Ok(Request { verb, about, options, limits, strict: self.strict, first_only: false, input })
    }

    /// Makes the request and walks it; a failure on the way is told to scripts as a report.
    pub fn carry(
        &self,
        desk: &Desk,
        unlock: &Unlock,
        request: impl FnOnce() -> Result<Request, Failure>,
    ) -> Result<Exit, Failure> {
        let to = Delivery { report: self.report.clone(), failed: self.failed.clone() };
        let attempt = Attempt::new(desk, &to);
        let done = request().and_then(|request| everyday::carry(&attempt, request, unlock, &to));
        attempt.ends(done)
    }
}

/// Each token once, in the order of the command line.
fn once(named: Vec<Named>) -> Result<Vec<Named>, Failure> {
    let mut seen = BTreeSet::new();
    let named: Vec<Named> =
        named.into_iter().filter(|named| seen.insert(serial_key(&named.serial))).collect();
    if named.is_empty() || named.iter().any(|named| named.serial.trim().is_empty()) {
        return Err(Failure::usage("No token was named.")
            .advice("Name its serial, or a list of serials with `--file`. Nothing was sent."));
    }
    Ok(named)
}

/// A token by its serial.
pub(super) fn named(serial: impl Into<String>, upn: Option<String>) -> Named {
    let serial: String = serial.into();
    Named { serial: serial.trim().to_owned(), who: upn.map(Who::Upn), ..Named::default() }
}

/// A user principal name, as far as its shape can tell.
pub(super) fn upn(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.contains('@') {
        Ok(text.to_owned())
    } else {
        Err("write a user principal name, as in ada@contoso.com".into())
    }
}
