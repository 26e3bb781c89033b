//! Broken and hostile PSKC files.

use proptest::prelude::*;

use crate::pskc_support::{PSK, Ring, THIRTY, container, head, package, plain, read_pskc, sealed, seed};
use crate::support::{errors, fault, tokens};

fn small() -> String {
    let packages =
        [package("T1", &sealed(&seed(1)), THIRTY, ""), package("T2", &sealed(&seed(2)), THIRTY, "")];
    container(&format!("{}{}", head(), packages.concat()))
}

#[test]
fn a_log_without_its_end_is_truncated_and_keeps_its_rows() {
    let packages = [package("T1", &plain(&seed(1)), THIRTY, ""), package("T2", &plain(&seed(2)), THIRTY, "")];
    let text = container(&packages.concat()).replace("</KeyContainer>\n", "");
    let table = read_pskc(&text, &mut Ring::default());
    assert_eq!(tokens(&table).len(), 2);
    assert_eq!(errors(&table), [("document_damaged", Some(5), None)]);
    let reason = serde_json::to_value(&fault(&table, "document_damaged").reason).unwrap();
    assert_eq!((reason["format"].as_str(), reason["what"].as_str()), (Some("PSKC"), Some("truncated")));
    assert!(table.is_rejected());
}

#[test]
fn a_document_type_is_never_read() {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE KeyContainer [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n{}",
        container(&package("&x;", &plain(&seed(1)), THIRTY, ""))
    );
    let table = read_pskc(&text, &mut Ring::default());
    assert_eq!(errors(&table), [("doctype_forbidden", Some(2), None)]);
    assert!(table.is_empty());
    let text = container(&package("&x;", &plain(&seed(1)), THIRTY, ""));
    assert_eq!(errors(&read_pskc(&text, &mut Ring::default())), [("document_damaged", Some(2), None)]);
}

#[test]
fn declarations_after_what_they_are_about_are_refused() {
    let text = container(&format!("{}{}", package("T1", &plain(&seed(1)), THIRTY, ""), head()));
    assert_eq!(errors(&read_pskc(&text, &mut Ring::psk(PSK)))[0].0, "document_damaged");
}

#[test]
fn blanks_and_a_mark_before_the_declaration_do_not_matter() {
    let text = format!("\u{feff}\n\n <?xml version=\"1.0\" encoding=\"utf-16\"?>{}", small());
    assert_eq!(tokens(&read_pskc(&text, &mut Ring::psk(PSK))).len(), 2);
}

#[test]
fn an_empty_container_holds_no_seeds() {
    let table = read_pskc(&container(""), &mut Ring::default());
    assert_eq!(errors(&table), [("no_seeds", None, None)]);
    let newer = container("").replace("1.0", "2.0");
    assert_eq!(errors(&read_pskc(&newer, &mut Ring::default())), [("unsupported_format", None, None)]);
}

/// Ten thousand rows with a hundred faults of many kinds: exactly these are told, each at its place.
#[test]
fn every_fault_is_told_and_none_hides_another() {
    let broken = |n: usize| match n % 400 {
        0 => ("<PlainValue>!</PlainValue>".to_owned(), THIRTY.to_owned()),
        100 => (plain(&seed(1)), THIRTY.replace("30", "x")),
        200 => (String::new(), THIRTY.to_owned()),
        _ => (plain(&seed(1)), THIRTY.replace("30", "0")),
    };
    let packages: Vec<String> = (0..10_000)
        .map(|n| {
            let (secret, more) = if n % 100 == 0 { broken(n) } else { (plain(&seed(1)), THIRTY.to_owned()) };
            package(&format!("T{n}"), &secret, &more, "")
        })
        .collect();
    let table = read_pskc(&container(&packages.concat()), &mut Ring::default());
    let lines: Vec<u64> = errors(&table).iter().filter_map(|(_, line, _)| *line).collect();
    assert_eq!(lines, (0..100).map(|n| n * 100 + 2).collect::<Vec<_>>());
    assert_eq!(table.len(), 10_000);
}

#[test]
fn no_truncation_panics_or_passes_for_whole() {
    let text = small();
    for end in 0..text.trim_end().len() {
        let table = read_pskc(&text[..end], &mut Ring::psk(PSK));
        assert!(table.is_rejected(), "{end}: {:?}", table.faults());
    }
}

proptest! {
    #[test]
    fn no_flipped_bytes_panic(flips in prop::collection::vec((0usize..2500, any::<u8>()), 1..6)) {
        let mut bytes = small().into_bytes();
        for (at, byte) in flips {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let table = read_pskc(&text, &mut Ring::psk(PSK));
        // What is taken over was checked: no flip gives another seed.
        let known = [seed(1), seed(2)].map(|seed| data_encoding::HEXLOWER.encode(&seed));
        for (_, seed) in tokens(&table) {
            prop_assert!(known.contains(&seed) || table.is_rejected());
        }
    }
}
