//! Judging codes with what was uploaded, and learning the token's clock from them.
//!
//! Ranges: at activation one day (30 s) or two days (60 s), or by switch one and two minutes; at sign-in one minute
//! (30 s) or two (60 s), around the drift learned so far
//! (<https://learn.microsoft.com/en-us/entra/identity/authentication/concept-authentication-oath-tokens>).

use super::{TokenIx, World};
use crate::options::ActivationRange;
use crate::secret::CodeText;

/// Steps allowed at sign-in: one minute of 30 s steps is two minutes of 60 s steps.
pub(super) const SIGN_IN_STEPS: i64 = 2;
/// A day of 30 s steps, and two days of 60 s steps.
const DAY_STEPS: i64 = 2880;

impl World {
    /// The step the tenant's clock stands at, for a token of this period.
    fn step_now(&self, ix: TokenIx, now: i64) -> i64 {
        let period_ms = i64::from(self.tokens.get(ix).details().period_s) * 1000;
        self.tenant_clock(now).div_euclid(period_ms)
    }

    pub(super) fn find_at_activation(&self, ix: TokenIx, code: &CodeText, now: i64) -> Option<i64> {
        let reach = match self.options.activation_range {
            ActivationRange::Wide => DAY_STEPS,
            ActivationRange::Narrow => SIGN_IN_STEPS,
        };
        let token = self.tokens.get(ix);
        token.codes().find(code.open(), self.step_now(ix, now), reach, &token.used)
    }

    pub(super) fn find_at_sign_in(&self, ix: TokenIx, code: &CodeText, now: i64) -> Option<i64> {
        let token = self.tokens.get(ix);
        let centre = self.step_now(ix, now) + token.drift_steps;
        token.codes().find(code.open(), centre, SIGN_IN_STEPS, &token.used)
    }

    /// Whether the code would fit if it had not been used already.
    pub(super) fn was_spent(&self, ix: TokenIx, code: &CodeText, now: i64) -> bool {
        let token = self.tokens.get(ix);
        let centre = self.step_now(ix, now) + token.drift_steps;
        token.codes().find(code.open(), centre, SIGN_IN_STEPS, &[]).is_some()
    }

    pub(super) fn learn(&mut self, ix: TokenIx, counter: i64, now: i64, spend: bool) {
        let drift = counter - self.step_now(ix, now);
        let token = self.tokens.get_mut(ix);
        token.drift_steps = drift;
        if spend {
            token.spend(counter);
        }
    }
}
