//! The ways of writing seed files.

use oathctl_core::reason::Reason;
use oathctl_core::token::{Hash, OtpKind};
use oathctl_files::ReadOptions;

use crate::support::{
    HEX, MS, SEEDS, checked, checked_with, decision, errors, fault, read_text, remarks, tokens,
};

fn with_period() -> ReadOptions {
    ReadOptions { period_secs: Some(30), ..ReadOptions::default() }
}

/// Serial and seed of the first two tokens, as every variant must give them.
fn two() -> Vec<(String, String)> {
    vec![("1200000000011".into(), HEX[0].into()), ("1200000000012".into(), HEX[1].into())]
}

#[test]
fn headings_in_any_language_case_and_order() {
    let headers = [
        "serial number,secret key",
        "SERIALNUMBER,SecretKey",
        "S/N,Seed",
        "Seriennummer,Geheimer Schl\u{fc}ssel",
        "Num\u{e9}ro de s\u{e9}rie,Cl\u{e9} secr\u{e8}te",
        "n\u{ba} de serie,clave secreta",
        "numero di serie,chiave segreta",
        "serienummer,seed",
        "\u{5e8f}\u{5217}\u{53f7},\u{5bc6}\u{94a5}",
        "\u{30b7}\u{30ea}\u{30a2}\u{30eb}\u{756a}\u{53f7},\u{79d8}\u{5bc6}\u{9375}",
        "\u{421}\u{435}\u{440}\u{438}\u{439}\u{43d}\u{44b}\u{439} \u{43d}\u{43e}\u{43c}\u{435}\u{440},\u{421}\u{435}\u{43a}\u{440}\u{435}\u{442}\u{43d}\u{44b}\u{439} \u{43a}\u{43b}\u{44e}\u{447}",
        "*Serial Number*,(Secret Key):",
    ];
    for header in headers {
        let text = format!("{header}\n1200000000011,{}\n1200000000012,{}\n", SEEDS[0], SEEDS[1]);
        assert_eq!(tokens(&checked_with(&text, &with_period())), two(), "{header}");
        let (serial, seed) = header.split_once(',').unwrap();
        let turned =
            format!("{seed}\tx\t{serial}\n{}\ty\t1200000000011\n{}\ty\t1200000000012\n", SEEDS[0], SEEDS[1]);
        assert_eq!(tokens(&checked_with(&turned, &with_period())), two(), "{header} turned");
    }
}

#[test]
fn delivery_notes_above_the_header_and_their_count() {
    let text = format!(
        "Delivery note 4711\nQuantity: 3\n\nSN;Seed;Interval\n1200000000011;{};60\n1200000000012;{};60\n",
        SEEDS[0], SEEDS[1]
    );
    let table = checked(&text);
    assert_eq!(tokens(&table), two());
    assert_eq!(decision(&table, "header").0, "line 4");
    assert_eq!(fault(&table, "total_differs").reason, Reason::TotalDiffers { declared: 3, found: 2 });
    assert_eq!(table.rows().next().unwrap().line(), 5);
}

#[test]
fn a_sep_line_separators_and_comments() {
    for (separator, sep) in [(",", ""), (";", "sep=;\r\n"), ("\t", ""), ("|", "")] {
        let text = format!(
            "{sep}# a comment\r\nSN{separator}Seed\r\n// another\r\n1200000000011{separator}{}\r\n\r\n1200000000012{separator}{}\r\n",
            SEEDS[0], SEEDS[1]
        );
        let table = checked_with(&text, &with_period());
        assert_eq!(tokens(&table), two(), "{separator}");
        assert_eq!(remarks(&table), ["line_ignored", "line_ignored"]);
        let lines: Vec<u64> = table.rows().map(|row| row.line()).collect();
        assert_eq!(lines, if sep.is_empty() { [4, 6] } else { [5, 7] });
    }
}

#[test]
fn oath_defaults_to_hotp() {
    let text = format!(
        "# version: 1\ntok-1, {}\ntok-2, {}, totp\ntok-3, {}, totp, 8, 60, sha256,\n",
        HEX[0], HEX[1], HEX[2]
    );
    let table = checked(&text);
    assert_eq!(decision(&table, "dialect").0, "oath");
    assert_eq!(errors(&table), [("not_totp", Some(2), Some(3)), ("digits_unsupported", Some(4), Some(4))]);
    let rows: Vec<_> = table.rows().map(|r| (r.kind(), r.period_secs(), r.digits(), r.hash())).collect();
    assert_eq!(rows[1], (OtpKind::Totp, Some(30), Some(6), Some(Hash::Sha1)));
    assert_eq!(rows[2], (OtpKind::Totp, Some(60), Some(8), Some(Hash::Sha256)));
}

#[test]
fn oath_with_a_user_in_front() {
    let text = format!(
        "# version: 2\nada@example.test, ldap, corp, tok-1, {}, totp, 6, 30\nbob, ldap, corp, tok-2, {}, totp\n",
        HEX[0], HEX[1]
    );
    let table = checked(&text);
    assert_eq!(errors(&table), []);
    let rows: Vec<_> = table.rows().map(|r| (r.serial(), r.upn())).collect();
    assert_eq!(rows, [("tok-1", Some("ada@example.test")), ("tok-2", None)]);
}

#[test]
fn two_columns_however_separated() {
    for text in [
        format!("1200000000011 {}\n1200000000012 {}\n", HEX[0], HEX[1]),
        format!("1200000000011\t{}\n1200000000012\t{}\n", HEX[0], HEX[1]),
        format!("1200000000011,{}\n1200000000012,{}\n", HEX[0], HEX[1]),
        format!("{},1200000000011\n{},1200000000012\n", SEEDS[0], SEEDS[1]),
    ] {
        assert_eq!(errors(&checked(&text)), [("period_unstated", None, None)], "{text}");
        assert_eq!(tokens(&checked_with(&text, &with_period())), two(), "{text}");
    }
}

#[test]
fn a_third_column_of_counters_is_hotp() {
    let text = format!("1200000000011,{},0\n1200000000012,{},17\n", HEX[0], HEX[1]);
    let words: Vec<_> = errors(&checked(&text)).iter().map(|e| e.0).collect();
    assert_eq!(words, ["not_totp", "not_totp", "no_usable_row"]);
}

#[test]
fn multiotp_by_its_six_cells() {
    let text = format!("tok-1;Examplar;TOTP;{};6;30\ntok-2;Examplar;mOTP;{};6;10\n", HEX[0], HEX[1]);
    let table = checked(&text);
    assert_eq!(decision(&table, "dialect").0, "multiotp");
    assert_eq!(table.rows().next().unwrap().manufacturer(), "Examplar");
    assert_eq!(errors(&table)[0], ("not_totp", Some(2), Some(3)));
}

#[test]
fn columns_without_a_header_are_told_apart_or_asked_for() {
    let text = format!(
        "ada@example.test,1200000000011,{},30,Examplar,XT-1\nbob@example.test,1200000000012,{},30,Examplar,XT-1\n",
        SEEDS[0], SEEDS[1]
    );
    let table = checked(&text);
    assert_eq!((errors(&table), tokens(&table)), (vec![], two()));
    assert_eq!(
        decision(&table, "columns"),
        ("upn=1,serial=2,seed=3,period=4,manufacturer=5,model=6".into(), "only_one_fits".into(), true)
    );
    let twice = format!("1200000000011,5500000011,{}\n1200000000012,5500000012,{}\n", SEEDS[0], SEEDS[1]);
    assert_eq!(
        fault(&checked(&twice), "columns_undecidable").reason,
        Reason::ColumnsUndecidable { field: "serial".into() }
    );
    let seeds = format!("1200000000011,{},{}\n1200000000012,{},{}\n", SEEDS[0], SEEDS[1], SEEDS[1], SEEDS[2]);
    assert_eq!(
        fault(&checked(&seeds), "columns_undecidable").reason,
        Reason::ColumnsUndecidable { field: "seed".into() }
    );
}

#[test]
fn two_columns_of_seeds_must_agree() {
    let text = |hex: &str| {
        format!(
            "SN,Seed (hex),Seed (Base32),period\n1200000000011,{hex},{},30\n1200000000012,{},{},30\n",
            SEEDS[0], HEX[1], SEEDS[1]
        )
    };
    let table = checked(&text(HEX[0]));
    assert_eq!((errors(&table), tokens(&table)), (vec![], two()));
    let table = checked(&text(HEX[2]));
    assert_eq!(errors(&table), [("values_disagree", Some(2), Some(2))]);
}

#[test]
fn two_columns_of_equal_claim_must_agree_and_a_weaker_one_gives_way() {
    let text = |other: &str| format!("Serial,S/N,Seed,period\n1200000000011,{other},{},30\n", SEEDS[0]);
    assert_eq!(errors(&checked(&text("x")))[0], ("values_disagree", Some(2), Some(1)));
    assert_eq!(errors(&checked(&text(" 1200000000011"))), []);
    let three = format!("Serial,S/N,Serial No,Seed,period\n1200000000011,x,y,{},30\n", SEEDS[0]);
    assert_eq!(
        fault(&checked(&three), "columns_undecidable").reason,
        Reason::ColumnsUndecidable { field: "serial".into() }
    );
    let text =
        format!("Token,Serial,Seed,period,user,upn\nx,1200000000011,{},30,Ada,ada@example.test\n", SEEDS[0]);
    let table = checked(&text);
    assert_eq!(errors(&table), []);
    assert_eq!(table.rows().next().unwrap().upn(), Some("ada@example.test"));
    assert_eq!(remarks(&table), ["column_ignored", "column_ignored"]);
}

#[test]
fn type_and_algorithm_are_what_their_cells_say() {
    let text = |kind: &str, algorithm: &str| {
        format!("SN,Seed,period,type,algorithm\n1200000000011,{},30,{kind},{algorithm}\n", SEEDS[0])
    };
    let table = checked(&text("TOTP", "SHA256"));
    let row = table.rows().next().unwrap();
    assert_eq!((row.kind(), row.hash(), row.model()), (OtpKind::Totp, Some(Hash::Sha256), ""));
    let table = checked(&text("XT-1", "HOTP"));
    let row = table.rows().next().unwrap();
    assert_eq!((row.kind(), row.model()), (OtpKind::Hotp, "XT-1"));
    assert_eq!(errors(&checked(&text("TOTP", "md5")))[0].0, "hash_unsupported");
    assert_eq!(errors(&checked(&text("TOTP", "SHA512")))[0].0, "hash_unsupported");
}

#[test]
fn apostrophes_are_doubled_in_microsofts_csv_only() {
    let ms = checked(&format!("{MS}my''user@example.test,1200000000011,{},30,,\n", SEEDS[0]));
    assert_eq!(ms.rows().next().unwrap().upn(), Some("my'user@example.test"));
    let other =
        checked(&format!("upn,sn,seed,period\nmy''user@example.test,1200000000011,{},30\n", SEEDS[0]));
    assert_eq!(other.rows().next().unwrap().upn(), Some("my''user@example.test"));
}

#[test]
fn concatenated_files_repeat_their_header() {
    let text = format!(
        "{MS},1200000000011,{},30,,\nTotal,1,,,,\n{MS},1200000000012,{},30,,\nTotal: 1,,,,,\nTotal,9,,,,\n",
        SEEDS[0], SEEDS[1]
    );
    let table = checked(&text);
    assert_eq!(tokens(&table), two());
    assert_eq!(fault(&table, "total_differs").place.line, Some(7));
    assert_eq!(errors(&table), []);
    let changed = format!(
        "SN,Seed,period\n1200000000011,{},30\nSeed,SN,period\n{},1200000000012,30\n",
        SEEDS[0], SEEDS[1]
    );
    let table = read_text(&changed);
    assert!(table.is_rejected());
    assert_eq!(fault(&table, "columns_undecidable").place.line, Some(3));
}

#[test]
fn a_lesser_heading_over_other_seeds_contradicts() {
    for headings in ["serial,seed,key,interval", "serial,key,seed,interval", "serial,key,secret,interval"] {
        let text = format!(
            "{headings}\n1200000000011,{},{},30\n1200000000012,{},{},30\n",
            HEX[0], HEX[1], HEX[1], HEX[2]
        );
        let told = checked(&text);
        assert!(told.rows().all(|row| row.verdict() != oathctl_core::table::Verdict::Usable), "{headings}");
        let same =
            format!("{headings}\n1200000000011,{0},{0},30\n1200000000012,{1},{1},30\n", HEX[0], HEX[1]);
        assert_eq!(errors(&checked(&same)), [], "{headings}");
    }
}
