//! What key files are taken for.

use super::*;

const RSA_PEM: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient.key.pem");
const RSA_LOCKED: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient-locked.key.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient.crt.pem");
const OLD_AES: &[u8] = include_bytes!("../../tests/wrapped/keys/recipient-old-aes.key.pem");
const SSH: &[u8] = include_bytes!("../../tests/wrapped/keys/ssh-ed25519.key");
const EC: &[u8] = include_bytes!("../../tests/wrapped/keys/ec.key.pem");

fn word(bytes: &[u8]) -> &'static str {
    match KeyKind::of(&KeyFile::new("key".into(), bytes.to_vec())) {
        KeyKind::PgpSecret => "pgp",
        KeyKind::AgeIdentities => "age",
        KeyKind::Rsa(_) => "rsa",
        KeyKind::Ssh(_) => "ssh",
        KeyKind::Locked(_) => "locked",
        KeyKind::Shared(_) => "shared",
        KeyKind::Unusable(why) => why,
    }
}

fn readings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let KeyKind::Shared(readings) = KeyKind::of(&KeyFile::new("key".into(), bytes.to_vec())) else {
        panic!("not shared");
    };
    readings.into_iter().map(|reading| reading.to_vec()).collect()
}

#[test]
fn keys_are_told_by_content() {
    assert_eq!(word(b""), "empty");
    assert_eq!(word(b" \r\n"), "empty");
    assert_eq!(word(RSA_PEM), "rsa");
    assert_eq!(word(RSA_LOCKED), "locked");
    assert_eq!(word(CERTIFICATE), "public");
    assert_eq!(word(&[CERTIFICATE, RSA_PEM].concat()), "rsa");
    assert_eq!(word(EC), "elliptic");
    assert_eq!(word(OLD_AES), "locked");
    assert_eq!(word(&[CERTIFICATE, OLD_AES].concat()), "locked");
    let rc2 = String::from_utf8(OLD_AES.to_vec()).unwrap().replace("AES-128-CBC", "RC2-40-CBC");
    assert_eq!(word(rc2.as_bytes()), "unsupported");
    assert_eq!(word(SSH), "ssh");
    assert_eq!(word(&SSH[..200]), "not_a_key");
    assert_eq!(word(b"AGE-PLUGIN-YUBIKEY-1QQQQQQQQ\n"), "plugin");
    assert_eq!(word(b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"), "pgp");
    assert_eq!(word(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"), "public");
    assert_eq!(word(b"# created\nAGE-SECRET-KEY-1QQQ\n"), "age");
    assert_eq!(word(b"age1qqqq\n"), "public");
    assert_eq!(word(b"upn,serial number\nada,1000\n"), "not_a_key");
}

#[test]
fn der_is_read_too() {
    let text = std::str::from_utf8(RSA_PEM).unwrap();
    let der = pem::blocks(text).next().unwrap().der().unwrap();
    assert_eq!(word(&der), "rsa");
    let text = std::str::from_utf8(CERTIFICATE).unwrap();
    let der = pem::blocks(text).next().unwrap().der().unwrap();
    assert_eq!(word(&der), "public");
}

#[test]
fn pre_shared_keys_in_every_spelling() {
    let key: Vec<u8> = (0..16).map(|i| i * 17).collect();
    for text in [
        "00112233445566778899aabbccddeeff",
        "00112233445566778899AABBCCDDEEFF\r\n",
        "0x00112233445566778899aabbccddeeff",
        "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
        "# key\n00112233 44556677 8899aabb ccddeeff\n",
        "ABEiM0RVZneImaq7zN3u/w==\n",
        "ABEiM0RVZneImaq7zN3u/w",
    ] {
        assert_eq!(readings(text.as_bytes())[0], key, "{text}");
    }
    assert_eq!(readings(&key), std::slice::from_ref(&key));
    let utf16: Vec<u8> =
        "\u{feff}00112233445566778899aabbccddeeff".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(readings(&utf16)[0], key);
}

#[test]
fn what_can_be_read_in_several_ways_is() {
    let text = b"00112233445566778899aabbccddeeff";
    let lengths: Vec<usize> = readings(text).iter().map(Vec::len).collect();
    assert_eq!(lengths, [16, 24, 32], "hex, Base64, bare bytes");
}

#[test]
fn random_bytes_are_no_key_and_no_panic() {
    for length in 0..200usize {
        for first in [0x30u8, 0x95, 0xc5, 0x2d, 0xff] {
            let mut bytes = vec![0x81; length];
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            let _ = word(&bytes);
        }
    }
    for length in 0..RSA_LOCKED.len() {
        let _ = word(&RSA_LOCKED[..length]);
    }
}
