//! A user signs in with a code from his device: the only proof that counts.

use super::{PersonIx, Status, TokenIx, World};
use crate::secret::CodeText;

/// A sign-in that worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// The token whose code it was.
    pub token: TokenIx,
    /// What the tenant now believes of its clock, in steps.
    pub drift_steps: i64,
}

/// Why a sign-in failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInFailure {
    /// Nobody of this name.
    #[error("unknown_user")]
    UnknownUser,
    /// The account is disabled.
    #[error("disabled_user")]
    DisabledUser,
    /// The method policy is off, or leaves this person out.
    #[error("policy_excluded")]
    PolicyExcluded,
    /// No activated token.
    #[error("no_active_token")]
    NoActiveToken,
    /// The code was used before.
    #[error("code_used")]
    CodeUsed,
    /// The code does not fit.
    #[error("wrong_code")]
    WrongCode,
}

impl World {
    /// Judges a code at sign-in, around the drift learned so far; a code is good once.
    ///
    /// # Errors
    /// Why the user is not let in.
    pub fn sign_in(&mut self, upn: &str, code: &CodeText, now: i64) -> Result<SignIn, SignInFailure> {
        let person = self.people.by_upn(upn).ok_or(SignInFailure::UnknownUser)?;
        if !self.people.get(person).enabled {
            return Err(SignInFailure::DisabledUser);
        }
        if !self.policy_covers(person) {
            return Err(SignInFailure::PolicyExcluded);
        }
        let active = self.active_tokens(person);
        if active.is_empty() {
            return Err(SignInFailure::NoActiveToken);
        }
        for ix in &active {
            if let Some(counter) = self.find_at_sign_in(*ix, code, now) {
                self.learn(*ix, counter, now, true);
                self.tokens.get_mut(*ix).change(now, |version| version.last_used = Some(now));
                return Ok(SignIn { token: *ix, drift_steps: self.tokens.get(*ix).drift_steps });
            }
        }
        let spent = active.iter().any(|ix| self.was_spent(*ix, code, now));
        Err(if spent { SignInFailure::CodeUsed } else { SignInFailure::WrongCode })
    }

    fn active_tokens(&self, person: PersonIx) -> Vec<TokenIx> {
        self.held_now(person).filter(|ix| self.tokens.get(*ix).status() == Status::Activated).collect()
    }
}
