//! `oathctl stock move`: where tokens lie from now on. Changes this store only; nothing is sent.
//!
//! Owns: arguments, what is told of each token. Does not own: the list's form (`oathctl-files`), the inventory.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::report::Exit;
use oathctl_core::token::serial_key;
use oathctl_files::{Entries, Entry, LONGEST_PLACE, read_moves};
use oathctl_store::{AuditDeed, DeedKind, Placed, Placement, Store};
use serde_json::{Value, json};

use crate::cli::{Output, audit};
use crate::desk::Desk;
use crate::everyday::who;
use crate::failure::Failure;
use crate::input::{open, refused_list};
use crate::looks::{Look, looking, serial};
use crate::places::Places;
use crate::tell::faults;
use crate::words;
use crate::words::en::{foreign::clean, stock};

/// Say where tokens lie, or which delivery they count to.
///
/// Changes this store only and asks no tenant. A list has columns for serials and for places (`location`), deliveries
/// (`batch`), or both; an empty cell leaves a thing as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl stock move 2300000007 2300000008 --to Berlin\n  \
    oathctl stock move 2300000007 --to \"Desk 2\" --batch 2026-11\n  \
    oathctl stock move --file boxes.csv")]
pub(super) struct Move {
    /// Their serials
    #[arg(required_unless_present = "file", conflicts_with = "file", value_name = "SERIAL", value_parser = serial)]
    serials: Vec<String>,
    /// Where they lie from now on
    #[arg(long, value_name = "PLACE", value_parser = place, required_unless_present_any = ["file", "batch"], conflicts_with = "file")]
    to: Option<String>,
    /// The delivery they count to from now on
    #[arg(long, value_name = "NAME", value_parser = place, conflicts_with = "file")]
    batch: Option<String>,
    /// A CSV of serial,location,batch in place of all that
    #[arg(long, value_name = "CSV")]
    file: Option<String>,
}

/// What became of one token.
struct Told {
    serial: String,
    line: Option<u64>,
    to: String,
    end: Result<Placed, Reason>,
}

impl Move {
    pub(super) fn places(&self) -> Places {
        Places::default().read("the list of `--file`", self.file.as_deref())
    }

    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let Entries { entries, faults } = self.entries(desk)?;
        looking(desk, true, async |look| {
            let mut told = carry(desk, &look.store, &entries).await?;
            told.extend(faults.iter().filter(|fault| fault.severity == Severity::Error).map(|fault| Told {
                serial: fault.serial.clone().unwrap_or_default(),
                line: fault.place.line,
                to: String::new(),
                end: Err(fault.reason.clone()),
            }));
            told.sort_by_key(|told| told.line);
            show(look, &told);
            Ok(if told.iter().all(|told| told.end.is_ok()) { Exit::Ok } else { Exit::Rows })
        })
    }

    fn entries(&self, desk: &Desk) -> Result<Entries, Failure> {
        let Some(path) = &self.file else {
            let mut seen = BTreeSet::new();
            let named = self.serials.iter().filter(|serial| seen.insert(serial_key(serial)));
            let entry = |serial: &String| Entry {
                serial: serial.clone(),
                location: self.to.clone(),
                batch: self.batch.clone(),
                ..Entry::default()
            };
            return Ok(Entries { entries: named.map(entry).collect(), faults: Vec::new() });
        };
        let input = open(desk, path).map_err(|reason| refused_list("--file", path, &reason))?;
        let list = read_moves(input);
        faults::on_stderr(desk, list.faults.iter());
        if list.is_rejected() {
            return Err(Failure::new(
                Exit::Input,
                "The list of `--file` can't be used. Nothing was changed.",
            ));
        }
        Ok(list)
    }
}

/// Written down before it is done, deed by deed as they are alike.
async fn carry(desk: &Desk, store: &Store, entries: &[Entry]) -> Result<Vec<Told>, Failure> {
    let serials: Vec<&str> = entries.iter().map(|entry| entry.serial.as_str()).collect();
    let known = store.inventory().known_serials(&serials).await?;
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| known.contains(&serial_key(&entry.serial))) {
        alike.entry(to(entry)).or_default().push(&entry.serial);
    }
    let (actor, at) = (audit::actor(desk), desk.clock.utc());
    for (to, serials) in &alike {
        let count = u64::try_from(serials.len()).ok();
        let deed =
            AuditDeed { serials, count, said: Some(to), ..AuditDeed::new(DeedKind::TokenMoved, &actor, at) };
        store.audit().append(&deed).await?;
    }
    let placements: Vec<Placement> = entries
        .iter()
        .map(|entry| Placement {
            serial: entry.serial.clone(),
            location: entry.location.clone(),
            batch: entry.batch.clone(),
        })
        .collect();
    let placed = store.inventory().place(&placements, &who(desk), at).await?;
    let told = |(entry, placed): (&Entry, Placed)| Told {
        serial: entry.serial.clone(),
        line: (entry.line > 0).then_some(entry.line),
        to: to(entry),
        end: match placed {
            Placed::Unknown => Err(Reason::TokenUnknown),
            placed => Ok(placed),
        },
    };
    Ok(entries.iter().zip(placed).map(told).collect())
}

fn to(entry: &Entry) -> String {
    stock::to(entry.location.as_deref(), entry.batch.as_deref())
}

fn show(look: &Look<'_>, told: &[Told]) {
    let ui = &look.desk.ui;
    match look.desk.output() {
        Output::Text => {}
        Output::Ndjson => return told.iter().for_each(|it| ui.data(&format!("{}\n", value(it)))),
        Output::Json => {
            let moves: Vec<Value> = told.iter().map(value).collect();
            return look.document("oathctl.stock/1", json!({ "shelves": null, "low": null, "moves": moves }));
        }
    }
    for Told { serial, to, end, line } in told {
        match end {
            Ok(placed) => {
                ui.data(&format!("{}\n", stock::moved(&clean(serial), to, *placed == Placed::Moved)))
            }
            Err(Reason::TokenUnknown) => {
                let place = line.map(|line| format!(" (line {line})")).unwrap_or_default();
                ui.wrong(&format!(
                    "error: {}{place}: {}",
                    clean(serial),
                    words::message(&Reason::TokenUnknown)
                ));
                ui.wrong(&format!("  {}", words::advice(&Reason::TokenUnknown)));
            }
            Err(_) => {} // told with the list
        }
    }
    let count = |fits: fn(&Told) -> bool| told.iter().filter(|it| fits(it)).count();
    ui.say(&stock::moves(
        count(|it| it.end == Ok(Placed::Moved)),
        count(|it| it.end == Ok(Placed::There)),
        count(|it| it.end.is_err()),
    ));
}

fn value(told: &Told) -> Value {
    let Told { serial, line, to: _, end } = told;
    let reason = end.as_ref().err();
    json!({
        "serial": serial, "line": line, "moved": *end == Ok(Placed::Moved),
        "reason": reason.map(Reason::word), "message": reason.map(words::message), "advice": reason.map(words::advice),
    })
}

/// A name, not a story.
fn place(text: &str) -> Result<String, String> {
    match text.trim().chars().count() {
        n if n > LONGEST_PLACE => Err(format!("it has {n} characters, and {LONGEST_PLACE} are the most")),
        _ if text.chars().any(char::is_control) => Err("it has control characters".into()),
        _ => Ok(text.trim().to_owned()),
    }
}
