use aes::Aes128;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use oathctl_core::table::Table;
use oathctl_files::{Input, KeyFile, KeyRing, Locked, Passphrase, ReadOptions, read};
use sha1::Sha1;

pub(crate) const PSK: &str = "00112233445566778899aabbccddeeff";
pub(crate) const MAC_KEY: [u8; 20] = *b"a key of check value";
const IV: [u8; 16] = *b"sixteen bytes iv";
const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// Lends what a test gives it and counts how often it was asked.
#[derive(Default)]
pub(crate) struct Ring {
    pub(crate) files: Vec<KeyFile>,
    pub(crate) passphrases: Vec<&'static str>,
    pub(crate) hints: Vec<Option<String>>,
}

impl Ring {
    pub(crate) fn psk(text: &str) -> Self {
        Self { files: vec![KeyFile::new("shared.key".into(), text.into())], ..Self::default() }
    }

    pub(crate) fn file(name: &str, bytes: Vec<u8>) -> Self {
        Self { files: vec![KeyFile::new(name.into(), bytes)], ..Self::default() }
    }

    pub(crate) fn passphrases(passphrases: &[&'static str]) -> Self {
        Self { passphrases: passphrases.to_vec(), ..Self::default() }
    }
}

impl KeyRing for Ring {
    fn key_files(&self) -> Vec<KeyFile> {
        self.files.clone()
    }

    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        self.hints.push(locked.hint.map(str::to_owned));
        let text = self.passphrases.get(usize::try_from(locked.attempt).unwrap())?;
        Some(Passphrase::new((*text).into()))
    }
}

pub(crate) fn read_with(text: &str, ring: &mut Ring, options: &ReadOptions) -> Table {
    read(Input::new(Some("tokens.xml".into()), text.into()), options, ring)
}

pub(crate) fn read_pskc(text: &str, ring: &mut Ring) -> Table {
    read_with(text, ring, &ReadOptions::default())
}

/// A container around what is given.
pub(crate) fn container(inner: &str) -> String {
    format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">\n{inner}\n</KeyContainer>\n"
    )
}

/// A package of one TOTP key with everything but its seed; `more` stands in its data, `after` behind it.
pub(crate) fn package(serial: &str, secret: &str, more: &str, after: &str) -> String {
    format!(
        "<KeyPackage><DeviceInfo><Manufacturer>Examplar</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>\
         <Key Id=\"k-{serial}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">\
         <AlgorithmParameters><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters>\
         <Data><Secret>{secret}</Secret>{more}</Data>{after}</Key></KeyPackage>\n"
    )
}

pub(crate) const THIRTY: &str = "<TimeInterval><PlainValue>30</PlainValue></TimeInterval>";

pub(crate) fn plain(seed: &[u8]) -> String {
    format!("<PlainValue>{}</PlainValue>", BASE64.encode(seed))
}

/// A value as AES-128-CBC seals it under [`PSK`].
pub(crate) fn aes(plain: &[u8]) -> Vec<u8> {
    seal(cbc::Encryptor::<Aes128>::new(&psk().into(), &IV.into()), &IV, plain)
}

/// The same without padding; `plain` must be whole blocks.
pub(crate) fn aes_bare(plain: &[u8]) -> Vec<u8> {
    let mut body = plain.to_vec();
    let sealer = cbc::Encryptor::<Aes128>::new(&psk().into(), &IV.into());
    sealer.encrypt_padded::<NoPadding>(&mut body, plain.len()).unwrap();
    [IV.as_slice(), &body].concat()
}

/// IV and padded cipher text.
pub(crate) fn seal(sealer: impl BlockModeEncrypt, iv: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut body = plain.to_vec();
    body.resize(plain.len() + 16, 0);
    let body = sealer.encrypt_padded::<Pkcs7>(&mut body, plain.len()).unwrap();
    [iv, body].concat()
}

fn psk() -> [u8; 16] {
    data_encoding::HEXLOWER.decode(PSK.as_bytes()).unwrap().try_into().unwrap()
}

pub(crate) fn mac(bytes: &[u8]) -> String {
    BASE64
        .encode(&Hmac::<Sha1>::new_from_slice(&MAC_KEY).unwrap().chain_update(bytes).finalize().into_bytes())
}

pub(crate) fn value_of(method: &str, bytes: &[u8]) -> String {
    format!(
        "<EncryptionMethod Algorithm=\"{method}\"/><CipherData><CipherValue>{}</CipherValue></CipherData>",
        BASE64.encode(bytes)
    )
}

pub(crate) fn cbc_value(bytes: &[u8]) -> String {
    value_of(&format!("{XENC}aes128-cbc"), bytes)
}

/// A sealed value with its check value.
pub(crate) fn sealed(plain: &[u8]) -> String {
    let bytes = aes(plain);
    format!("<EncryptedValue>{}</EncryptedValue><ValueMAC>{}</ValueMAC>", cbc_value(&bytes), mac(&bytes))
}

/// The head of a container sealed by a pre-shared key, with check values.
pub(crate) fn head() -> String {
    format!("<EncryptionKey><KeyName>Delivery 7</KeyName></EncryptionKey>{}", mac_method())
}

pub(crate) fn mac_method() -> String {
    format!(
        "<MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"><MACKey>{}</MACKey></MACMethod>\n",
        cbc_value(&aes(&MAC_KEY))
    )
}

/// Seeds that protect nothing.
pub(crate) fn seed(n: u8) -> [u8; 20] {
    std::array::from_fn(|at| n.wrapping_mul(31).wrapping_add(u8::try_from(at).unwrap() * 7 + 3))
}
