//! Why the tenant says no.

/// A refused write. What Microsoft would call it is the face's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such token.
    #[error("no such token")]
    NoToken,
    /// No such person, or deleted.
    #[error("no such person")]
    NoPerson,
    /// This person has no such method (perhaps it is not visible yet).
    #[error("the person has no such method")]
    NoMethod,
    /// The serial is taken.
    #[error("a device with this serial number already exists")]
    DuplicateSerial,
    /// A field is missing or not allowed; its name.
    #[error("the property {0} is missing or invalid")]
    BadField(&'static str),
    /// Somebody holds it already.
    #[error("the device is already assigned")]
    AlreadyAssigned,
    /// It is activated already.
    #[error("the device is already activated")]
    AlreadyActivated,
    /// It is not activated.
    #[error("the device is not activated")]
    NotActivated,
    /// Assigned tokens can be neither changed nor deleted.
    #[error("the device is assigned to a user")]
    InUse,
    /// Five tokens and apps already.
    #[error("the user has reached the limit of five OATH tokens and authenticator apps")]
    TooMany,
    /// Guests can't hold tokens.
    #[error("the device cannot be assigned to an external guest user")]
    Guest,
    /// The code does not fit.
    #[error("the verification code is not correct")]
    WrongCode,
    /// The policy leaves this person out.
    #[error("the method is not allowed for this user by policy")]
    Policy,
    /// The app may not touch this person.
    #[error("the target holds a directory role")]
    AdminTarget,
    /// Too many activations.
    #[error("too many activations")]
    Quota {
        /// When there is room again, in milliseconds since 1970.
        until: i64,
    },
    /// `If-Match` does not match.
    #[error("the resource has changed")]
    Changed,
}

impl Refusal {
    /// Whether it is the token's or person's present state that stands against it (400 or 409 by switch).
    #[must_use]
    pub fn is_conflict(self) -> bool {
        matches!(
            self,
            Self::DuplicateSerial
                | Self::AlreadyAssigned
                | Self::AlreadyActivated
                | Self::NotActivated
                | Self::InUse
                | Self::TooMany
        )
    }
}
