//! What is done in the tenant by hand, beside the app: an administrator in the portal, a person in Security info, a
//! device taken out of a pocket.
//!
//! Owns: [`Deed`], and the true device's code where a deed needs one. Does not own: the rules, which stand in `world` as
//! for everybody; the app's permissions and the faults of the network, which do not reach here.

use crate::secret::CodeText;
use crate::sim::Parts;
use crate::world::{Changes, PersonIx, Refusal, SignIn, SignInFailure, TokenIx, TokenRef, When, Write};

/// Something done by hand to the token of this serial.
#[derive(Debug, Clone)]
pub struct Deed {
    /// Which token.
    pub serial: String,
    /// What is done.
    pub act: Act,
}

/// What is done.
#[derive(Debug, Clone)]
pub enum Act {
    /// An administrator gives it to somebody.
    Assign {
        /// To whom.
        upn: String,
    },
    /// An administrator activates it for its holder.
    Activate {
        /// The code typed; the device's own if absent.
        code: Option<CodeText>,
    },
    /// An administrator deactivates it.
    Deactivate,
    /// An administrator takes it from its holder.
    Unassign,
    /// An administrator renames it.
    Rename {
        /// The new name.
        name: String,
    },
    /// An administrator deletes it.
    Delete,
    /// A person registers it in Security info, by its serial and a code.
    Claim {
        /// Who.
        upn: String,
        /// The code typed; the device's own if absent.
        code: Option<CodeText>,
    },
    /// Its holder removes it in Security info; what is left of it is the switch `self_removal`.
    Remove,
}

/// Why a deed could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandFailure {
    /// Nobody of this name.
    #[error("no such person")]
    NoPerson,
    /// The token is nobody's.
    #[error("nobody holds it")]
    NoHolder,
    /// No such device is in the drawer, so there is no code.
    #[error("no such device")]
    NoDevice,
    /// The device is broken.
    #[error("the display stays dark")]
    Dark,
    /// The tenant says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
}

impl Parts {
    /// Does it, now.
    ///
    /// # Errors
    /// Why not; nothing has changed then, except as the switch for wrong codes says.
    pub fn by_hand(&mut self, deed: Deed, now: i64) -> Result<(), HandFailure> {
        let token = TokenRef::Serial(deed.serial.clone());
        let write = match deed.act {
            Act::Assign { upn } => Write::Assign { token, person: self.id_of(self.named(&upn)?) },
            Act::Activate { code } => {
                let person = self.id_of(self.holder(&token)?);
                let code = self.code(&deed.serial, code, now)?;
                Write::Activate { token, person, code, display_name: None }
            }
            Act::Deactivate => Write::Deactivate { person: self.id_of(self.holder(&token)?), token },
            Act::Unassign => Write::Unassign { person: self.id_of(self.holder(&token)?), token, etag: None },
            Act::Rename { name } => {
                let changes = Changes { display_name: Some(Some(name)), ..Changes::default() };
                Write::Update { token, changes, etag: None }
            }
            Act::Delete => Write::Delete { token, etag: None },
            Act::Claim { upn, code } => {
                let person = self.id_of(self.named(&upn)?);
                let code = self.code(&deed.serial, code, now)?;
                Write::AssignAndActivate { token, person, code, display_name: None }
            }
            Act::Remove => {
                self.holder(&token)?;
                return self.world.remove_own(&token, now).map_err(HandFailure::Refused);
            }
        };
        self.world.write(write, When::Now(now))?;
        Ok(())
    }

    /// Somebody signs in with the code the true device shows; the only proof that counts.
    ///
    /// # Errors
    /// The device shows nothing, or why the person is not let in.
    pub fn sign_in_with(
        &mut self,
        upn: &str,
        serial: &str,
        now: i64,
    ) -> Result<Result<SignIn, SignInFailure>, HandFailure> {
        let code = self.code(serial, None, now)?;
        Ok(self.world.sign_in(upn, &code, now))
    }

    fn named(&self, upn: &str) -> Result<PersonIx, HandFailure> {
        self.world.people.by_upn(upn).ok_or(HandFailure::NoPerson)
    }

    fn id_of(&self, person: PersonIx) -> crate::guid::Guid {
        self.world.people.get(person).id
    }

    fn token(&self, token: &TokenRef) -> Result<TokenIx, HandFailure> {
        self.world.tokens.find(token).ok_or(HandFailure::Refused(Refusal::NoToken))
    }

    fn holder(&self, token: &TokenRef) -> Result<PersonIx, HandFailure> {
        self.world.tokens.get(self.token(token)?).holder().ok_or(HandFailure::NoHolder)
    }

    /// What was typed, or what the true device shows.
    fn code(&self, serial: &str, typed: Option<CodeText>, now: i64) -> Result<CodeText, HandFailure> {
        match typed {
            Some(code) => Ok(code),
            None => {
                let device = self.devices.get(serial).ok_or(HandFailure::NoDevice)?;
                device.press(now).map(|shown| shown.code).ok_or(HandFailure::Dark)
            }
        }
    }
}
