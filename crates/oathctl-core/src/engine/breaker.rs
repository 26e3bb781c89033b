//! The first wave and the circuit breaker (H16), and the suspicion of a quota.
//!
//! Owns: [`Breaker`], [`QuotaWatch`]: pure counters. Does not own: stopping the run.

use crate::reason::{Class, Reason};
use crate::report::Outcome;

/// Rows that go first, end to end and read back, before all the others.
pub const FIRST_WAVE: usize = 5;
/// Among this many rows ended first …
const EARLY: usize = 20;
/// … so many failures for one reason stop the run.
const EARLY_FAILURES: u32 = 5;
/// So many failures in a row for one reason stop it at any time.
const IN_A_ROW: u32 = 10;

/// Watches how rows end.
#[derive(Debug, Default)]
pub struct Breaker {
    ended: usize,
    reached: usize,
    early: Vec<(&'static str, u32)>,
    row: Option<(&'static str, u32)>,
}

impl Breaker {
    /// A row ended; `more` rows are under way or to come. The reason that must stop the run, if this was one too many.
    /// Failures in a row at the very end (the slow ones of a large run) stop nothing: it has come to its end.
    pub fn ended(&mut self, outcome: Outcome, why: Option<&Reason>, more: bool) -> Option<Reason> {
        let Some(reason) = why.filter(|_| matches!(outcome, Outcome::Failed | Outcome::Unknown)) else {
            self.ended += 1;
            self.reached += 1;
            self.row = None;
            return None;
        };
        if is_about_one_row(reason) {
            return None;
        }
        self.ended += 1;
        let word = reason.word();
        let in_a_row = match &mut self.row {
            Some((last, n)) if *last == word => {
                *n += 1;
                *n
            }
            other => {
                *other = Some((word, 1));
                1
            }
        };
        let tripped =
            (more && in_a_row >= IN_A_ROW) || (self.ended <= EARLY && self.early(word) >= EARLY_FAILURES);
        tripped.then(|| reason.clone())
    }

    /// True while no row has reached its goal.
    pub fn nothing_reached(&self) -> bool {
        self.reached == 0
    }

    fn early(&mut self, word: &'static str) -> u32 {
        match self.early.iter_mut().find(|(known, _)| *known == word) {
            Some((_, n)) => {
                *n += 1;
                *n
            }
            None => {
                self.early.push((word, 1));
                1
            }
        }
    }
}

/// The person's, the file's, or a state of this one device: never systemic.
fn is_about_one_row(reason: &Reason) -> bool {
    matches!(reason.info().class, Class::Person | Class::File)
        || matches!(reason, Reason::ChangedSincePlan { .. } | Reason::RunStopped)
}

/// Accepted activations within five minutes after which a burst of refusals looks like the quota Microsoft
/// documents (200 activations in 5 minutes; "OATH tokens", entra-docs).
pub const QUOTA_FLOOR: u64 = 150;
/// Equal refusals in a row that make a burst.
const BURST: usize = 5;

/// Tells a quota that hides behind refusals from wrong codes.
#[derive(Debug, Default)]
pub struct QuotaWatch {
    same: Vec<usize>,
    words: Option<(Option<u16>, Option<String>)>,
}

impl QuotaWatch {
    /// An activation was accepted: no burst.
    pub fn accepted(&mut self) {
        self.same.clear();
        self.words = None;
    }

    /// An activation was refused; `recent` are those accepted in the last five minutes. The rows of the burst,
    /// once it is one.
    pub fn refused(
        &mut self,
        row: usize,
        status: Option<u16>,
        code: Option<&str>,
        recent: u64,
    ) -> Option<Vec<usize>> {
        let words = (status, code.map(str::to_owned));
        if self.words.as_ref() != Some(&words) {
            self.same.clear();
            self.words = Some(words);
        }
        self.same.push(row);
        (recent >= QUOTA_FLOOR && self.same.len() >= BURST).then(|| std::mem::take(&mut self.same))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(breaker: &mut Breaker) -> bool {
        breaker.ended(Outcome::Failed, Some(&Reason::CodeRefused), true).is_some()
    }

    #[test]
    fn h16_five_of_the_first_twenty() {
        let mut breaker = Breaker::default();
        for n in 0..4 {
            assert!(!refused(&mut breaker), "failure {n}");
            assert_eq!(breaker.ended(Outcome::Activated, None, true), None);
        }
        assert!(refused(&mut breaker));
    }

    #[test]
    fn h16_ten_in_a_row_later_on() {
        let mut breaker = Breaker::default();
        for _ in 0..30 {
            breaker.ended(Outcome::Activated, None, true);
        }
        assert!((0..9).all(|_| !refused(&mut breaker)));
        assert!(refused(&mut breaker));
    }

    #[test]
    fn h16_a_persons_own_reason_never_stops_a_run() {
        let mut breaker = Breaker::default();
        let mut person = || breaker.ended(Outcome::Failed, Some(&Reason::PersonGuest), true).is_some();
        assert!((0..50).all(|_| !person()));
    }

    #[test]
    fn a_burst_of_equal_refusals_after_150_is_a_quota() {
        let mut watch = QuotaWatch::default();
        for row in 0..4 {
            assert_eq!(watch.refused(row, Some(400), Some("badRequest"), 180), None);
        }
        assert_eq!(watch.refused(4, Some(400), Some("badRequest"), 180), Some(vec![0, 1, 2, 3, 4]));
        for row in 0..9 {
            assert_eq!(watch.refused(row, Some(400), Some("badRequest"), 20), None, "too few before");
        }
    }
}
