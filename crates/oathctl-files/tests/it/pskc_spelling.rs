//! PSKC that strays from the standard: what is taken and said, what is refused and why.

use data_encoding::{BASE32, HEXLOWER};
use oathctl_files::{ReadOptions, SeedEncoding};

use crate::pskc_support::{Ring, THIRTY, container, package, plain, read_pskc, read_with, seed};
use crate::support::{errors, fault, hex, remarks};

const TOTP: &str = "Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\"";

fn device(info: &str, key: &str) -> String {
    container(&format!(
        "<KeyPackage><DeviceInfo>{info}</DeviceInfo><Key Id=\"k1\" {TOTP}>{key}</Key></KeyPackage>"
    ))
}

fn secret() -> String {
    format!("<Secret>{}</Secret>", plain(&seed(1)))
}

#[test]
fn values_astray_are_taken_and_said_once() {
    let period = "<TimeInterval>60</TimeInterval>";
    let long = "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>";
    for key in [
        format!("<Data>{}{period}</Data>", secret()),
        format!("<Data>{}</Data>{period}", secret()),
        format!("<Data>{}</Data>{long}", secret()),
        format!("<AlgorithmParameters>{period}</AlgorithmParameters><Data>{}</Data>", secret()),
    ] {
        let text = device("<SerialNo>A-1</SerialNo>", &key);
        let text = text.replace("</KeyContainer>", &package("A-2", &plain(&seed(2)), period, ""));
        let table = read_pskc(&format!("{text}</KeyContainer>"), &mut Ring::default());
        let periods: Vec<_> = table.rows().map(|row| row.period_secs()).collect();
        assert_eq!((periods, errors(&table)), (vec![Some(60), Some(60)], vec![]), "{key}");
        assert_eq!(remarks(&table).iter().filter(|word| **word == "value_misplaced").count(), 1, "{key}");
    }
    // The same value at two places is one too many.
    let text = device("<SerialNo>A-1</SerialNo>", &format!("<Data>{}{long}</Data>{period}", secret()));
    assert_eq!(errors(&read_pskc(&text, &mut Ring::default()))[0].0, "value_malformed");
}

#[test]
fn the_hash_beside_its_place_counts_too() {
    let of = |suite: &str| {
        let text = device("<SerialNo>A-1</SerialNo>", &format!("{suite}<Data>{}{THIRTY}</Data>", secret()));
        let table = read_pskc(&text, &mut Ring::default());
        let row = table.rows().next().unwrap();
        (row.hash().map(oathctl_core::token::Hash::word), errors(&table).len())
    };
    assert_eq!(of("<Suite>HMAC-SHA256</Suite>"), (Some("sha256"), 0));
    assert_eq!(of("<AlgorithmParameters><Suite>SHA-256</Suite></AlgorithmParameters>"), (Some("sha256"), 0));
    let two = "<AlgorithmParameters><Suite>SHA-1</Suite><Suite>SHA-256</Suite></AlgorithmParameters>";
    assert_eq!(of(two).1, 1);
}

#[test]
fn properties_give_their_values_however_they_hold_them() {
    let with = |properties: &str, refers: &str| {
        let text = container(&format!(
            "<KeyProperties xml:id=\"P1\" KeyAlgorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">{properties}\
             </KeyProperties><KeyPackage><DeviceInfo><SerialNo>A-1</SerialNo></DeviceInfo><Key Id=\"1\" \
             KeyProperties=\"{refers}\"><Data>{}</Data></Key></KeyPackage>",
            secret()
        ));
        read_pskc(&text, &mut Ring::default())
    };
    let direct = "<Suite>HMAC-SHA256</Suite><TimeInterval>60</TimeInterval><ResponseFormat Length=\"8\"/>";
    let table = with(direct, "P1");
    let row = table.rows().next().unwrap();
    let found = (row.hash().map(oathctl_core::token::Hash::word), row.period_secs(), row.digits());
    assert_eq!((found, errors(&table)), ((Some("sha256"), Some(60), Some(8)), vec![]));
    // What a key refers to must be there: else the defaults would stand in for it.
    let table = with(direct, "P2");
    assert!(errors(&table).iter().any(|(word, ..)| *word == "value_malformed"), "{:?}", table.faults());
}

#[test]
fn a_date_that_is_none_is_said_by_place() {
    let text =
        container(&package("T1", &plain(&seed(1)), THIRTY, "<Policy><ExpiryDate>foo</ExpiryDate></Policy>"));
    let table = read_pskc(&text, &mut Ring::default());
    assert_eq!(errors(&table), []);
    let told = fault(&table, "date_unreadable");
    assert!(told.row.is_some() && told.place.path.is_some() && told.place.line == Some(2));
}

#[test]
fn a_device_has_one_serial_and_keeps_its_issue() {
    let data = format!("<Data>{}{THIRTY}</Data>", secret());
    let table =
        read_pskc(&device("<SerialNo>A-1</SerialNo><IssueNo>2</IssueNo>", &data), &mut Ring::default());
    let row = table.rows().next().unwrap();
    assert_eq!((row.serial(), row.issue_no()), ("A-1", Some("2")));
    for info in [
        "<SerialNo>A-1</SerialNo><SerialNo>A-2</SerialNo>",
        "<SerialNo>A-1</SerialNo></DeviceInfo><DeviceInfo><SerialNo>A-2</SerialNo>",
    ] {
        let table = read_pskc(&device(info, &data), &mut Ring::default());
        assert_eq!(errors(&table)[0].0, "value_malformed", "{info}");
        assert_eq!(table.rows().next().unwrap().serial(), "");
    }
}

#[test]
fn a_seed_in_another_spelling_is_never_read_as_base64() {
    let (bytes, long) = (seed(3), [seed(4).as_slice(), &seed(5)[..12]].concat());
    let spelled = [
        (HEXLOWER.encode(&bytes), "hex", SeedEncoding::Hex, HEXLOWER.encode(&bytes)),
        (HEXLOWER.encode(&long).to_uppercase(), "hex", SeedEncoding::Hex, HEXLOWER.encode(&long)),
        (BASE32.encode(&bytes), "base32", SeedEncoding::Base32, HEXLOWER.encode(&bytes)),
    ];
    for (text, looks_like, encoding, wanted) in spelled {
        let secret = format!("<PlainValue>{text}</PlainValue>");
        let both = [package("T1", &secret, THIRTY, ""), package("T2", &plain(&seed(6)), THIRTY, "")];
        let file = container(&both.concat());
        let table = read_pskc(&file, &mut Ring::default());
        assert_eq!(errors(&table).len(), 1, "its own row alone: {:?}", table.faults());
        let reason = serde_json::to_value(&fault(&table, "seed_spelling_doubtful").reason).unwrap();
        assert_eq!(reason["looks_like"], looks_like);
        assert!(!format!("{:?}", table.faults()).contains(&text));
        // Either can be stated.
        let with = |encoding| ReadOptions { secret_encoding: Some(encoding), ..ReadOptions::default() };
        let one = container(&package("T1", &secret, THIRTY, ""));
        let table = read_with(&one, &mut Ring::default(), &with(encoding));
        assert_eq!((hex(table.rows().next().unwrap()), errors(&table)), (wanted, vec![]));
        let table = read_with(&one, &mut Ring::default(), &with(SeedEncoding::Base64));
        assert_eq!(errors(&table), [], "Base64, as stated");
    }
    // RFC 6030's own seed, and others of its length, are Base64 beyond doubt.
    for n in 0..=255 {
        assert_eq!(
            errors(&read_pskc(
                &container(&package("T1", &plain(&seed(n)), THIRTY, "")),
                &mut Ring::default()
            )),
            []
        );
    }
}

#[test]
fn what_is_cut_off_in_its_first_tag_is_pskc_all_the_same() {
    let text = container(&package("T1", &plain(&seed(1)), THIRTY, ""));
    let prefixed = text.replacen("<Key", "<pskc:Key", 1);
    for (text, from) in [(&text, 4), (&prefixed, 9), (&format!("<?xml version=\"1.0\"?>\n{text}"), 30)] {
        let tag = text.find("pskc\">").unwrap();
        for length in from..tag + 5 {
            let table = read_pskc(&text[..length], &mut Ring::default());
            let reason = serde_json::to_value(&fault(&table, "document_damaged").reason).unwrap();
            assert_eq!(reason["format"], "PSKC", "{}", &text[..length]);
            assert_eq!(reason["what"], "truncated");
        }
    }
}

#[test]
fn a_key_that_names_itself_as_its_pin_hides_nothing() {
    let policy = "<Policy><PINPolicy PINKeyId=\"k-T1\" PINUsageMode=\"Local\"/></Policy>";
    let table = read_pskc(&container(&package("T1", &plain(&seed(1)), THIRTY, policy)), &mut Ring::default());
    assert_eq!((table.len(), errors(&table)), (1, vec![]));
}
