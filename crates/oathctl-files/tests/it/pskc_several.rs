//! Several keys for one container: each value opens by its own.

use aes::Aes128;
use cbc::cipher::KeyIvInit;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use oathctl_core::table::Table;
use oathctl_files::KeyFile;
use sha1::Sha1;

use crate::pskc_support::{
    PSK, Ring, THIRTY, aes, cbc_value, container, head, mac, package, read_pskc, seal, sealed, seed, value_of,
};
use crate::support::{errors, hex};

const SECOND: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const THIRD: &str = "ffeeddccbbaa99887766554433221100";
const BARE: &str = "<EncryptionKey><KeyName>k</KeyName></EncryptionKey>";

fn ring(keys: &[(&str, &str)]) -> Ring {
    let files = keys.iter().map(|(name, text)| KeyFile::new((*name).into(), (*text).into()));
    Ring { files: files.collect(), ..Ring::default() }
}

fn both() -> Ring {
    ring(&[("first.key", PSK), ("second.key", SECOND)])
}

fn under(key: &str, iv: u8, plain: &[u8]) -> Vec<u8> {
    let key: [u8; 16] = data_encoding::HEXLOWER.decode(key.as_bytes()).unwrap().try_into().unwrap();
    let iv = [iv; 16];
    seal(cbc::Encryptor::<Aes128>::new(&key.into(), &iv.into()), &iv, plain)
}

fn value(bytes: &[u8]) -> String {
    format!("<EncryptedValue>{}</EncryptedValue>", cbc_value(bytes))
}

fn named(name: &str, bytes: &[u8]) -> String {
    format!(
        "<EncryptedValue><KeyInfo><KeyName>{name}</KeyName></KeyInfo>{}</EncryptedValue>",
        cbc_value(bytes)
    )
}

fn tokens(values: impl IntoIterator<Item = String>) -> String {
    let packages = values.into_iter().enumerate();
    packages.map(|(n, value)| package(&format!("T{n}"), &value, THIRTY, "")).collect()
}

fn seeds(table: &Table) -> Vec<String> {
    table.rows().map(hex).collect()
}

fn wanted(n: u8) -> Vec<String> {
    (0..n).map(|n| data_encoding::HEXLOWER.encode(&seed(n))).collect()
}

#[test]
fn rows_of_two_keys_open_each_by_its_own() {
    // Two deliveries joined, in halves and mixed, of few and of many rows.
    for (rows, of_second) in [(2u8, 1u8), (2, 0), (40, 30), (200, 199), (200, 3)] {
        let values = (0..rows).map(|n| value(&under(if n >= of_second { SECOND } else { PSK }, n, &seed(n))));
        let table = read_pskc(&container(&format!("{BARE}{}", tokens(values))), &mut both());
        let left: Vec<_> = errors(&table).into_iter().map(|(word, ..)| word).collect();
        // Without check values one row in 256 opens by both: that one is left open, and never wrong.
        assert!(left.iter().all(|word| *word == "key_undecidable") && left.len() <= 4, "{left:?}");
        let right =
            seeds(&table).into_iter().zip(wanted(rows)).filter(|(found, wanted)| found == wanted).count();
        assert_eq!(right + left.len(), usize::from(rows));
        assert!(
            seeds(&table)
                .iter()
                .zip(wanted(rows))
                .all(|(found, wanted)| found.is_empty() || *found == wanted)
        );
    }
}

#[test]
fn check_values_decide_where_the_key_itself_makes_them() {
    let check = |key: &str, bytes: &[u8]| {
        let key = data_encoding::HEXLOWER.decode(key.as_bytes()).unwrap();
        let mac = Hmac::<Sha1>::new_from_slice(&key).unwrap().chain_update(bytes).finalize();
        format!("{}<ValueMAC>{}</ValueMAC>", value(bytes), BASE64.encode(&mac.into_bytes()))
    };
    let values = (0..200u8).map(|n| {
        let key = if n % 3 == 0 { SECOND } else { PSK };
        check(key, &under(key, n, &seed(n)))
    });
    let method = "<MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"/>";
    let table = read_pskc(&container(&format!("{BARE}{method}{}", tokens(values))), &mut both());
    assert_eq!((seeds(&table), errors(&table)), (wanted(200), vec![]));
}

/// The key of the check values is sealed by the first key; rows of the second carry them all the same.
#[test]
fn one_key_of_check_values_serves_all() {
    let values = (0..20u8).map(|n| {
        let bytes = under(if n < 12 { PSK } else { SECOND }, n, &seed(n));
        format!("{}<ValueMAC>{}</ValueMAC>", value(&bytes), mac(&bytes))
    });
    let text = container(&format!("{}{}", head(), tokens(values)));
    let table = read_pskc(&text, &mut both());
    let right = seeds(&table).iter().zip(wanted(20)).filter(|(found, wanted)| *found == wanted).count();
    assert_eq!(right + errors(&table).len(), 20, "{:?}", table.faults());
    assert!(errors(&table).iter().all(|(word, ..)| *word == "key_undecidable"));
    assert!(right >= 18);
    // With the first key alone its rows open, and the others stay closed: no check value makes them seeds.
    let table = read_pskc(&text, &mut Ring::psk(PSK));
    assert_eq!(seeds(&table)[..12], wanted(12));
    assert!(seeds(&table)[12..].iter().filter(|seed| !seed.is_empty()).count() <= 1);
}

#[test]
fn a_name_says_which_key() {
    let values = (0..60u8).map(|n| {
        let second = n % 2 == 0;
        let (name, key) = if second { ("Delivery B", SECOND) } else { ("Delivery A", PSK) };
        named(name, &under(key, n, &seed(n)))
    });
    let text = container(&format!("{BARE}{}", tokens(values)));
    let table = read_pskc(&text, &mut ring(&[("x", SECOND), ("y", THIRD), ("z", PSK)]));
    assert_eq!((seeds(&table), errors(&table)), (wanted(60), vec![]));
    // Of a delivery whose key is missing only its own rows stay closed.
    let table = read_pskc(&text, &mut ring(&[("x", SECOND), ("y", THIRD)]));
    let words: Vec<_> = errors(&table).into_iter().map(|(word, ..)| word).collect();
    assert_eq!(words, ["seed_locked"; 30]);
}

#[test]
fn keys_that_open_nothing_are_wrong_however_many() {
    let values = (0..50u8).map(|n| value(&under(PSK, n, &seed(n))));
    let text = container(&format!("{BARE}{}", tokens(values)));
    let table = read_pskc(&text, &mut ring(&[("x", SECOND), ("y", THIRD)]));
    assert_eq!(errors(&table), [("key_wrong", None, None)]);
    // A wrong key beside the right one changes nothing, and an altered value is still one fault.
    let mut values: Vec<String> = (0..50u8).map(|n| sealed(&seed(n))).collect();
    values[7] = values[7].replace(&mac(&aes(&seed(7))), &mac(b"other"));
    let text = container(&format!("{}{}", head(), tokens(values)));
    let table = read_pskc(&text, &mut ring(&[("x", THIRD), ("y", PSK)]));
    let words: Vec<_> = errors(&table).into_iter().map(|(word, ..)| word).collect();
    assert_eq!(words, ["mac_wrong"]);
}

/// As python-pskc 1.4 writes a key wrap: a method of check values without a name, and no check value.
#[test]
fn a_method_of_check_values_may_be_nameless_beside_a_key_wrap() {
    let wrap = |plain: &[u8]| {
        let key = data_encoding::HEXLOWER.decode(PSK.as_bytes()).unwrap();
        let mut wrapped = vec![0; plain.len() + 8];
        let kek = aes_kw::AesKw::<Aes128>::new_from_slice(&key).unwrap();
        let length = kek.wrap_key(plain, &mut wrapped).unwrap().len();
        value_of("http://www.w3.org/2001/04/xmlenc#kw-aes128", &wrapped[..length])
    };
    let head = format!("{BARE}<MACMethod><MACKey>{}</MACKey></MACMethod>", wrap(&[7; 16]));
    let seed = [9; 24];
    let sealed = format!("<EncryptedValue>{}</EncryptedValue>", wrap(&seed));
    let text = container(&format!("{head}{}", package("T1", &sealed, THIRTY, "")));
    let table = read_pskc(&text, &mut Ring::psk(PSK));
    assert_eq!((seeds(&table), errors(&table)), (vec![data_encoding::HEXLOWER.encode(&seed)], vec![]));
    // Beside blocks that anybody could alter it still announces check values.
    let open = container(&format!("{head}{}", package("T1", &value(&aes(&seed)), THIRTY, "")));
    let words: Vec<_> =
        errors(&read_pskc(&open, &mut Ring::psk(PSK))).into_iter().map(|(word, ..)| word).collect();
    assert_eq!(words, ["mac_missing"]);
}
