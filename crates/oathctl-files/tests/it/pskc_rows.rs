//! What a key of a PSKC file says of its token, in every dialect.

use data_encoding::BASE64;
use oathctl_core::check::{CheckOptions, check};
use oathctl_core::fault::Severity;
use oathctl_core::time::Utc;
use oathctl_core::token::{Hash, OtpKind};
use oathctl_files::{ReadOptions, SeedEncoding};

use crate::pskc_support::{Ring, THIRTY, container, package, plain, read_pskc, read_with, seed};
use crate::support::{decision, errors, fault, hex, remarks};

fn one(secret: &str, more: &str, after: &str) -> oathctl_core::table::Table {
    read_pskc(&container(&package("T1", secret, more, after)), &mut Ring::default())
}

fn shown(table: &oathctl_core::table::Table, word: &str) -> String {
    serde_json::to_value(&fault(table, word).reason).unwrap()["shown"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_left_out_is_told_once_and_not_for_every_row() {
    let key =
        "<KeyPackage><Key Id=\"A\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\"><Data><Secret>";
    let packages: String = (0..50)
        .map(|n| {
            format!(
                "{}{}</Secret></Data></Key></KeyPackage>\n",
                key.replace("\"A\"", &format!("\"A{n}\"")),
                plain(&seed(n))
            )
        })
        .collect();
    let mut table = read_pskc(&container(&packages), &mut Ring::default());
    check(&mut table, &CheckOptions::default());
    assert_eq!(errors(&table), []);
    assert_eq!(remarks(&table), ["parameter_defaulted"; 3]);
    assert_eq!(table.faults()[0].severity, Severity::Warning, "tokens of 60 seconds exist");
    for (what, chosen) in [("period", "30"), ("digits", "6"), ("hash", "sha1"), ("seed_encoding", "base64")] {
        assert_eq!(decision(&table, what), (chosen.into(), "definition".into(), true));
    }
    let row = table.rows().next().unwrap();
    assert_eq!(
        (row.serial(), row.period_secs(), row.digits(), row.hash()),
        ("A0", Some(30), Some(6), Some(Hash::Sha1))
    );
}

#[test]
fn flags_fill_what_is_left_out_and_nothing_else() {
    let packages = [
        package("T1", &plain(&seed(1)), "", ""),
        package("T2", &plain(&seed(2)), "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>", ""),
    ];
    let options = ReadOptions { period_secs: Some(45), hash: Some(Hash::Sha256), ..ReadOptions::default() };
    let table = read_with(&container(&packages.concat()), &mut Ring::default(), &options);
    let rows: Vec<_> = table.rows().map(|row| (row.period_secs(), row.hash())).collect();
    assert_eq!(rows, [(Some(45), Some(Hash::Sha256)), (Some(60), Some(Hash::Sha256))]);
    assert_eq!(decision(&table, "period"), ("45".into(), "stated_by_flag".into(), true));
}

#[test]
fn a_long_seed_without_a_hash_is_asked_for() {
    let mut table = one(&plain(&[seed(1), seed(2)].concat()), THIRTY, "");
    assert!(!remarks(&table).contains(&"parameter_defaulted"));
    check(&mut table, &CheckOptions::default());
    assert_eq!(errors(&table), [("hash_unstated", None, None)]);
}

#[test]
fn the_suite_names_the_hash_and_nothing_is_taken_for_sha1() {
    let with = |suite: &str| {
        let text = package("T1", &plain(&seed(1)), THIRTY, "");
        let text = text.replace("<AlgorithmParameters>", &format!("<AlgorithmParameters>{suite}"));
        read_pskc(&container(&text), &mut Ring::default())
    };
    for (suite, hash) in [
        ("<Suite>HMAC-SHA1</Suite>", Hash::Sha1),
        ("<Suite>SHA-256</Suite>", Hash::Sha256),
        ("<Suite> sha256 </Suite>", Hash::Sha256),
        ("<Suite>HMAC-SHA512</Suite>", Hash::Sha512),
        ("<Suite hashalgo=\"sha256\"/>", Hash::Sha256),
    ] {
        let table = with(suite);
        assert_eq!(table.rows().next().unwrap().hash(), Some(hash), "{suite}");
        assert_eq!(errors(&table), []);
    }
    let table = with("<Suite>Algorithm suite value</Suite>");
    assert_eq!(shown(&table, "hash_unsupported"), "Algorithm suite value");
    assert_eq!(table.rows().next().unwrap().hash(), None);
}

#[test]
fn kinds_by_the_end_of_their_names() {
    for (name, kind) in [
        ("urn:ietf:params:xml:ns:keyprov:pskc:totp", OtpKind::Totp),
        ("http://www.ietf.org/keyprov/pskc#TOTP", OtpKind::Totp),
        ("HOTP", OtpKind::Hotp),
        ("urn:ietf:params:xml:ns:keyprov:pskc#OCRA-1:HOTP-SHA512-8:C-QN08", OtpKind::Other),
        ("http://www.yubico.com/#yubikey-aes", OtpKind::Other),
        ("http://www.rsa.com/names/2008/04/algorithms/SecurID/SecurID-AES128-Counter", OtpKind::Other),
    ] {
        let text = package("T1", &plain(&seed(1)), THIRTY, "")
            .replace("urn:ietf:params:xml:ns:keyprov:pskc:totp", name);
        let table = read_pskc(&container(&text), &mut Ring::default());
        assert_eq!(table.rows().next().unwrap().kind(), kind, "{name}");
    }
    let text = package("T1", &plain(&seed(1)), THIRTY, "").replace(" Algorithm=", " Other=");
    let table = read_pskc(&container(&text), &mut Ring::default());
    assert_eq!(errors(&table).len(), 1, "without a name nobody knows what it is");
    assert_eq!(table.rows().next().unwrap().kind(), OtpKind::Other);
}

#[test]
fn numbers_in_every_spelling_and_none_that_is_guessed() {
    let interval = |text: &str| {
        one(&plain(&seed(1)), &format!("<TimeInterval><PlainValue>{text}</PlainValue></TimeInterval>"), "")
    };
    for text in ["60", " 60 ", &BASE64.encode(b"60"), &BASE64.encode(&[0, 0, 0, 60])] {
        assert_eq!(interval(text).rows().next().unwrap().period_secs(), Some(60), "{text}");
    }
    let table = interval("172800");
    assert_eq!((table.rows().next().unwrap().period_secs(), errors(&table)), (Some(172_800), vec![]));
    assert_eq!(errors(&interval("sixty"))[0].0, "value_malformed");
    assert_eq!(shown(&interval("0"), "period_unsupported"), "0");
    let hotp =
        package("T1", &plain(&seed(1)), "<Counter><PlainValue>16887061004979670</PlainValue></Counter>", "")
            .replace("pskc:totp", "pskc:hotp");
    let zero = hotp.replace("<Counter>", "<TimeInterval><PlainValue>0</PlainValue></TimeInterval><Counter>");
    let table = read_pskc(&container(&zero), &mut Ring::default());
    assert_eq!(
        (table.rows().next().unwrap().counter(), errors(&table)),
        (Some(16_887_061_004_979_670), vec![])
    );
}

#[test]
fn what_entra_cannot_be_told_is_said() {
    let more = format!(
        "{THIRTY}<Time><PlainValue>0</PlainValue></Time><TimeDrift><PlainValue>1</PlainValue></TimeDrift>"
    );
    assert!(!remarks(&one(&plain(&seed(1)), &more, "")).contains(&"clock_shifted"));
    let table = one(&plain(&seed(1)), &more.replace("<PlainValue>1<", "<PlainValue>-4<"), "");
    assert_eq!(shown(&table, "clock_shifted"), "-4 steps");
    let table = one(&plain(&seed(1)), &more.replace("<PlainValue>0<", "<PlainValue>946684800<"), "");
    assert_eq!(shown(&table, "clock_shifted"), "Time 946684800");
    let format = |attributes: &str| {
        let text = package("T1", &plain(&seed(1)), THIRTY, "")
            .replace("Length=\"6\" Encoding=\"DECIMAL\"", attributes);
        read_pskc(&container(&text), &mut Ring::default())
    };
    assert_eq!(errors(&format("Length=\"6\" Encoding=\"HEXADECIMAL\""))[0].0, "code_form_unsupported");
    assert_eq!(
        errors(&format("Length=\"6\" Encoding=\"DECIMAL\" CheckDigits=\"true\""))[0].0,
        "code_form_unsupported"
    );
    assert_eq!(errors(&format("Length=\"6\" Encoding=\"decimal\" CheckDigit=\"false\"")), []);
    assert_eq!(errors(&format("Length=\"six\""))[0].0, "digits_unsupported");
}

#[test]
fn policies() {
    let with = |policy: &str| one(&plain(&seed(1)), THIRTY, &format!("<Policy>{policy}</Policy>"));
    for fine in [
        "<KeyUsage>OTP</KeyUsage>",
        "<KeyUsage>CR</KeyUsage><KeyUsage>OTP</KeyUsage>",
        "<NumberOfTransactions>9</NumberOfTransactions>",
        "<PINPolicy PINUsageMode=\"Local\" MinLength=\"4\"/>",
    ] {
        assert_eq!(errors(&with(fine)), [], "{fine}");
    }
    for (forbids, what) in [
        ("<KeyUsage>CR</KeyUsage>", "KeyUsage CR"),
        ("<PINPolicy PINUsageMode=\"Append\"/>", "PINPolicy Append"),
        ("<PINPolicy PINUsageMode=\"Prepend\"/>", "PINPolicy Prepend"),
        ("<PINPolicy PINUsageMode=\"Algorithmic\"/>", "PINPolicy Algorithmic"),
        // A second policy is one too.
        ("<KeyUsage>OTP</KeyUsage></Policy><Policy><PINPolicy PINUsageMode=\"Append\"/>", "PINPolicy Append"),
    ] {
        let reason = serde_json::to_value(&fault(&with(forbids), "policy_forbids").reason).unwrap();
        assert_eq!(reason["what"], what);
    }
}

/// RFC 6030 §5: what a reader doesn't know it must take for a prohibition. The caller may know better.
#[test]
fn a_policy_nobody_knows_forbids_unless_permitted() {
    for (unknown, what) in [
        ("<PINPolicy OnWeekDaysOnly=\"true\"/>", "PINPolicy OnWeekDaysOnly"),
        ("<PINPolicy><Weekdays/></PINPolicy>", "PINPolicy Weekdays"),
        ("<OnlyOnSundays/>", "OnlyOnSundays"),
    ] {
        let text =
            container(&package("T1", &plain(&seed(1)), THIRTY, &format!("<Policy>{unknown}</Policy>")));
        let table = read_pskc(&text, &mut Ring::default());
        let reason = serde_json::to_value(&fault(&table, "policy_unknown").reason).unwrap();
        assert_eq!(reason["what"], what);
        assert!(fault(&table, "policy_unknown").row.is_some());
        let options = ReadOptions { allow_unknown_policy: true, ..ReadOptions::default() };
        let table = read_with(&text, &mut Ring::default(), &options);
        assert_eq!(errors(&table), []);
        assert_eq!(fault(&table, "policy_skipped").severity, oathctl_core::fault::Severity::Warning);
    }
    // What is known to forbid is forbidden all the same.
    let text =
        container(&package("T1", &plain(&seed(1)), THIRTY, "<Policy><KeyUsage>CR</KeyUsage></Policy>"));
    let options = ReadOptions { allow_unknown_policy: true, ..ReadOptions::default() };
    assert_eq!(errors(&read_with(&text, &mut Ring::default(), &options))[0].0, "policy_forbids");
}

#[test]
fn dates_are_judged_by_the_day_that_is_given() {
    let policy = "<Policy><StartDate>2020-01-01T00:00:00Z</StartDate><ExpiryDate>2024-06-30T00:00:00Z</ExpiryDate></Policy>";
    let text = container(&package("T1", &plain(&seed(1)), THIRTY, policy));
    let at = |now: &str| {
        let options = ReadOptions { now: Utc::parse_rfc3339(now), ..ReadOptions::default() };
        let table = read_with(&text, &mut Ring::default(), &options);
        assert_eq!(errors(&table), []);
        remarks(&table)[0]
    };
    assert_eq!(at("2019-01-01T00:00:00Z"), "key_not_yet_valid");
    assert_eq!(at("2022-01-01T00:00:00Z"), "parameter_defaulted");
    assert_eq!(at("2026-01-01T00:00:00Z"), "key_expired");
}

#[test]
fn keys_of_one_serial_are_told_apart() {
    let key = |id: &str, n| {
        format!(
            "<Key Id=\"{id}\" Algorithm=\"pskc:totp\"><Data><Secret>{}</Secret>{THIRTY}</Data></Key>",
            plain(&seed(n))
        )
    };
    let text = container(&format!(
        "<KeyPackage><DeviceInfo><SerialNo>77</SerialNo></DeviceInfo>{}\n{}</KeyPackage>",
        key("77:1", 1),
        key("77:2", 2)
    ));
    let table = read_pskc(&text, &mut Ring::default());
    let rows: Vec<_> =
        table.rows().map(|row| (row.serial(), row.key_id().unwrap(), hex(row).len())).collect();
    assert_eq!(rows, [("77", "77:1", 40), ("77", "77:2", 40)]);
}

#[test]
fn seeds_that_are_no_base64_are_faults_of_their_rows() {
    let packages = [
        package("T1", "<PlainValue>c04lp5okpo4NBFNzNSsoOyYwTHU!</PlainValue>", THIRTY, ""),
        package("T2", "<PlainValue></PlainValue>", THIRTY, ""),
        package("T3", "", THIRTY, ""),
        package("T4", &plain(&seed(4)), THIRTY, ""),
        package("T5", "<PlainValue>c04lp5okpo4NBFNzNSsoOyYwTHUAA</PlainValue>", THIRTY, ""),
    ];
    let table = read_pskc(&container(&packages.concat()), &mut Ring::default());
    let words: Vec<_> = errors(&table).into_iter().map(|(word, line, _)| (word, line.unwrap())).collect();
    assert_eq!(
        words,
        [("seed_bad_character", 2), ("seed_missing", 3), ("seed_missing", 4), ("seed_bad_length", 6)]
    );
    assert_eq!(table.rows().nth(3).map(hex).unwrap().len(), 40);
    let options = ReadOptions { secret_encoding: Some(SeedEncoding::Hex), ..ReadOptions::default() };
    let text = container(&package(
        "T1",
        "<PlainValue>734e25a79a24a68e0d045373352b283b26304c75</PlainValue>",
        THIRTY,
        "",
    ));
    let table = read_with(&text, &mut Ring::default(), &options);
    assert_eq!(table.rows().map(hex).collect::<Vec<_>>(), ["734e25a79a24a68e0d045373352b283b26304c75"]);
}

#[test]
fn the_first_drafts() {
    let text = format!(
        "<SecretContainer version=\"1.2\" xmlns=\"http://www.openauthentication.org/OATH/2006/08/PSKC\">\
         <EncryptionMethod algorithm=\"NONE\"/><DigestMethod algorithm=\"HMAC-SHA1\"/><Device><DeviceId>\
         <Manufacturer>Examplar</Manufacturer><SerialNo>98765432187</SerialNo><Expiry>01/01/2008</Expiry></DeviceId>\
         <Secret SecretAlgorithm=\"HOTP\" SecretId=\"98765432187\"><Usage OTP=\"true\"><ResponseFormat \
         format=\"DECIMAL\" length=\"6\"/></Usage><Data Name=\"SECRET\"><Value>{}</Value>\
         <ValueDigest>WldjTHZwRm9YTkhBRytseDM=</ValueDigest></Data><Data Name=\"COUNTER\"><Value>AAAAAAAAAAw=</Value>\
         <ValueDigest>WldjTHZwRm9YTkhBRytseDM=</ValueDigest></Data></Secret></Device></SecretContainer>",
        BASE64.encode(&seed(1))
    );
    let options = ReadOptions { now: Utc::parse_rfc3339("2026-01-01T00:00:00Z"), ..ReadOptions::default() };
    let table = read_with(&text, &mut Ring::default(), &options);
    let row = table.rows().next().unwrap();
    assert_eq!(
        (row.serial(), row.kind(), row.digits(), row.counter()),
        ("98765432187", OtpKind::Hotp, Some(6), Some(12))
    );
    assert_eq!(row.seed_len(), 20);
    assert!(remarks(&table).contains(&"key_expired"));
    assert_eq!(errors(&table), []);
}

#[test]
fn properties_that_keys_share() {
    let text = container(&format!(
        "<KeyProperties xml:id=\"P1\" KeyAlgorithm=\"http://www.ietf.org/keyprov/pskc#totp\"><Usage OTP=\"true\">\
         <ResponseFormat Format=\"DECIMAL\" Length=\"8\"/></Usage><Data><TimeInterval><PlainValue>60</PlainValue>\
         </TimeInterval></Data></KeyProperties><Device><DeviceInfo><SerialNo>S1</SerialNo></DeviceInfo>\
         <Key KeyId=\"1\" KeyProperties=\"P1\"><Data><Secret>{}</Secret></Data></Key></Device>",
        plain(&seed(1))
    ));
    let table = read_pskc(&text, &mut Ring::default());
    let row = table.rows().next().unwrap();
    assert_eq!((row.kind(), row.digits(), row.period_secs()), (OtpKind::Totp, Some(8), Some(60)));
    assert_eq!(errors(&table), []);
}

#[test]
fn a_value_that_stands_twice_is_none() {
    let key = |data: &str| {
        format!(
            "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><KeyPackage><DeviceInfo>\
             <SerialNo>A-1</SerialNo></DeviceInfo><Key Id=\"1\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">\
             <AlgorithmParameters><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters>\
             <Data>{data}</Data></Key></KeyPackage></KeyContainer>"
        )
    };
    let seed = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTE=</PlainValue></Secret>";
    let period = "<TimeInterval><PlainValue>30</PlainValue></TimeInterval>";
    let other = "<TimeInterval><PlainValue>60</PlainValue></TimeInterval>";
    let twice =
        "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTE=</PlainValue><PlainValue>AAAA</PlainValue></Secret>";
    for (data, doubled) in [
        (format!("{seed}{period}"), false),
        (format!("{seed}{seed}{period}"), true),
        (format!("{seed}{period}{other}"), true),
        (format!("{twice}{period}"), true),
    ] {
        let table = crate::support::checked(&key(&data));
        let told = crate::support::errors(&table).iter().any(|(word, ..)| *word == "value_malformed");
        assert_eq!(told, doubled, "{data}: {:?}", table.faults());
    }
}
