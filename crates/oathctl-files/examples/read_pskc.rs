//! Reads and checks a generated PSKC file of 100,000 tokens, sealed by AES-128-CBC with HMAC-SHA1 check values, and
//! prints how long that took and how much memory.
//!
//! ```text
//! cargo run --release -p oathctl-files --example read_pskc [TOKENS]
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example tells its figures")]
#![expect(clippy::disallowed_methods, reason = "it measures time and takes an argument")]

mod measure;

use std::fmt::Write as _;

use aes::Aes128;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use measure::next;
use oathctl_files::{KeyFile, KeyRing, Locked, Passphrase};
use sha1::Sha1;

const KEY: [u8; 16] = *b"\x12\x34\x56\x78\x90\x12\x34\x56\x78\x90\x12\x34\x56\x78\x90\x12";
const MAC_KEY: [u8; 20] = [0x11; 20];
const AES: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";

struct Shared;

impl KeyRing for Shared {
    fn key_files(&self) -> Vec<KeyFile> {
        vec![KeyFile::new("shared.key".into(), KEY.to_vec())]
    }

    fn passphrase(&mut self, _: &Locked<'_>) -> Option<Passphrase> {
        None
    }
}

fn main() {
    let tokens = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000u64);
    let text = generate(tokens);
    measure::read_and_check("tokens.pskc", text.into_bytes(), tokens, &mut Shared);
}

fn generate(tokens: u64) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    // Room for all of it: a buffer that grows would count double.
    let mut text = String::with_capacity(tokens as usize * 1180 + 2048);
    text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<pskc:KeyContainer Version=\"1.0\" xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\" ");
    text.push_str(
        "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">\n",
    );
    text.push_str(" <pskc:EncryptionKey><ds:KeyName>shared</ds:KeyName></pskc:EncryptionKey>\n");
    text.push_str(
        " <pskc:MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\">\n  <pskc:MACKey>\n",
    );
    sealed(&mut text, &mut state, &MAC_KEY);
    text.push_str("  </pskc:MACKey>\n </pskc:MACMethod>\n");
    for n in 0..tokens {
        package(&mut text, &mut state, n);
    }
    text.push_str("</pskc:KeyContainer>\n");
    text
}

fn package(text: &mut String, state: &mut u64, n: u64) {
    let mut seed = [0; 20];
    seed.fill_with(|| next(state).to_le_bytes()[7]);
    let _ = write!(
        text,
        " <pskc:KeyPackage>\n  <pskc:DeviceInfo>\n   <pskc:Manufacturer>Examplar</pskc:Manufacturer>\n   \
         <pskc:SerialNo>12{n:011}</pskc:SerialNo>\n   <pskc:Model>XT-1</pskc:Model>\n  </pskc:DeviceInfo>\n  \
         <pskc:Key Id=\"12{n:011}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">\n   \
         <pskc:AlgorithmParameters>\n    <pskc:Suite>HMAC-SHA1</pskc:Suite>\n    <pskc:ResponseFormat \
         Length=\"6\" Encoding=\"DECIMAL\"/>\n   </pskc:AlgorithmParameters>\n   <pskc:Data>\n    \
         <pskc:Secret>\n     <pskc:EncryptedValue>\n"
    );
    let bytes = sealed(text, state, &seed);
    let mac =
        Hmac::<Sha1>::new_from_slice(&MAC_KEY).map(|mac| mac.chain_update(&bytes).finalize().into_bytes());
    let mac = BASE64.encode(&mac.unwrap_or_default());
    let _ = write!(
        text,
        "     </pskc:EncryptedValue>\n     <pskc:ValueMAC>{mac}</pskc:ValueMAC>\n    </pskc:Secret>\n    \
         <pskc:Time><pskc:PlainValue>0</pskc:PlainValue></pskc:Time>\n    \
         <pskc:TimeInterval><pskc:PlainValue>30</pskc:PlainValue></pskc:TimeInterval>\n   </pskc:Data>\n  \
         </pskc:Key>\n </pskc:KeyPackage>\n"
    );
}

/// Writes a value as XML Encryption has it and gives its bytes.
fn sealed(text: &mut String, state: &mut u64, plain: &[u8]) -> Vec<u8> {
    let mut iv = [0; 16];
    iv.fill_with(|| next(state).to_le_bytes()[7]);
    let mut room = [0; 48];
    room[..plain.len()].copy_from_slice(plain);
    let sealer = cbc::Encryptor::<Aes128>::new(&KEY.into(), &iv.into());
    let body = sealer.encrypt_padded::<Pkcs7>(&mut room, plain.len()).unwrap_or_default();
    let bytes = [iv.as_slice(), body].concat();
    let _ = writeln!(
        text,
        "      <xenc:EncryptionMethod Algorithm=\"{AES}\"/>\n      <xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>",
        BASE64.encode(&bytes)
    );
    bytes
}
