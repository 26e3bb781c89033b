//! Who signed a container, as far as its signature says.
//!
//! Owns: [`signer`]. Does not own: verifying; there is no list of signers to trust.

use super::base64;
use super::names::{name, of_certificate};
use crate::xml::Element;

/// The signer's name: the key's, the certificate's subject, or its issuer; empty when nothing is said.
pub(super) fn signer(signature: &Element<'_>) -> String {
    let Some(info) = signature.child("KeyInfo") else { return String::new() };
    if let Some(key) = info.text_of("KeyName") {
        return name(key);
    }
    let Some(data) = info.child("X509Data") else { return String::new() };
    in_certificate(data).unwrap_or_default()
}

/// Whose certificate it is, as `X509Data` says (XML Signature §4.5.4).
pub(super) fn in_certificate(data: &Element<'_>) -> Option<String> {
    let subject = data.text_of("X509SubjectName").map(name);
    let certificate = || of_certificate(&base64::decode(data.text_of("X509Certificate")?)?);
    let issuer = || data.child("X509IssuerSerial")?.text_of("X509IssuerName").map(name);
    subject.or_else(certificate).or_else(issuer)
}
