//! Codes against steps.
//!
//! Owns: the windows, and finding the steps whose codes are those given. Does not own: what a find means ([`super`]).

use oathctl_core::otp::{hotp, step_at};
use oathctl_core::time::Utc;
use oathctl_core::token::Hash;
use subtle::ConstantTimeEq;

use super::codes::Given;

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Two steps either way: a clock as it should be.
    Close,
    /// Ten minutes either way; fifty presses ahead.
    Near,
    /// A day either way, as far as Entra goes when it activates; a thousand presses ahead.
    Far,
}

/// Steps that may lie between two codes given one after the other.
pub(super) const MOST_BETWEEN: u64 = 3;

/// The steps to look at: the expected one and how many before and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    expected: u64,
    before: u64,
    after: u64,
}

impl Window {
    /// Around `at`, for a token that counts by time.
    pub(super) fn of_time(period_secs: u32, at: Utc, reach: Reach) -> Self {
        let period = u64::from(period_secs.max(1));
        let steps = match reach {
            Reach::Close => 2,
            Reach::Near => (600 / period).max(2),
            Reach::Far => (86_400 / period).max(2),
        };
        Self { expected: step_at(period_secs, at), before: steps, after: steps }
    }

    /// From `counter` on, for a token that counts presses.
    pub(super) fn of_presses(counter: u64, reach: Reach) -> Self {
        let after = match reach {
            Reach::Close => 4,
            Reach::Near => 50,
            Reach::Far => 1000,
        };
        Self { expected: counter, before: 0, after }
    }

    /// How many steps are looked at.
    pub(super) fn len(self) -> u64 {
        self.before + 1 + self.after
    }

    /// True when a step so far from the expected one is among them.
    pub(super) fn holds(self, offset: i64) -> bool {
        offset.unsigned_abs() <= if offset < 0 { self.before } else { self.after }
    }

    /// The steps, nearest first: a find further away is the less likely one.
    fn steps(self) -> impl Iterator<Item = (i64, u64)> {
        let most = self.before.max(self.after);
        let sides = move |distance: u64| {
            let after = (distance <= self.after).then_some(distance.cast_signed());
            let before = (distance > 0 && distance <= self.before).then_some(-distance.cast_signed());
            [after, before]
        };
        (0..=most)
            .flat_map(sides)
            .flatten()
            .filter_map(move |offset| self.expected.checked_add_signed(offset).map(|step| (offset, step)))
    }
}

/// The nearest step whose code is the first one given and whose followers are the others: its offset and number.
pub(super) fn find(seed: &[u8], hash: Hash, codes: &[&Given], window: Window) -> Option<(i64, u64)> {
    let (first, rest) = codes.split_first()?;
    window.steps().find(|(_, step)| shows(seed, hash, first, *step) && follow(seed, hash, rest, *step))
}

/// Each of the codes within a few steps of the one before.
fn follow(seed: &[u8], hash: Hash, codes: &[&Given], mut step: u64) -> bool {
    codes.iter().all(|code| {
        let next = (1..=MOST_BETWEEN)
            .filter_map(|between| step.checked_add(between))
            .find(|next| shows(seed, hash, code, *next));
        step = next.unwrap_or(step);
        next.is_some()
    })
}

fn shows(seed: &[u8], hash: Hash, given: &Given, step: u64) -> bool {
    let typed = given.expose_code().as_bytes();
    let digits = u8::try_from(typed.len()).unwrap_or(0);
    hotp(seed, step, hash, digits).is_ok_and(|code| code.as_bytes().ct_eq(typed).into())
}

/// How likely one step shows these codes by accident.
pub(super) fn chance_of_a_step(codes: &[&Given]) -> f64 {
    let single = |given: &&Given| 10f64.powi(-i32::try_from(given.expose_code().len()).unwrap_or(6));
    let mut chances = codes.iter().map(single);
    let first = chances.next().unwrap_or(1.0);
    #[expect(clippy::cast_precision_loss, reason = "it is 3")]
    let between = MOST_BETWEEN as f64;
    chances.fold(first, |product, chance| product * chance * between)
}
