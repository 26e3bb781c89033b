//! The descriptor of agile encryption: XML with everything but the passphrase.
//!
//! Owns: reading it, and what it may ask for at most. Does not own: what is done with it.

use data_encoding::BASE64;
use oathctl_core::reason::Reason;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::super::{damaged, unsupported};
use super::digest::Digest;

/// Rounds of key derivation: Office takes 100,000 and the format allows ten million.
const MOST_SPINS: u32 = 10_000_000;

/// Everything but the passphrase.
pub(in super::super) struct Agile {
    pub(super) data: Cipher,
    pub(super) lock: Cipher,
    pub(super) spin_count: u32,
    pub(super) verifier_input: Vec<u8>,
    pub(super) verifier_value: Vec<u8>,
    pub(super) key_value: Vec<u8>,
    pub(super) hmac_key: Vec<u8>,
    pub(super) hmac_value: Vec<u8>,
}

/// How one part is encrypted: AES-CBC with these.
pub(super) struct Cipher {
    pub(super) digest: Digest,
    pub(super) key_bytes: usize,
    pub(super) salt: Vec<u8>,
}

impl Agile {
    /// Reads the XML.
    pub(in super::super) fn read(xml: &[u8]) -> Result<Self, Reason> {
        let text = std::str::from_utf8(xml).map_err(|_| damaged("workbook"))?;
        let (mut data, mut integrity, mut lock) = (None, None, None);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        loop {
            let event = reader.read_event().map_err(|_| damaged("workbook"))?;
            let element = match event {
                Event::Start(element) | Event::Empty(element) => element,
                Event::Eof => break,
                _ => continue,
            };
            let slot = match element.local_name().as_ref() {
                "keyData" => &mut data,
                "dataIntegrity" => &mut integrity,
                // A certificate's key encryptor has the same name and no rounds.
                "encryptedKey" if element.try_get_attribute("spinCount").ok().flatten().is_some() => {
                    &mut lock
                }
                _ => continue,
            };
            *slot = slot.take().or(Some(Element(element.into_owned())));
        }
        let missing = || damaged("workbook");
        let lock = lock.ok_or_else(|| unsupported("workbook encrypted for a certificate"))?;
        Self::of(&data.ok_or_else(missing)?, &integrity.ok_or_else(missing)?, &lock)
    }

    fn of(data: &Element, integrity: &Element, lock: &Element) -> Result<Self, Reason> {
        let spin_count = lock.text("spinCount")?.parse().map_err(|_| damaged("workbook"))?;
        if spin_count > MOST_SPINS {
            return Err(unsupported("workbook with an excessive key derivation"));
        }
        Ok(Self {
            data: data.cipher()?,
            lock: lock.cipher()?,
            spin_count,
            verifier_input: lock.bytes("encryptedVerifierHashInput")?,
            verifier_value: lock.bytes("encryptedVerifierHashValue")?,
            key_value: lock.bytes("encryptedKeyValue")?,
            hmac_key: integrity.bytes("encryptedHmacKey")?,
            hmac_value: integrity.bytes("encryptedHmacValue")?,
        })
    }
}

struct Element(BytesStart<'static>);

impl Element {
    fn text(&self, name: &str) -> Result<String, Reason> {
        let found = self.0.try_get_attribute(name).ok().flatten().ok_or_else(|| damaged("workbook"))?;
        Ok(found.value.into_owned())
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, Reason> {
        let bare: Vec<u8> = self.text(name)?.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        BASE64.decode(&bare).map_err(|_| damaged("workbook"))
    }

    fn cipher(&self) -> Result<Cipher, Reason> {
        let unknown = || unsupported("workbook with an unknown encryption");
        let is = |name: &str, wanted: &str| self.text(name).is_ok_and(|text| text == wanted);
        if !is("cipherAlgorithm", "AES") || !is("cipherChaining", "ChainingModeCBC") || !is("blockSize", "16")
        {
            return Err(unknown());
        }
        let key_bytes = match self.text("keyBits")?.as_str() {
            "128" => 16,
            "192" => 24,
            "256" => 32,
            _ => return Err(unknown()),
        };
        let digest = Digest::named(&self.text("hashAlgorithm")?).ok_or_else(unknown)?;
        Ok(Cipher { digest, key_bytes, salt: self.bytes("saltValue")? })
    }
}
