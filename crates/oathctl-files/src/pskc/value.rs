//! One value of a key: plain, or sealed with or without a check value.
//!
//! Owns: [`Value`], [`Sealed`], finding them in RFC 6030 and its drafts, and in files that follow neither. Does not
//! own: opening ([`super::opener`]).

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
    /// What its key is called, where the file says so of this value and not of all.
    pub(super) name: Option<String>,
    pub(super) is_seed: bool,
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

/// What stands around values that don't say it themselves.
#[derive(Clone, Copy)]
pub(super) struct Default<'e> {
    pub(super) cipher: Option<Cipher>,
    /// Of the key that seals them.
    pub(super) name: Option<&'e str>,
}

/// Where a value was found.
#[derive(Clone, Copy)]
pub(super) struct Site<'e, 't> {
    pub(super) element: &'e Element<'t>,
    /// No rule puts it there.
    pub(super) is_astray: bool,
}

/// What holds a value: sealed or not.
const HOLDERS: [&str; 3] = ["PlainValue", "EncryptedValue", "Value"];

/// Every element of this name: `Data/Secret`, or `Data[@Name='SECRET']` in drafts; beside `Data` in files of nobody's
/// rule.
pub(super) fn sites<'e, 't>(key: &'e Element<'t>, name: &str) -> Vec<Site<'e, 't>> {
    let named = |data: &Element<'t>| {
        let found = data.any_attribute(&["Name", "name"]).map(|known| known.replace('_', ""));
        found.is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    let mut sites = Vec::new();
    for child in &key.children {
        let within = || child.children.iter().filter(|inner| inner.name == name);
        let site = |is_astray| move |element| Site { element, is_astray };
        match child.name {
            "Data" if within().next().is_some() => sites.extend(within().map(site(false))),
            "Data" if named(child) => sites.push(Site { element: child, is_astray: false }),
            "AlgorithmParameters" | "Usage" => sites.extend(within().map(site(true))),
            known if known == name => sites.push(Site { element: child, is_astray: true }),
            _ => {}
        }
    }
    sites.iter_mut().for_each(|site| site.is_astray |= holders(site.element) == 0 && !is_empty(site.element));
    sites
}

fn is_empty(element: &Element<'_>) -> bool {
    element.text().is_empty()
}

fn holders(element: &Element<'_>) -> usize {
    element.children.iter().filter(|child| HOLDERS.contains(&child.name)).count()
}

/// True for a value that stands twice: nobody can know which is meant.
pub(super) fn is_doubled(sites: &[Site<'_, '_>]) -> bool {
    sites.len() > 1 || sites.iter().any(|site| holders(site.element) > 1)
}

/// Reads a value.
pub(super) fn read<'e>(element: Option<&'e Element<'_>>, default: Default<'_>, is_seed: bool) -> Value<'e> {
    let Some(element) = element else { return Value::Absent };
    let sealed_within = element.child("EncryptedValue");
    let mac = element.any_child(&["ValueMAC", "ValueDigest"]);
    let mac = mac.or_else(|| sealed_within?.any_child(&["ValueMAC", "ValueDigest"]));
    let mac = mac.map(|mac| mac_of(mac.text()));
    let of_default = || default.name.map(str::to_owned);
    if let Some(sealed_within) = sealed_within {
        return match sealed(sealed_within, default.cipher) {
            Ok(sealed) => {
                Value::Sealed(Sealed { mac, name: sealed.name.or_else(of_default), is_seed, ..sealed })
            }
            Err(reason) => Value::Unreadable(reason),
        };
    }
    if let Some(plain) = element.child("PlainValue") {
        return Value::Plain { text: plain.text(), mac };
    }
    let text = match element.child("Value") {
        Some(value) => value.text(),
        None if is_empty(element) => return Value::Absent,
        None => element.text(),
    };
    // In drafts the container alone says whether values are sealed; integers without a check value were left open.
    match (default.cipher, base64::decode(text)) {
        (Some(cipher), Some(bytes)) if is_seed || mac.is_some() => {
            Value::Sealed(Sealed { cipher, bytes, mac, key: None, name: of_default(), is_seed })
        }
        _ => Value::Plain { text, mac },
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
    let name = element.child("KeyInfo").and_then(|info| info.text_of("KeyName")).map(str::to_owned);
    let name = name.or_else(|| key.as_ref()?.name.clone());
    Ok(Sealed {
        cipher,
        bytes: bytes.ok_or_else(malformed)?,
        mac: None,
        key: key.map(Box::new),
        name,
        is_seed: false,
    })
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
        let bytes = base64::decode(text)?;
        Some(Self { cipher: Cipher::Open, bytes, mac: Some(mac), key: None, name: None, is_seed: true })
    }

    /// It opens by its own key alone: the outermost cipher finds every other.
    pub(super) fn tells_its_key(&self) -> bool {
        let outer = self.key.as_ref().map_or(self.cipher, |key| key.cipher);
        outer.authenticates() || outer.is_asymmetric()
    }
}
