//! One value of a key: plain, or sealed with or without a check value.
//!
//! Owns: [`Value`], [`Sealed`], finding them in RFC 6030 and its drafts. Does not own: opening ([`super::opener`]).

use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::base64;
use super::crypto::{Cipher, Digest};
use super::names::algorithm;
use crate::cells::shown::shown;
use crate::xml::Element;

/// A sealed value. Nothing in it is secret but where it isn't sealed after all.
pub(super) struct Sealed {
    pub(super) cipher: Cipher,
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Its check value.
    pub(super) mac: Option<Vec<u8>>,
    /// The key it is sealed with, itself sealed (`xenc:EncryptedKey`).
    pub(super) key: Option<Box<Sealed>>,
}

/// What stands where a value should.
pub(super) enum Value<'e> {
    Absent,
    Plain {
        text: &'e str,
        mac: Option<Vec<u8>>,
    },
    Sealed(Sealed),
    /// Neither, and why.
    Unreadable(Reason),
}

/// What the container says of values that don't say it themselves.
#[derive(Clone, Copy)]
pub(super) struct Default {
    pub(super) cipher: Option<Cipher>,
}

/// The element of a value: `Data/Secret`, or `Data[@Name='SECRET']` in drafts.
pub(super) fn element<'e, 't>(key: &'e Element<'t>, name: &str) -> Option<&'e Element<'t>> {
    let data = || key.children.iter().filter(|child| child.name == "Data");
    let named = |data: &&Element<'t>| {
        let found = data.any_attribute(&["Name", "name"]).map(|known| known.replace('_', ""));
        found.is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    data().find_map(|data| data.child(name)).or_else(|| data().find(named))
}

/// True for a value that stands twice: nobody can know which is meant.
pub(super) fn is_doubled(key: &Element<'_>, name: &str) -> bool {
    let data = key.children.iter().filter(|child| child.name == "Data");
    let twins = data.flat_map(|data| &data.children).filter(|child| child.name == name).count();
    let is_value = |child: &&Element<'_>| matches!(child.name, "PlainValue" | "EncryptedValue" | "Value");
    let values = element(key, name).map_or(0, |found| found.children.iter().filter(is_value).count());
    twins > 1 || values > 1
}

/// Reads a value.
pub(super) fn read<'e>(element: Option<&'e Element<'_>>, default: Default, is_seed: bool) -> Value<'e> {
    let Some(element) = element else { return Value::Absent };
    let sealed_within = element.child("EncryptedValue");
    let mac = element.any_child(&["ValueMAC", "ValueDigest"]);
    let mac = mac.or_else(|| sealed_within?.any_child(&["ValueMAC", "ValueDigest"]));
    let mac = mac.map(|mac| mac_of(mac.text()));
    if let Some(sealed_within) = sealed_within {
        return match sealed(sealed_within, default.cipher) {
            Ok(sealed) => Value::Sealed(Sealed { mac, ..sealed }),
            Err(reason) => Value::Unreadable(reason),
        };
    }
    if let Some(plain) = element.child("PlainValue") {
        return Value::Plain { text: plain.text(), mac };
    }
    let Some(value) = element.child("Value") else { return Value::Absent };
    // In drafts the container alone says whether values are sealed; integers without a check value were left open.
    match (default.cipher, base64::decode(value.text())) {
        (Some(cipher), Some(bytes)) if is_seed || mac.is_some() => {
            Value::Sealed(Sealed { cipher, bytes, mac, key: None })
        }
        _ => Value::Plain { text: value.text(), mac },
    }
}

/// A check value that isn't Base64 fits nothing.
fn mac_of(text: &str) -> Vec<u8> {
    base64::decode(text).map(|mac| mac.to_vec()).unwrap_or_default()
}

/// An element of XML Encryption's `EncryptedType`: method, perhaps a key of its own, cipher text.
///
/// # Errors
/// `cipher_unsupported`; `value_malformed` when it isn't Base64.
pub(super) fn sealed(element: &Element<'_>, default: Option<Cipher>) -> Result<Sealed, Reason> {
    let cipher = match element.child("EncryptionMethod").map(method) {
        Some(Some(cipher)) => cipher?,
        _ => default.ok_or_else(|| Reason::CipherUnsupported { name: algorithm("") })?,
    };
    let text = element.at(&["CipherData", "CipherValue"]).map_or("", Element::text);
    let bytes = base64::decode(text).filter(|bytes| !bytes.is_empty());
    let malformed = || Reason::ValueMalformed { field: "CipherValue".into(), shown: shown(text) };
    let key = element.at(&["KeyInfo", "EncryptedKey"]).map(|key| sealed(key, None)).transpose()?;
    Ok(Sealed { cipher, bytes: bytes.ok_or_else(malformed)?, mac: None, key: key.map(Box::new) })
}

/// The cipher an `EncryptionMethod` names; `None` when it names none.
fn method(element: &Element<'_>) -> Option<Result<Cipher, Reason>> {
    // PKCS#5 wraps the cipher once more.
    let scheme = element.child("EncryptionScheme").and_then(|scheme| scheme.attribute("Algorithm"));
    let uri = scheme.or_else(|| element.any_attribute(&["Algorithm", "algorithm"]))?;
    let unsupported = |name: &str| Reason::CipherUnsupported { name: algorithm(name) };
    let Some(cipher) = Cipher::parse(uri) else { return Some(Err(unsupported(uri))) };
    let Cipher::RsaOaep { digest, mask } = cipher else { return Some(Ok(cipher)) };
    if element.text_of("OAEPparams").is_some() {
        return Some(Err(unsupported("rsa-oaep with OAEPparams")));
    }
    let named = |child: &str, default: Digest| {
        let Some(uri) = element.child(child).and_then(|child| child.attribute("Algorithm")) else {
            return Ok(default);
        };
        Digest::parse(uri).ok_or_else(|| unsupported(uri))
    };
    let both = named("DigestMethod", digest)
        .and_then(|digest| Ok(Cipher::RsaOaep { digest, mask: named("MGF", mask)? }));
    Some(both)
}

impl Sealed {
    /// A value that isn't sealed but carries a check value.
    pub(super) fn open(text: &str, mac: Vec<u8>) -> Option<Self> {
        Some(Self { cipher: Cipher::Open, bytes: base64::decode(text)?, mac: Some(mac), key: None })
    }
}
