//! One token whose codes are to be explained.
//!
//! Owns: [`Candidate`], how far each is searched. Does not own: what the finds mean ([`super::weigh`]).

use oathctl_core::table::RowView;
use oathctl_core::time::Utc;
use oathctl_core::token::OtpKind;

use super::codes::Given;
use super::reading::{self, Reading, Variant};
use super::search::{self, Reach, Window};
use crate::options::SeedEncoding;

/// How many tokens are searched through a whole day under every reading; the others only under readings found so far.
const FAR_TOKENS: usize = 8;

/// A find, as it is weighed.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) reading: Reading,
    pub(super) offset: i64,
    pub(super) step: u64,
    pub(super) reach: Reach,
}

/// A token that can be tried.
pub(super) struct Candidate<'t> {
    pub(super) row: RowView<'t>,
    pub(super) codes: Vec<&'t Given>,
    at: Utc,
    pub(super) variants: Vec<Variant>,
    pub(super) found: Vec<Found>,
}

/// Near first; far only for what is not found near.
pub(super) fn search_all(candidates: &mut [Candidate<'_>]) {
    for candidate in candidates.iter_mut() {
        candidate.search(Reach::Near, |_| true);
    }
    let mut far = 0;
    for n in 0..candidates.len() {
        if !candidates[n].found.is_empty() {
            continue;
        }
        far += 1;
        let known: Vec<Reading> =
            candidates.iter().flat_map(|c| &c.found).map(|found| found.reading).collect();
        let declared = reading::declared(candidates[n].row);
        candidates[n].search(Reach::Far, |reading| {
            far <= FAR_TOKENS || known.contains(&reading) || declared == Some(reading)
        });
    }
}

impl<'t> Candidate<'t> {
    pub(super) fn new(
        row: RowView<'t>,
        codes: Vec<&'t Given>,
        at: Utc,
        read_as: Option<SeedEncoding>,
    ) -> Self {
        Self { row, codes, at, variants: reading::variants(row, read_as), found: Vec::new() }
    }

    fn search(&mut self, reach: Reach, wanted: impl Fn(Reading) -> bool) {
        for (hash, period_secs) in reading::parameters(self.row) {
            for Variant { spelling, seed } in &self.variants {
                let reading = Reading { spelling: *spelling, hash, period_secs };
                if !wanted(reading) {
                    continue;
                }
                if let Some((offset, step)) =
                    search::find(seed, hash, &self.codes, self.window(period_secs, reach))
                {
                    self.found.push(Found { reading, offset, step, reach });
                }
            }
        }
    }

    pub(super) fn window(&self, period_secs: u32, reach: Reach) -> Window {
        match self.row.kind() {
            OtpKind::Hotp => Window::of_presses(self.row.counter().unwrap_or(0), reach),
            _ => Window::of_time(period_secs, self.at, reach),
        }
    }

    /// Everything that is tried within a reach under all readings.
    pub(super) fn tries(&self, reach: Reach) -> u64 {
        let parameters = reading::parameters(self.row);
        let steps: u64 = parameters.iter().map(|(_, period)| self.window(*period, reach).len()).sum();
        steps * u64::try_from(self.variants.len()).unwrap_or(1)
    }

    pub(super) fn declared(&self) -> Option<Reading> {
        reading::declared(self.row)
    }
}
