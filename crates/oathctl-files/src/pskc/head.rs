//! What stands before the key packages: how values are sealed and checked, and what keys have in common.
//!
//! Owns: [`Head`] and reading it. Does not own: finding the key ([`super::unlock`]).

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::base64;
use super::crypto::{Cipher, Digest};
use super::value::{self, Sealed};
use super::{names, signature};
use crate::cells::shown::shown;
use crate::xml::Element;

/// Beyond this a derivation is an attack on the reader's patience, not on a passphrase.
const MOST_ROUNDS: u32 = 10_000_000;
/// Bytes of the longest key any cipher here takes.
const LONGEST_KEY: usize = 32;

/// Shared properties kept; the draft's files have one a model. A key that refers to one beyond them lacks its kind.
const MOST_PROPERTIES: usize = 1000;

/// How to make a key from a passphrase (PBKDF2, RFC 8018 §5.2).
pub(super) struct Derivation {
    pub(super) digest: Digest,
    pub(super) salt: Vec<u8>,
    pub(super) rounds: u32,
    /// Bytes; `None` leaves it to the cipher.
    pub(super) length: Option<usize>,
}

/// How values are checked.
pub(super) struct MacMethod {
    pub(super) digest: Digest,
    /// The key for it; without one it is the key of the values.
    pub(super) key: Option<Sealed>,
}

/// What stands before the key packages.
#[derive(Default)]
pub(super) struct Head<'t> {
    /// An encryption key or method is declared.
    pub(super) is_sealed: bool,
    /// The names of the key, as the file tells them.
    pub(super) names: Vec<String>,
    pub(super) derivation: Option<Derivation>,
    /// The key of the values, itself sealed.
    pub(super) key: Option<Sealed>,
    /// The cipher of values that name none.
    pub(super) cipher: Option<Cipher>,
    /// The initialisation vector of all values, in some drafts.
    pub(super) iv: Option<Zeroizing<Vec<u8>>>,
    pub(super) mac: Option<MacMethod>,
    /// Why nothing sealed can be opened.
    pub(super) problem: Option<Reason>,
    /// What keys refer to by `@KeyProperties`.
    pub(super) properties: Vec<Element<'t>>,
}

impl<'t> Head<'t> {
    /// Whether an element belongs here.
    pub(super) fn has(name: &str) -> bool {
        matches!(
            name,
            "EncryptionKey"
                | "EncryptionMethod"
                | "MACMethod"
                | "DigestMethod"
                | "MACAlgorithm"
                | "KeyProperties"
        )
    }

    /// Takes one element in.
    pub(super) fn take(&mut self, element: Element<'t>) {
        let taken = match element.name {
            "EncryptionKey" | "EncryptionMethod" => self.encryption(&element),
            "KeyProperties" => {
                if self.properties.len() < MOST_PROPERTIES {
                    self.properties.push(element);
                }
                Ok(())
            }
            _ => self.mac_method(&element),
        };
        if let Err(reason) = taken {
            self.problem.get_or_insert(reason);
        }
    }

    /// Values must carry check values.
    pub(super) fn checks(&self) -> Option<&MacMethod> {
        self.mac.as_ref().filter(|mac| self.is_sealed || mac.key.is_some())
    }

    fn encryption(&mut self, element: &Element<'_>) -> Result<(), Reason> {
        let algorithm = element.any_attribute(&["Algorithm", "algorithm"]).unwrap_or("");
        if algorithm.eq_ignore_ascii_case("none") {
            return Ok(());
        }
        self.is_sealed = true;
        let derived = element.child("DerivedKey");
        self.names(element);
        derived.into_iter().for_each(|derived| self.names(derived));
        self.iv = element.text_of("IV").and_then(base64::decode);
        if !algorithm.is_empty() {
            let unsupported = || Reason::CipherUnsupported { name: names::algorithm(algorithm) };
            self.cipher = Some(Cipher::parse(algorithm).ok_or_else(unsupported)?);
        }
        if let Some(sealed) = element.child("EncryptedKey") {
            if let Some(info) = sealed.child("KeyInfo") {
                self.names(info);
            }
            let inner =
                sealed.at(&["KeyInfo", "DerivedKey"]).and_then(|key| key.child("KeyDerivationMethod"));
            self.derivation = inner.map(derivation).transpose()?;
            self.key = Some(value::sealed(sealed, None)?);
        }
        if let Some(method) = derived.and_then(|derived| derived.child("KeyDerivationMethod")) {
            self.derivation = Some(derivation(method)?);
        } else if algorithm.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("pbe")) {
            self.derivation = Some(by_draft(element, algorithm)?);
        }
        Ok(())
    }

    fn names(&mut self, element: &Element<'_>) {
        let known = ["KeyName", "MasterKeyName", "CarriedKeyName"];
        let found = element.children.iter().filter_map(|child| match child.name {
            name if known.contains(&name) => Some(names::name(child.text())).filter(|name| !name.is_empty()),
            "X509Data" => signature::in_certificate(child),
            _ => None,
        });
        self.names.extend(found);
    }

    fn mac_method(&mut self, element: &Element<'_>) -> Result<(), Reason> {
        let uri = element.any_attribute(&["Algorithm", "algorithm"]).unwrap_or(element.text());
        // python-pskc names none beside a key wrap, which needs no check values; what has one all the same is tried
        // by the method nearly all files use.
        let digest = if uri.is_empty() { Some(Digest::Sha1) } else { Digest::parse(uri) };
        let digest = digest.ok_or_else(|| Reason::MacUnsupported { name: names::algorithm(uri) })?;
        // Declared is declared, whatever becomes of its key.
        self.mac = Some(MacMethod { digest, key: None });
        let key = element.child("MACKey").map(|key| value::sealed(key, self.cipher)).transpose()?;
        self.mac = Some(MacMethod { digest, key });
        Ok(())
    }
}

/// `KeyDerivationMethod`, in the namespaces of PKCS#5 and of XML Encryption 1.1.
fn derivation(method: &Element<'_>) -> Result<Derivation, Reason> {
    let uri = method.attribute("Algorithm").unwrap_or("");
    let unsupported = |name: &str| Reason::CipherUnsupported { name: names::algorithm(name) };
    if !uri.to_ascii_lowercase().ends_with("#pbkdf2") {
        return Err(unsupported(uri));
    }
    let parameters = method.child("PBKDF2-params").ok_or_else(|| malformed("PBKDF2-params", ""))?;
    let salt = parameters.at(&["Salt", "Specified"]).map_or("", Element::text);
    let prf = parameters.child("PRF");
    // One writer puts the name of the function into the element instead of its attribute.
    let prf = prf.map_or("", |prf| prf.any_attribute(&["Algorithm", "algorithm"]).unwrap_or(prf.text()));
    let digest = if prf.is_empty() { Some(Digest::Sha1) } else { Digest::parse(prf) };
    let length = parameters.text_of("KeyLength").map(key_length).transpose()?;
    Ok(Derivation {
        digest: digest.ok_or_else(|| unsupported(prf))?,
        salt: salt_of(salt)?,
        rounds: rounds_of(parameters.text_of("IterationCount").unwrap_or(""))?,
        length,
    })
}

/// `PBE-3DES112-CBC` with its salt and count, as the first drafts have it.
fn by_draft(element: &Element<'_>, algorithm: &str) -> Result<Derivation, Reason> {
    let length = if algorithm.to_ascii_lowercase().contains("3des112") { 16 } else { 24 };
    Ok(Derivation {
        digest: Digest::Sha1,
        salt: salt_of(element.text_of("PBESalt").unwrap_or(""))?,
        rounds: rounds_of(element.text_of("PBEIterationCount").unwrap_or(""))?,
        length: Some(length),
    })
}

fn salt_of(text: &str) -> Result<Vec<u8>, Reason> {
    let salt = base64::decode(text).filter(|salt| !salt.is_empty());
    salt.map(|salt| salt.to_vec()).ok_or_else(|| malformed("Salt", text))
}

fn rounds_of(text: &str) -> Result<u32, Reason> {
    let rounds = text.parse().ok().filter(|rounds| (1..=MOST_ROUNDS).contains(rounds));
    rounds.ok_or_else(|| malformed("IterationCount", text))
}

fn key_length(text: &str) -> Result<usize, Reason> {
    let length: Option<usize> = text.parse().ok();
    length.filter(|length| (1..=LONGEST_KEY).contains(length)).ok_or_else(|| malformed("KeyLength", text))
}

fn malformed(field: &str, text: &str) -> Reason {
    Reason::ValueMalformed { field: field.into(), shown: shown(text) }
}
