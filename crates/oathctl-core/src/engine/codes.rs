//! Codes at the moment they leave.
//!
//! Owns: [`offer`], the rule of how much of its window a code must have left, and [`CallCodes`], the code source of
//! one call. Does not own: the code's arithmetic ([`crate::otp`]) nor the tenant's clock.

use std::sync::Mutex;

use super::row::Window;
use crate::otp::{step_at, totp_of_step};
use crate::seed::{SeedKey, SeedSource};
use crate::tenant::{CodeOffer, CodeSource};
use crate::time::{ServerTime, Utc};
use crate::token::TotpParams;

/// Least time a code in a batch has left when it leaves.
pub const LEFT_IN_BATCH_MS: u64 = 10_000;
/// Least time a code in a call of its own has left.
pub const LEFT_ALONE_MS: u64 = 2_000;

/// What one item of a call needs for its code.
#[derive(Clone, Copy, Debug)]
pub struct CodeItem {
    /// Whose seed.
    pub seed: SeedKey,
    /// How the code is made.
    pub params: TotpParams,
    /// How far the device's clock is ahead of true time, in seconds.
    pub drift_s: i64,
    /// End of the window of the last code sent for this row: only a later one goes.
    pub after: Option<Utc>,
}

/// Which step's code to send at `at`: the present one while enough of it is left, else the next. The next one's
/// window begins within the margin, so what it teaches the tenant stays within one step of the truth (H7).
/// `Err` holds the time at which to ask again.
pub fn step_to_send(params: TotpParams, at: Utc, after: Option<Utc>, single: bool) -> Result<u64, Utc> {
    let period = i64::from(params.period_secs.max(1));
    let margin = i64::try_from(if single { LEFT_ALONE_MS } else { LEFT_IN_BATCH_MS }).unwrap_or(0);
    let step = step_at(params.period_secs, at);
    let end = Utc::from_unix_secs((i64::try_from(step).unwrap_or(i64::MAX / 4000) + 1) * period);
    let best = if end.ms_since(at) >= margin { step } else { step + 1 };
    let first_allowed = after.map_or(0, |end_of_last| step_at(params.period_secs, end_of_last));
    if first_allowed <= best {
        return Ok(best);
    }
    let opens = Utc::from_unix_secs(i64::try_from(first_allowed).unwrap_or(i64::MAX / 4000) * period);
    Err(opens.plus_ms(1))
}

/// The code of one item at `at`, with the window it teaches within.
pub fn offer(
    item: &CodeItem,
    seeds: &dyn SeedSource,
    at: ServerTime,
    single: bool,
) -> (CodeOffer, Option<Window>) {
    let shown = at.0.plus_ms(item.drift_s * 1000);
    let step = match step_to_send(item.params, shown, item.after, single) {
        Ok(step) => step,
        Err(again) => return (CodeOffer::WaitUntil(ServerTime(again.plus_ms(-item.drift_s * 1000))), None),
    };
    let mut made = None;
    // A door: the seed becomes a code here.
    let lent =
        seeds.with_seed_for_code(item.seed, &mut |seed| made = totp_of_step(seed, item.params, step).ok());
    match (lent, made) {
        (Ok(()), Some(code)) => {
            let back = -item.drift_s * 1000;
            let window = Window {
                valid_from: code.valid_from.plus_ms(back),
                valid_until: code.valid_until.plus_ms(back),
                step_ms: i64::from(item.params.period_secs) * 1000,
            };
            (CodeOffer::Ready(code), Some(window))
        }
        _ => (CodeOffer::None, None),
    }
}

/// The code source of one call; remembers the window of what it gave last for each item.
pub struct CallCodes<'a> {
    items: Vec<CodeItem>,
    seeds: &'a dyn SeedSource,
    given: Mutex<Vec<Option<Window>>>,
}

impl<'a> CallCodes<'a> {
    /// For the items of one call.
    pub fn new(items: Vec<CodeItem>, seeds: &'a dyn SeedSource) -> Self {
        let given = Mutex::new(vec![None; items.len()]);
        Self { items, seeds, given }
    }

    /// The windows of the codes that were given.
    pub fn windows(&self) -> Vec<Option<Window>> {
        self.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl CodeSource for CallCodes<'_> {
    fn code(&self, item: usize, at: ServerTime, single: bool) -> CodeOffer {
        let Some(wanted) = self.items.get(item) else { return CodeOffer::None };
        let (code, window) = offer(wanted, self.seeds, at, single);
        let mut given = self.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(slot) = given.get_mut(item) {
            *slot = window;
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Hash;

    const P30: TotpParams = TotpParams { hash: Hash::Sha1, digits: 6, period_secs: 30 };

    #[test]
    fn h07_a_code_leaves_with_its_margin_left() {
        let at = |ms| Utc::from_unix_ms(ms);
        assert_eq!(step_to_send(P30, at(20_000), None, false), Ok(0));
        assert_eq!(
            step_to_send(P30, at(20_001), None, false),
            Ok(1),
            "less than ten seconds left in a batch"
        );
        assert_eq!(step_to_send(P30, at(28_000), None, true), Ok(0));
        assert_eq!(step_to_send(P30, at(28_001), None, true), Ok(1));
    }

    #[test]
    fn h09_a_further_code_is_of_a_later_step() {
        let last_ended = Some(Utc::from_unix_secs(30));
        assert_eq!(
            step_to_send(P30, Utc::from_unix_secs(5), last_ended, false),
            Err(Utc::from_unix_ms(30_001))
        );
        assert_eq!(step_to_send(P30, Utc::from_unix_secs(31), last_ended, false), Ok(1));
    }
}
