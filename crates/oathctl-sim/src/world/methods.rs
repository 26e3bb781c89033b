//! What else people sign in with. Read-only here: nobody registers a phone in the practice tenant.

use crate::guid::Guid;

/// One registered method that is not a hardware token.
#[derive(Debug, Clone)]
pub struct Method {
    /// Object id.
    pub id: Guid,
    /// Its kind.
    pub kind: MethodKind,
    /// When it was registered, milliseconds since 1970.
    pub created_at: i64,
}

/// The kinds of methods the practice tenant knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodKind {
    /// A password; everybody has one.
    Password,
    /// A mobile phone.
    Phone,
    /// Microsoft Authenticator.
    Authenticator,
    /// A security key.
    Fido2,
    /// Another authenticator app.
    SoftwareOath,
    /// An e-mail address for self-service.
    Email,
    /// A Temporary Access Pass.
    AccessPass,
}

impl MethodKind {
    /// Whether it counts, with hardware tokens, towards the five a person may have.
    #[must_use]
    pub fn counts_as_app(self) -> bool {
        matches!(self, Self::Authenticator | Self::SoftwareOath)
    }
}
