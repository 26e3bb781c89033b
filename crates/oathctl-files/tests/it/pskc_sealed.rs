//! Sealed PSKC: which key, which check value, and what is said when one is wrong.

use data_encoding::BASE64;
use oathctl_core::fault::Severity;
use oathctl_core::table::Table;
use oathctl_files::ReadOptions;

use crate::pskc_support::{
    MAC_KEY, PSK, Ring, THIRTY, aes, aes_bare, cbc_value, container, head, mac, mac_method, package, plain,
    read_pskc, read_with, seal as seal_with, sealed, seed, value_of,
};
use crate::support::{errors, fault, hex, remarks};

fn hex_of(seed: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(seed)
}

fn seeds(table: &Table) -> Vec<String> {
    table.rows().map(hex).collect()
}

fn file(packages: &str) -> String {
    container(&format!("{}{packages}", head()))
}

fn words(table: &Table) -> Vec<&'static str> {
    errors(table).into_iter().map(|(word, _, _)| word).collect()
}

#[test]
fn one_altered_seed_is_one_fault_and_hides_nothing() {
    let packages: Vec<String> = (0..40)
        .map(|n| {
            let value = sealed(&seed(n));
            // The check value of another seed.
            let value =
                if n == 0 || n == 7 { value.replace(&mac(&aes(&seed(n))), &mac(b"other")) } else { value };
            package(&format!("T{n}"), &value, THIRTY, "")
        })
        .collect();
    let table = read_pskc(&file(&packages.concat()), &mut Ring::psk(PSK));
    assert_eq!(table.len(), 40);
    assert_eq!(words(&table), ["mac_wrong", "mac_wrong"]);
    let places: Vec<_> =
        table.faults().iter().filter(|f| f.row.is_some()).map(|f| f.place.path.clone().unwrap()).collect();
    assert_eq!(places, ["/KeyContainer/KeyPackage[1]/Key[1]", "/KeyContainer/KeyPackage[8]/Key[1]"]);
    assert_eq!(table.rows().filter(|row| row.seed_len() == 20).count(), 38);
}

#[test]
fn a_wrong_key_is_one_fault_of_the_file() {
    let packages: String =
        (0..200).map(|n| package(&format!("T{n}"), &sealed(&seed(n)), THIRTY, "")).collect();
    let wrong = "ffeeddccbbaa99887766554433221100";
    let table = read_pskc(&file(&packages), &mut Ring::psk(wrong));
    assert_eq!(errors(&table), [("key_wrong", None, None)]);
    // Without check values chance opens one in 256, never most.
    let bare: String = (0..200)
        .map(|n| {
            package(
                &format!("T{n}"),
                &format!("<EncryptedValue>{}</EncryptedValue>", cbc_value(&aes(&seed(n)))),
                THIRTY,
                "",
            )
        })
        .collect();
    let text = container(&format!("<EncryptionKey><KeyName>k</KeyName></EncryptionKey>{bare}"));
    assert_eq!(errors(&read_pskc(&text, &mut Ring::psk(wrong))), [("key_wrong", None, None)]);
    assert_eq!(seeds(&read_pskc(&text, &mut Ring::psk(PSK)))[199], hex_of(&seed(199)));
}

#[test]
fn every_key_file_is_tried_and_what_is_no_key_is_said() {
    let text = file(&package("T1", &sealed(&seed(1)), THIRTY, ""));
    let mut ring = Ring::psk("ffeeddccbbaa99887766554433221100");
    ring.files.push(oathctl_files::KeyFile::new("second".into(), PSK.into()));
    assert_eq!(seeds(&read_pskc(&text, &mut ring)), [hex_of(&seed(1))]);
    let table = read_pskc(&text, &mut Ring::psk("no key at all"));
    assert_eq!(words(&table), ["key_unusable", "key_needed"]);
    let reason = serde_json::to_value(&fault(&table, "key_needed").reason).unwrap();
    assert_eq!(reason["recipients"], serde_json::json!(["Delivery 7"]));
}

#[test]
fn a_missing_check_value_is_refused_unless_permitted() {
    let bare = format!("<EncryptedValue>{}</EncryptedValue>", cbc_value(&aes(&seed(2))));
    let both = [package("T1", &sealed(&seed(1)), THIRTY, ""), package("T2", &bare, THIRTY, "")].concat();
    let table = read_pskc(&file(&both), &mut Ring::psk(PSK));
    assert_eq!(words(&table), ["mac_missing"]);
    assert_eq!(seeds(&table), [hex_of(&seed(1)), String::new()]);
    let options = ReadOptions { allow_unauthenticated: true, ..ReadOptions::default() };
    let table = read_with(&file(&both), &mut Ring::psk(PSK), &options);
    assert_eq!(seeds(&table), [hex_of(&seed(1)), hex_of(&seed(2))]);
    assert_eq!(fault(&table, "mac_skipped").severity, Severity::Warning);
    // All of them taken away looks no better.
    let table = read_pskc(&file(&package("T2", &bare, THIRTY, "")), &mut Ring::psk(PSK));
    assert_eq!(words(&table), ["mac_missing"]);
}

/// Whoever can alter a file could put a seed of his own in the place of a sealed one.
#[test]
fn an_open_seed_among_checked_ones_needs_its_check_value_too() {
    let open = package("T1", &plain(&seed(1)), THIRTY, "");
    assert_eq!(words(&read_pskc(&file(&open), &mut Ring::psk(PSK))), ["mac_missing"]);
    let checked = format!("{}<ValueMAC>{}</ValueMAC>", plain(&seed(1)), mac(&seed(1)));
    let table = read_pskc(&file(&package("T1", &checked, THIRTY, "")), &mut Ring::psk(PSK));
    assert_eq!((seeds(&table), errors(&table)), (vec![hex_of(&seed(1))], vec![]));
    let altered = format!("{}<ValueMAC>{}</ValueMAC>", plain(&seed(2)), mac(&seed(1)));
    let both = [package("T1", &checked, THIRTY, ""), package("T2", &altered, THIRTY, "")].concat();
    assert_eq!(words(&read_pskc(&file(&both), &mut Ring::psk(PSK))), ["mac_wrong"]);
}

#[test]
fn the_check_value_of_drafts_is_over_the_seed_and_said_once() {
    let value = |n| {
        format!(
            "<EncryptedValue>{}</EncryptedValue><ValueMAC>{}</ValueMAC>",
            cbc_value(&aes(&seed(n))),
            mac(&seed(n))
        )
    };
    let packages: String = (0..5).map(|n| package(&format!("T{n}"), &value(n), THIRTY, "")).collect();
    let table = read_pskc(&file(&packages), &mut Ring::psk(PSK));
    assert_eq!(errors(&table), []);
    assert_eq!(remarks(&table).iter().filter(|word| **word == "mac_over_plaintext").count(), 1);
}

#[test]
fn without_a_mac_key_the_key_itself_makes_the_check_values() {
    let key = data_encoding::HEXLOWER.decode(PSK.as_bytes()).unwrap();
    let own = {
        use hmac::{KeyInit, Mac};
        let mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(&key).unwrap();
        BASE64.encode(&mac.chain_update(aes(&seed(1))).finalize().into_bytes())
    };
    let method = "<MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"/>";
    let value =
        format!("<EncryptedValue>{}</EncryptedValue><ValueMAC>{own}</ValueMAC>", cbc_value(&aes(&seed(1))));
    let text = container(&format!("<EncryptionKey/>{method}{}", package("T1", &value, THIRTY, "")));
    let table = read_pskc(&text, &mut Ring::psk(PSK));
    assert_eq!((seeds(&table), errors(&table)), (vec![hex_of(&seed(1))], vec![]));
}

#[test]
fn bare_blocks_and_free_padding_need_a_fitting_check_value() {
    // Sixteen bytes end where the block ends; twenty and eleven bytes of anything before the length.
    let bare: [u8; 16] = *b"sixteen bytes ..";
    let mut free = [0x55; 32];
    free[..20].copy_from_slice(&seed(3));
    free[31] = 12;
    for (blocks, wanted) in [(bare.as_slice(), bare.as_slice()), (free.as_slice(), &seed(3))] {
        let bytes = aes_bare(blocks);
        let value = format!("<EncryptedValue>{}</EncryptedValue>", cbc_value(&bytes));
        let checked = format!("{value}<ValueMAC>{}</ValueMAC>", mac(&bytes));
        let table = read_pskc(&file(&package("T1", &checked, THIRTY, "")), &mut Ring::psk(PSK));
        assert_eq!(seeds(&table), [hex_of(wanted)], "{:?}", table.faults());
        let text = container(&format!(
            "<EncryptionKey><KeyName>k</KeyName></EncryptionKey>{}",
            package("T1", &value, THIRTY, "")
        ));
        assert_eq!(words(&read_pskc(&text, &mut Ring::psk(PSK))), ["key_wrong"]);
    }
}

#[test]
fn sealed_numbers_are_opened_and_checked() {
    let number = |name: &str, plain: &[u8]| format!("<{name}>{}</{name}>", sealed(plain));
    let digits = number("TimeInterval", b"60");
    let bytes = number("TimeInterval", &[0, 0, 0, 0, 0, 0, 0, 60]);
    let altered = digits.replace(&mac(&aes(b"60")), &mac(b"30"));
    let packages = [
        package("T1", &sealed(&seed(1)), &digits, ""),
        package("T2", &sealed(&seed(2)), &bytes, ""),
        package("T3", &sealed(&seed(3)), &altered, ""),
    ];
    let table = read_pskc(&file(&packages.concat()), &mut Ring::psk(PSK));
    let periods: Vec<_> = table.rows().map(|row| row.period_secs()).collect();
    assert_eq!(periods, [Some(60), Some(60), None]);
    assert_eq!(words(&table), ["mac_wrong"]);
}

fn derived(inner: &str, packages: &str, mac_method: &str) -> String {
    container(&format!(
        "<EncryptionKey><DerivedKey><KeyDerivationMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#pbkdf2\">\
         <PBKDF2-params>{inner}</PBKDF2-params></KeyDerivationMethod></DerivedKey></EncryptionKey>{mac_method}{packages}"
    ))
}

/// PBKDF2: passphrase, salt, rounds, room.
type Derive = fn(&[u8], &[u8], u32, &mut [u8]);

/// A file sealed by the key that PBKDF2 makes of `correct horse`.
fn by_passphrase(prf: &str, derive: Derive) -> String {
    use aes::Aes256;
    use cbc::cipher::KeyIvInit;
    let mut key = [0; 32];
    derive(b"correct horse", b"salt of eight", 500, &mut key);
    let seal = |plain: &[u8]| {
        seal_with(cbc::Encryptor::<Aes256>::new(&key.into(), &[9; 16].into()), &[9; 16], plain)
    };
    let method = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
    let salt = BASE64.encode(b"salt of eight");
    let inner =
        format!("<Salt><Specified>{salt}</Specified></Salt><IterationCount>500</IterationCount>{prf}");
    let mac_method = format!(
        "<MACMethod Algorithm=\"#hmac-sha1\"><MACKey>{}</MACKey></MACMethod>",
        value_of(method, &seal(&MAC_KEY))
    );
    let bytes = seal(&seed(1));
    let value = format!(
        "<EncryptedValue>{}</EncryptedValue><ValueMAC>{}</ValueMAC>",
        value_of(method, &bytes),
        mac(&bytes)
    );
    derived(&inner, &package("T1", &value, THIRTY, ""), &mac_method)
}

#[test]
fn pbkdf2_with_its_function_in_attribute_or_text_or_left_out() {
    let more = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha";
    let cases: [(String, Derive); 7] = [
        (String::new(), pbkdf2::pbkdf2_hmac::<sha1::Sha1>),
        ("<PRF/>".into(), pbkdf2::pbkdf2_hmac::<sha1::Sha1>),
        (format!("<PRF Algorithm=\"{more}224\"/>"), pbkdf2::pbkdf2_hmac::<sha2::Sha224>),
        (format!("<PRF Algorithm=\"{more}256\"/>"), pbkdf2::pbkdf2_hmac::<sha2::Sha256>),
        (format!("<PRF>{more}256</PRF>"), pbkdf2::pbkdf2_hmac::<sha2::Sha256>),
        (format!("<PRF Algorithm=\"{more}384\"/>"), pbkdf2::pbkdf2_hmac::<sha2::Sha384>),
        (format!("<PRF Algorithm=\"{more}512\"/>"), pbkdf2::pbkdf2_hmac::<sha2::Sha512>),
    ];
    for (prf, derive) in cases {
        let table = read_pskc(&by_passphrase(&prf, derive), &mut Ring::passphrases(&["correct horse"]));
        assert_eq!(seeds(&table), [hex_of(&seed(1))], "{prf}: {:?}", table.faults());
    }
}

#[test]
fn what_a_derivation_may_not_say() {
    let value = format!("<EncryptedValue>{}</EncryptedValue>", cbc_value(&aes(&seed(1))));
    let package = package("T1", &value, THIRTY, "");
    let salt = "<Salt><Specified>c2FsdA==</Specified></Salt>";
    let rounds = "<IterationCount>1000</IterationCount>";
    for (inner, word) in [
        (format!("{salt}<IterationCount>0</IterationCount>"), "value_malformed"),
        (format!("{salt}<IterationCount>10000001</IterationCount>"), "value_malformed"),
        (format!("{salt}<IterationCount>-1</IterationCount>"), "value_malformed"),
        (salt.to_owned(), "value_malformed"),
        (rounds.to_owned(), "value_malformed"),
        (format!("{salt}{rounds}<KeyLength>4096</KeyLength>"), "value_malformed"),
        (format!("{salt}{rounds}<PRF Algorithm=\"#hmac-md5\"/>"), "cipher_unsupported"),
    ] {
        let table = read_pskc(&derived(&inner, &package, ""), &mut Ring::passphrases(&["x"]));
        assert_eq!(words(&table), [word], "{inner}");
    }
}

#[test]
fn a_key_wrapped_for_a_certificate() {
    use rsa::pkcs8::DecodePrivateKey;
    let pem = include_bytes!("../../../../fixtures/recipient.key.pem");
    let private = rsa::RsaPrivateKey::from_pkcs8_pem(std::str::from_utf8(pem).unwrap()).unwrap();
    let public = rsa::RsaPublicKey::from(&private);
    let psk = data_encoding::HEXLOWER.decode(PSK.as_bytes()).unwrap();
    // PKCS#1 padding of sevens: no randomness is needed to be opened again.
    let mut padded = vec![0, 2];
    padded.resize(256 - 17, 7);
    padded.push(0);
    padded.extend(&psk);
    let number = rsa::BigUint::from_bytes_be(&padded);
    let wrapped = {
        use rsa::traits::PublicKeyParts;
        let wrapped = number.modpow(public.e(), public.n()).to_bytes_be();
        [vec![0; 256 - wrapped.len()], wrapped].concat()
    };
    let key = value_of("http://www.w3.org/2001/04/xmlenc#rsa-1_5", &wrapped);
    let head = format!("<EncryptionKey><EncryptedKey>{key}</EncryptedKey></EncryptionKey>{}", mac_method());
    let text = container(&format!("{head}{}", package("T1", &sealed(&seed(1)), THIRTY, "")));
    let table = read_pskc(&text, &mut Ring::file("recipient.key.pem", pem.to_vec()));
    assert_eq!(seeds(&table), [hex_of(&seed(1))], "{:?}", table.faults());
    assert_eq!(words(&read_pskc(&text, &mut Ring::psk(PSK))), ["key_needed"]);
    // The same with the key inside the value.
    let own = value_of("http://www.w3.org/2001/04/xmlenc#aes128-cbc", &aes(&seed(2)));
    let value = format!(
        "<EncryptedValue>{own}<KeyInfo><EncryptedKey>{key}</EncryptedKey></KeyInfo></EncryptedValue>"
    );
    let text = container(&format!("<EncryptionKey/>{}", package("T2", &value, THIRTY, "")));
    let table = read_pskc(&text, &mut Ring::file("recipient.key.pem", pem.to_vec()));
    assert_eq!(seeds(&table), [hex_of(&seed(2))], "{:?}", table.faults());
}

#[test]
fn a_cipher_nobody_reads_is_named_for_its_row() {
    let value = format!(
        "<EncryptedValue>{}</EncryptedValue>",
        value_of("http://example.test/xmlenc#arcfour", b"12345678")
    );
    let packages = [package("T1", &sealed(&seed(1)), THIRTY, ""), package("T2", &value, THIRTY, "")];
    let table = read_pskc(&file(&packages.concat()), &mut Ring::psk(PSK));
    assert_eq!(words(&table), ["cipher_unsupported"]);
    let reason = serde_json::to_value(&fault(&table, "cipher_unsupported").reason).unwrap();
    assert_eq!(reason["name"], "arcfour");
}
