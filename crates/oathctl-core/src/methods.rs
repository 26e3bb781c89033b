//! What people sign in with, as the tenant lists it.
//!
//! Owns: [`MethodKind`], [`Methods`], which kinds answer an MFA prompt, the limit of five. Does not own: reading them
//! (a back end), who may get a token ([`crate::plan`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Hardware tokens and authenticator apps one person may hold together (Microsoft, "Authentication methods in
/// Microsoft Entra ID - OATH tokens").
pub const ROOM: u32 = 5;

/// A kind of method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    /// A hardware token, active or not.
    HardwareToken,
    /// Microsoft Authenticator.
    MicrosoftAuthenticator,
    /// Another authenticator app.
    SoftwareOath,
    /// Text message or voice.
    Phone,
    /// A security key or a passkey.
    Fido2,
    /// Windows Hello for Business.
    WindowsHello,
    /// A platform's own credential (macOS).
    PlatformCredential,
    /// A certificate.
    Certificate,
    /// Another company's method.
    External,
    /// A password.
    Password,
    /// An e-mail address, for self-service only.
    Email,
    /// A Temporary Access Pass.
    AccessPass,
    /// A kind we do not know.
    Other,
}

/// A person's registered methods, counted as the tenant lists them. Hardware tokens and authenticator apps together
/// are what the limit of five is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Methods {
    /// Hardware tokens, each of them, those uploaded in the portal too. The active ones are not told apart here; whether
    /// the tenant lists the ones that are not active is unknown, so this may be less than the devices held, never more.
    pub hardware: u32,
    /// Authenticator apps: Microsoft's, and others' (software OATH).
    pub authenticators: u32,
    /// Other methods that can answer an MFA prompt (phone, FIDO2, Windows Hello …); a password, an e-mail address and a
    /// Temporary Access Pass are none.
    pub other_mfa: u32,
    /// Of these, text message or voice: the ones a TOTP token is asked for before.
    pub phone: u32,
    /// All of them, by kind.
    #[serde(default)]
    pub kinds: BTreeMap<MethodKind, u32>,
}

impl Methods {
    /// Counts one more. Kinds we do not know answer no prompt.
    pub fn add(&mut self, kind: MethodKind) {
        *self.kinds.entry(kind).or_insert(0) += 1;
        match kind {
            MethodKind::HardwareToken => self.hardware += 1,
            MethodKind::MicrosoftAuthenticator | MethodKind::SoftwareOath => self.authenticators += 1,
            MethodKind::Phone => {
                self.phone += 1;
                self.other_mfa += 1;
            }
            MethodKind::Fido2
            | MethodKind::WindowsHello
            | MethodKind::PlatformCredential
            | MethodKind::Certificate
            | MethodKind::External => self.other_mfa += 1,
            MethodKind::Password | MethodKind::Email | MethodKind::AccessPass | MethodKind::Other => {}
        }
    }

    /// How much of the limit is taken; `devices` is how many hardware tokens are known to be held otherwise.
    pub fn taken(&self, devices: u32) -> u32 {
        self.hardware.max(devices) + self.authenticators
    }

    /// How many more may come.
    pub fn room(&self, devices: u32) -> u32 {
        ROOM.saturating_sub(self.taken(devices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_are_hardware_and_apps_together() {
        let mut methods = Methods::default();
        [MethodKind::HardwareToken, MethodKind::SoftwareOath, MethodKind::Phone, MethodKind::Password]
            .into_iter()
            .for_each(|kind| methods.add(kind));
        assert_eq!((methods.taken(0), methods.room(0)), (2, 3));
        assert_eq!((methods.taken(3), methods.room(3)), (4, 1), "inactive ones may not be listed");
        assert_eq!(methods.room(9), 0);
        assert_eq!((methods.other_mfa, methods.phone), (1, 1));
    }
}
