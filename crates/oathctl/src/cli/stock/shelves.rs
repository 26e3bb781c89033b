//! `oathctl stock`: counts by model, delivery and place.
//!
//! Owns: the table and what is to be reordered. Does not own: the counting (`oathctl-store`).

use std::collections::BTreeMap;

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::time::Utc;
use oathctl_core::token::Mark;
use oathctl_store::{Low, StockLine, Thresholds};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::looks::{Look, lines, looking, table};
use crate::settings::Settings;
use crate::words::en::{foreign::clean, stock};

/// Which shelves, and when to reorder.
#[derive(Debug, Args)]
pub(super) struct Shelves {
    /// The inventory answers alone, and says as of when; needs no sign-in
    #[arg(long)]
    cached: bool,
    /// Only of this model
    #[arg(long)]
    model: Option<String>,
    /// Only what lies here
    #[arg(long, value_name = "PLACE")]
    location: Option<String>,
    /// Tell the models of which fewer are free [default: `reorder_below` under `[stock]` of the configuration file]
    #[arg(long, value_name = "N")]
    reorder_below: Option<u64>,
}

/// What lies together.
#[derive(Default)]
struct Shelf {
    free: u64,
    held: u64,
    lacks_seed: u64,
    marked: BTreeMap<Mark, u64>,
    all: u64,
    known_since: Option<Utc>,
    battery_end: Option<Utc>,
}

/// Model, delivery, place.
type Label = [String; 3];

const COLUMNS: [&str; 11] = [
    "model",
    "batch",
    "location",
    "free",
    "with-people",
    "no-seed",
    "lost",
    "stolen",
    "retired",
    "known",
    "battery",
];

impl Shelves {
    pub(super) fn run(self, desk: &Desk) -> Result<Exit, Failure> {
        let settings = desk.settings()?;
        let thresholds = self.thresholds(&settings);
        looking(desk, self.cached, async |look| {
            look.at_all().await?;
            let all = look.store.inventory().stock(look.tenant()).await?;
            look.tell().await?;
            // What is to be reordered is judged over all places.
            let low = self.of_model(thresholds.low(&all));
            self.show(look, &self.shelves(&all), &low);
            Ok(Exit::Ok)
        })
    }

    fn thresholds(&self, settings: &Settings) -> Thresholds {
        match self.reorder_below {
            Some(_) => Thresholds { others: self.reorder_below, ..Thresholds::default() },
            None => settings.reorder_below.clone(),
        }
    }

    fn of_model(&self, low: Vec<Low>) -> Vec<Low> {
        low.into_iter().filter(|low| is(self.model.as_deref(), &low.model)).collect()
    }

    fn shelves(&self, lines: &[StockLine]) -> BTreeMap<Label, Shelf> {
        let mut shelves: BTreeMap<Label, Shelf> = BTreeMap::new();
        let wanted = lines.iter().filter(|line| {
            is(self.model.as_deref(), &line.model) && is(self.location.as_deref(), &line.location)
        });
        for line in wanted {
            let label = [&line.model, &line.batch, &line.location].map(Clone::clone);
            shelves.entry(label).or_default().add(line);
        }
        shelves
    }

    fn show(&self, look: &Look<'_>, shelves: &BTreeMap<Label, Shelf>, low: &[Low]) {
        let ui = &look.desk.ui;
        match look.desk.output() {
            Output::Text => {
                let rows: Vec<Vec<String>> = shelves.iter().map(|(label, shelf)| shelf.row(label)).collect();
                ui.data(&table::text(&COLUMNS, &rows));
                low.iter().for_each(|low| ui.data(&format!("{}\n", stock::low(low))));
                let sum = |of: fn(&Shelf) -> u64| shelves.values().map(of).sum();
                ui.say(&stock::total(sum(|shelf| shelf.free), sum(|shelf| shelf.all)));
            }
            Output::Ndjson => {
                shelves.iter().for_each(|(label, shelf)| ui.data(&format!("{}\n", shelf.value(label))))
            }
            Output::Json => {
                let shelves: Vec<Value> = shelves.iter().map(|(label, shelf)| shelf.value(label)).collect();
                let low = low.iter().map(|it| json!({"model": it.model, "free": it.left, "below": it.below}));
                let low: Vec<Value> = low.collect();
                look.document("oathctl.stock/1", json!({ "shelves": shelves, "low": low, "moves": null }));
            }
        }
    }
}

/// In any case.
fn is(wanted: Option<&str>, text: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.trim().eq_ignore_ascii_case(text.trim()))
}

impl Shelf {
    fn add(&mut self, line: &StockLine) {
        self.all += line.count;
        self.free += if line.is_free() { line.count } else { 0 };
        self.held += if line.is_held { line.count } else { 0 };
        self.lacks_seed += if line.lacks_seed() { line.count } else { 0 };
        if let Some(mark) = line.mark {
            *self.marked.entry(mark).or_insert(0) += line.count;
        }
        let first = |a: Option<Utc>, b: Option<Utc>| a.into_iter().chain(b).min();
        self.known_since = first(self.known_since, Some(line.known_since));
        self.battery_end = first(self.battery_end, line.battery_end);
    }

    fn marked(&self, mark: Mark) -> u64 {
        self.marked.get(&mark).copied().unwrap_or(0)
    }

    fn row(&self, label: &Label) -> Vec<String> {
        let some = |n: u64| if n == 0 { String::new() } else { n.to_string() };
        let [model, batch, location] = label.each_ref().map(|text| clean(text));
        let marked = [Mark::Lost, Mark::Stolen, Mark::Retired].map(|mark| some(self.marked(mark)));
        [model, batch, location, self.free.to_string(), some(self.held), some(self.lacks_seed)]
            .into_iter()
            .chain(marked)
            .chain([lines::day(self.known_since), lines::day(self.battery_end)])
            .collect()
    }

    fn value(&self, [model, batch, location]: &Label) -> Value {
        json!({
            "model": model, "batch": batch, "location": location, "tokens": self.all, "free": self.free,
            "held": self.held, "without_seed": self.lacks_seed, "lost": self.marked(Mark::Lost),
            "stolen": self.marked(Mark::Stolen), "retired": self.marked(Mark::Retired),
            "known_since": self.known_since, "battery_end": self.battery_end,
        })
    }
}
