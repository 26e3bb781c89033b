//! How far a run has come, counted from its events.
//!
//! Owns: [`Tally`]. Does not own: how it is shown.

use oathctl_core::event::What;
use oathctl_core::report::Outcome;

use crate::tell;

/// The counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// When the run opened, in milliseconds of our monotonic clock.
    pub began_ms: u64,
    /// Rows with something to do.
    pub rows: u64,
    /// Of these, ended.
    pub ended: u64,
    /// Of these, failed or unknown.
    pub failed: u64,
    /// Everything there is to do: creations, activations, ends of rows.
    pub parts: u64,
    /// Of these, done.
    pub parts_done: u64,
}

impl Tally {
    /// Nothing yet.
    pub fn starting_at(began_ms: u64) -> Self {
        Self { began_ms, ..Self::default() }
    }

    /// Takes an event in. The rate counts from when the run opens, not from the reading before it.
    pub fn take(&mut self, what: &What, now_ms: u64) {
        match what {
            What::RunOpened { .. } => self.began_ms = now_ms,
            What::Planned { totals } => {
                self.rows = totals.rows.saturating_sub(totals.already + totals.failed + totals.skipped);
                self.parts = self.rows + totals.create + totals.activate;
            }
            What::RowChanged { outcome: None, reached, .. } => {
                self.parts_done += u64::from(matches!(reached.as_str(), "created" | "activated"));
            }
            What::RowChanged { outcome: Some(outcome), .. } => {
                self.ended += 1;
                self.parts_done += 1;
                self.failed += u64::from(matches!(outcome, Outcome::Failed | Outcome::Unknown));
            }
            _ => {}
        }
    }

    /// `25 of 100 rows, 1 failed, 5.0 rows/s`.
    pub fn line(&self, now_ms: u64) -> String {
        let mut line = format!("{} of {}", self.ended, tell::rows(self.rows));
        if self.failed > 0 {
            line.push_str(&format!(", {} failed", self.failed));
        }
        if let Some(rate) = self.rate_tenths(now_ms) {
            line.push_str(&format!(", {}.{} rows/s", rate / 10, rate % 10));
        }
        line
    }

    /// Rows a second so far, in tenths; `None` before there is anything to measure.
    pub fn rate_tenths(&self, now_ms: u64) -> Option<u64> {
        let ms = now_ms.saturating_sub(self.began_ms);
        (ms > 0 && self.ended > 0).then(|| self.ended * 10_000 / ms)
    }

    /// Seconds left at this rate.
    pub fn left_s(&self, now_ms: u64) -> Option<u64> {
        let ms = now_ms.saturating_sub(self.began_ms);
        let left = self.rows.saturating_sub(self.ended);
        (self.ended > 0).then(|| (left * ms).div_ceil(self.ended * 1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left() {
        let tally = Tally { began_ms: 1_000, rows: 100, ended: 25, ..Tally::default() };
        assert_eq!(tally.rate_tenths(6_000), Some(50));
        assert_eq!(tally.left_s(6_000), Some(15));
        assert_eq!(Tally::default().left_s(5), None);
    }
}
