//! JSON, links, XML and lists of other makers: places, faults by row, what is asked.

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_core::table::Table;
use oathctl_core::token::{Hash, OtpKind};
use oathctl_files::{NoKeys, ReadOptions, SeedEncoding, read};

use crate::leak::{printed, shows};
use crate::support::{
    HEX, SEEDS, as_utf16, checked, checked_with, decision, errors, fault, input, read_text, remarks, tokens,
};

fn refusal(text: &str) -> Reason {
    let table = read_text(text);
    assert!(table.is_rejected(), "{text}");
    table.faults().iter().find(|fault| fault.row.is_none()).unwrap().reason.clone()
}

fn device(serial: &str, seed: &str) -> String {
    format!(r#"{{"serialNumber":"{serial}","secretKey":"{seed}","timeIntervalInSeconds":30}}"#)
}

fn paths(table: &Table) -> Vec<(Option<u64>, String)> {
    table.rows().map(|row| row.place(None)).map(|place| (place.line, place.path.unwrap())).collect()
}

#[test]
fn graph_json_in_every_shape() {
    let (a, b) = (device("1200000000011", SEEDS[0]), device("1200000000012", SEEDS[1]));
    let both = vec![("1200000000011".into(), HEX[0].into()), ("1200000000012".into(), HEX[1].into())];
    for text in [
        format!("{{\"@context\":\"#$delta\",\"value\":[{a},{b}]}}"),
        format!("{{\"VALUE\":[{a},{b}]}}"),
        format!("\u{feff} [{a},\n{b}]"),
        format!("{a}\n{b}\n"),
    ] {
        let table = checked(&text);
        assert_eq!(errors(&table), [], "{text}");
        assert_eq!(tokens(&table), both, "{text}");
        assert_eq!(decision(&table, "seed_encoding"), ("base32".into(), "definition".into(), true));
    }
    let table = checked(&format!("{{\"value\":\n[{a},\n\n{b}]}}"));
    assert_eq!(paths(&table), [(Some(2), "/value[1]".into()), (Some(4), "/value[2]".into())]);
    assert_eq!(paths(&checked(&a)), [(Some(1), "/".into())]);
    let bytes = as_utf16(&format!("[{a}]"), true, true);
    let table = read(input(bytes), &ReadOptions::default(), &mut NoKeys);
    assert_eq!(tokens(&table), both[..1]);
}

#[test]
fn graph_json_of_other_seeds_when_stated() {
    let hex = ReadOptions { secret_encoding: Some(SeedEncoding::Hex), ..ReadOptions::default() };
    let table = checked_with(&device("1200000000011", HEX[0]), &hex);
    assert_eq!((errors(&table), tokens(&table)[0].1.as_str()), (vec![], HEX[0]));
    assert_eq!(errors(&checked(&device("1200000000011", HEX[0])))[0].0, "seed_bad_character");
}

#[test]
fn h13_graph_json_without_a_hash_is_asked_about() {
    let long = "LHUMZ67FK5HNWB6RUTM4D3UW2WVM4E5RSR4ZO7LMV2PZOBR4GMHA";
    assert_eq!(errors(&checked(&device("1200000000011", long))), [("hash_unstated", None, None)]);
}

#[test]
fn listings_hold_no_seeds_and_say_so() {
    let listed = r#"{"id":"x","serialNumber":"12","secretKey":null,"status":"available"}"#;
    let no_seeds = Reason::NoSeeds { format: "Graph listing".into() };
    assert_eq!(refusal(&format!("[{listed}]")), no_seeds);
    assert_eq!(refusal(&format!("{{\"@odata.context\":\"c\",\"value\":[{listed}]}}")), no_seeds);
    assert_eq!(refusal("{\"@odata.context\":\"c\",\"value\":[]}"), no_seeds);
    let some = format!("[{listed},{}]", device("1200000000011", SEEDS[0]));
    assert_eq!(
        errors(&checked(&some)),
        [("seed_missing", Some(1), None)],
        "one with a seed is a list of tokens"
    );
}

#[test]
fn damaged_and_foreign_json() {
    let damaged = |what: &str| Reason::DocumentDamaged { format: "JSON".into(), what: what.into() };
    let a = device("1200000000011", SEEDS[0]);
    assert_eq!(refusal(&format!("[{a},\n{{\"serialNumber\":")), damaged("truncated"));
    assert_eq!(refusal(&format!("[{a},\n{a},]")), damaged("malformed"));
    assert_eq!(fault(&read_text(&format!("[{a},\n{a},]")), "document_damaged").place.line, Some(2));
    let json = Reason::UnsupportedFormat { format: "JSON".into() };
    for text in ["[]", " [ ]\n", "{\"value\":[]}"] {
        assert_eq!(refusal(text), Reason::EmptyFile { what: "json".into() }, "{text}");
    }
    for text in ["{}", "[1,2]", "{\"name\":\"x\"}", "[{\"name\":\"x\"}]"] {
        assert_eq!(refusal(text), json, "{text}");
    }
    assert_eq!(refusal(&"[".repeat(100_000)), damaged("truncated"));
}

#[test]
fn persons_of_graph_json() {
    let with = |person: &str| {
        let text = device("1200000000011", SEEDS[0]);
        checked(&format!("{},\"assignTo\":{person}}}", &text[..text.len() - 1]))
    };
    let id = "00000000-0000-4000-8000-000000000032";
    assert_eq!(with(&format!("{{\"id\":\"{id}\"}}")).rows().next().unwrap().user_id(), Some(id));
    assert_eq!(with(&format!("\"{id}\"")).rows().next().unwrap().user_id(), Some(id));
    assert_eq!(with("{\"ID\":\"ada@example.test\"}").rows().next().unwrap().upn(), Some("ada@example.test"));
    assert_eq!(remarks(&with("{\"id\":\"CONTOSO\\\\ada\"}")), ["person_hinted"]);
    assert_eq!(errors(&with("{\"id\":[1]}"))[0], ("value_malformed", Some(1), None));
    for nobody in ["null", "{}", "{\"id\":null}", "{\"id\":\"\"}"] {
        assert_eq!(errors(&with(nobody)), [], "{nobody}");
    }
}

#[test]
fn names_that_vendors_add_are_read_or_told() {
    let text = device("1200000000011", SEEDS[0]).replace('}', ",\"digits\":8,\"shoe\":\"red\"}");
    let table = checked(&text);
    assert_eq!(errors(&table)[0].0, "digits_unsupported");
    assert_eq!(fault(&table, "column_ignored").reason, Reason::ColumnIgnored { heading: "shoe".into() });
}

#[test]
fn one_of_a_hundred_faults_among_ten_thousand_devices() {
    let mut elements: Vec<String> = Vec::new();
    for n in 0..10_000u32 {
        let seed: String =
            (0..32).map(|k| char::from(b'A' + ((n >> (k % 14)) as u8 ^ k as u8) % 16)).collect();
        elements.push(device(
            &format!("{:010}", 7_000_000 + n),
            &format!("{seed}{:05}", n).replace(['0', '1', '8', '9'], "Z"),
        ));
    }
    for n in (0..10_000).step_by(100) {
        elements[n] = elements[n].replace("\"timeIntervalInSeconds\":30", "\"timeIntervalInSeconds\":45");
    }
    let table = checked(&format!("[\n{}\n]", elements.join(",\n")));
    let faulty: Vec<_> =
        errors(&table).into_iter().filter(|(word, _, _)| *word == "period_unsupported").collect();
    assert_eq!((table.len(), faulty.len()), (10_000, 100));
    assert!(faulty.iter().enumerate().all(|(n, (_, line, _))| *line == Some(n as u64 * 100 + 2)));
}

#[test]
fn links_in_their_spellings() {
    let serial = |link: &str| {
        let table = checked(&format!("{link}secret={}\n", SEEDS[0]));
        assert_eq!(errors(&table), [], "{link}");
        table.rows().next().unwrap().serial().to_owned()
    };
    for link in [
        "otpauth://totp/1200000000090?",
        "otpauth://totp/Examplar:1200000000090?issuer=Examplar&",
        "otpauth://totp/Examplar%20Inc%3A%201200000000090?",
        "\"otpauth://TOTP/Examplar:1200000000090?",
        "otpauth://totp/ada@example.test?serial=1200000000090&",
    ] {
        assert_eq!(serial(link), "1200000000090", "{link}");
    }
    let table = checked(&format!("otpauth://totp/a-1?secret={}&algorithm=HmacSHA256&period=60", SEEDS[0]));
    let row = table.rows().next().unwrap();
    assert_eq!((row.hash(), row.period_secs(), row.digits()), (Some(Hash::Sha256), Some(60), Some(6)));
    assert_eq!(
        decision(&checked(&format!("otpauth://totp/a-1?secret={}", SEEDS[0])), "period").1,
        "definition"
    );
}

#[test]
fn h24_a_seed_where_the_serial_belongs_is_not_told() {
    for text in [
        device(SEEDS[0], ""),
        device(SEEDS[0], "1200000000011"),
        format!("otpauth://totp/{}?secret=1200000000011", SEEDS[0]),
    ] {
        let table = checked(&text);
        assert!(!shows(&printed(&table), SEEDS[0]), "{text}");
        assert!(table.rows().all(|row| row.serial().is_empty()), "{text}");
    }
}

#[test]
fn what_is_no_serial_in_a_label_is_not_taken_for_one() {
    for (label, word) in [
        ("Examplar:ada@example.test", "serial_missing"),
        ("", "serial_missing"),
        ("My%20token%20at%20work", "serial_malformed"),
    ] {
        let table = checked(&format!("otpauth://totp/{label}?secret={}\n", SEEDS[0]));
        assert_eq!(errors(&table)[0].0, word, "{label}");
    }
}

#[test]
fn a_flag_fills_what_a_link_leaves_open() {
    let options = ReadOptions { period_secs: Some(60), hash: Some(Hash::Sha256), ..ReadOptions::default() };
    let table = checked_with(&format!("otpauth://totp/a-1?secret={}", SEEDS[0]), &options);
    let row = table.rows().next().unwrap();
    assert_eq!((row.hash(), row.period_secs()), (Some(Hash::Sha256), Some(60)));
}

#[test]
fn apps_are_refused_and_taken_when_permitted() {
    let entry = format!(
        "[{{\"secret\":\"{}\",\"label\":\"1200000000011\",\"type\":\"TOTP\",\"period\":30}}]",
        SEEDS[0]
    );
    let table = checked(&entry);
    assert_eq!(errors(&table)[0], ("soft_token", Some(1), None));
    let soft = ReadOptions { allow_soft: true, ..ReadOptions::default() };
    let table = checked_with(&entry, &soft);
    assert_eq!(errors(&table), []);
    assert_eq!(decision(&table, "soft_tokens"), ("taken".into(), "stated_by_flag".into(), true));
}

#[test]
fn xml_damage_and_what_it_must_not_have() {
    let token = |serial: &str| {
        format!(
            "<Token serial=\"{serial}\"><Applications><Application><Seed>{}</Seed></Application></Applications></Token>",
            HEX[0]
        )
    };
    let cut = format!("<Tokens>\n{}\n<Token serial=\"2\">", token("1"));
    let table = read_text(&cut);
    let damaged = Reason::DocumentDamaged { format: "XML".into(), what: "truncated".into() };
    assert_eq!(fault(&table, "document_damaged").reason, damaged);
    assert_eq!((table.len(), table.is_rejected()), (1, true), "what stands before the damage is told too");
    let doctype = format!(
        "<!DOCTYPE Tokens [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Tokens>{}</Tokens>",
        token("1")
    );
    assert_eq!(refusal(&doctype), Reason::DoctypeForbidden);
    assert_eq!(refusal("<Tokens></Tokens>"), Reason::NoSeeds { format: "SafeNet XML".into() });
    let timed = token("1").replace("</Seed>", "</Seed><TimeInterval>30</TimeInterval>");
    let table = checked(&format!("<Tokens>\n{timed}</Tokens>"));
    let row = table.rows().next().unwrap();
    assert_eq!((row.kind(), row.period_secs(), errors(&table)), (OtpKind::Totp, Some(30), vec![]));
    assert_eq!(row.place(None).path.as_deref(), Some("/Tokens/Token[1]"));
}

#[test]
fn safeword_records_in_all_their_variants() {
    let record = |data: &str| {
        format!("# SafeWord Authenticator Records\ndn: sccAuthenticatorId=A-1\nsccTokenData: {data}\n")
    };
    let one = |data: &str| checked(&record(data));
    let time = one(&format!("sccKey={};sccMode=T;sccPwLen=6;sccTick=60", HEX[0]));
    let row = time.rows().next().unwrap();
    assert_eq!((errors(&time), row.serial(), row.period_secs(), row.line()), (vec![], "A-1", Some(60), 3));
    assert_eq!(errors(&one(&format!("sccKey={};sccMode=E;sccPwLen=6;sccSeq=0001", HEX[0])))[0].0, "not_totp");
    let doubtful = one(&format!("sccKey={};sccMode=E;sccPwLen=6;sccSeq=0012", HEX[0]));
    assert_eq!(doubtful.rows().next().unwrap().counter(), None, "decimal or hex: nobody says");
    assert_eq!(fault(&doubtful, "value_malformed").severity, Severity::Error);
    assert_eq!(errors(&one("sccMode=T;sccPwLen=6;sccTick=30"))[0].0, "seed_missing");
    let two = format!(
        "{}{}",
        record(&format!("sccKey={};sccTick=30", HEX[0])),
        "dn: sccAuthenticatorId=A-2\nsccTokenData: sccKey=xyz;sccTick=30"
    );
    let table = checked(&two);
    assert_eq!((table.len(), errors(&table)), (2, vec![("seed_bad_character", Some(5), None)]));
}

#[test]
fn inventories_of_rcdevs_by_row() {
    let good = "\"OTP Token\", \"1200000000059\", \"XT-1\", \"TokenKey=qijD4MjM8gqG6k/No+h120fgSOE=,TokenType=VE9UUA==,OTPLength=Ng==,TOTPTimeStep=MzA=\"";
    let bad = good.replace("0059", "0060").replace("Ng==", "!!");
    let text = format!(
        "Type, Reference, Description, Data\n{good}\n{bad}\n\"OTP Token\", \"1\"\n\"OTP Token\", \"2\n"
    );
    let table = checked(&text);
    let words: Vec<_> = errors(&table).into_iter().map(|(word, line, _)| (word, line)).collect();
    assert_eq!(
        words[..3],
        [("value_malformed", Some(3)), ("cell_count", Some(4)), ("quote_unclosed", Some(5))]
    );
    assert_eq!((table.len(), tokens(&table)[0].0.as_str()), (4, "1200000000059"));
}
