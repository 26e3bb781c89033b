//! Access tokens, client secrets, and the bodies that carry seeds and codes. Wiped on drop, closed to `Debug`.
//!
//! Owns: the newtypes and their doors (`expose_…`). Does not own: copies that HTTP and TLS libraries make.

use std::fmt;
use std::io;

use bytes::Bytes;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// An OAuth 2.0 bearer. Never called just "token": that is the device.
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    /// Takes the text over; it is wiped when the access token is dropped.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The door: for the `Authorization` header and for reading the claims.
    pub fn expose_access_token(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(***)")
    }
}

/// An application's client secret.
pub struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    /// Takes the text over; it is wiped when the secret is dropped.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The door: for the body of the sign-in request.
    pub fn expose_client_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(***)")
    }
}

/// A seed in Base32, or a code, on its way into a request body.
pub(crate) struct BodySecret(Zeroizing<String>);

impl BodySecret {
    /// The seed in Base32, upper-case, without padding, as Graph's `secretKey` wants it.
    pub(crate) fn base32(seed: &[u8]) -> Self {
        let mut text =
            Zeroizing::new(String::with_capacity(data_encoding::BASE32_NOPAD.encode_len(seed.len())));
        data_encoding::BASE32_NOPAD.encode_append(seed, &mut text);
        Self(text)
    }

    /// A code, digit by digit: leading zeros stay.
    pub(crate) fn code(code: &oathctl_core::otp::Code) -> Self {
        Self(Zeroizing::new(code.expose_code().to_owned()))
    }
}

impl fmt::Debug for BodySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodySecret(***)")
    }
}

/// The door into a request body, named at each field that uses it; there is no `Serialize` on the type.
pub(crate) fn expose_in_body<S: Serializer>(secret: &BodySecret, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&secret.0)
}

/// A request body under construction. Growing wipes what is left behind, and so does dropping the last handle
/// of the finished [`Bytes`].
pub(crate) struct WipedBody(Zeroizing<Vec<u8>>);

impl WipedBody {
    /// The JSON of `value`, or `None` when it cannot be written (a map with keys that are no text: never ours).
    pub(crate) fn json(value: &impl Serialize) -> Option<Bytes> {
        let mut body = Self(Zeroizing::new(Vec::with_capacity(4096)));
        serde_json::to_writer(&mut body, value).ok()?;
        Some(Bytes::from_owner(body.0))
    }
}

impl io::Write for WipedBody {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let needed = self.0.len() + part.len();
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(self.0.capacity() * 2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_in_debug() {
        let shown = format!(
            "{:?} {:?} {:?}",
            AccessToken::new("canary-a".into()),
            ClientSecret::new("canary-b".into()),
            BodySecret::base32(b"canary-c"),
        );
        assert_eq!(shown, "AccessToken(***) ClientSecret(***) BodySecret(***)");
    }

    #[test]
    fn base32_is_upper_case_without_padding() {
        assert_eq!(&*BodySecret::base32(b"12345678901").0, "GEZDGNBVGY3TQOJQGE");
    }

    #[test]
    fn a_body_longer_than_the_first_buffer_is_whole() {
        let text = "x".repeat(10_000);
        let body = WipedBody::json(&text).unwrap();
        assert_eq!(body.len(), 10_002);
    }
}
