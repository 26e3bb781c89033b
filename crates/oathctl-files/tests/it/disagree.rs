//! Two values that claim to be the same thing: they agree, or the row says that they do not.

use oathctl_core::reason::Reason;
use oathctl_core::table::{Table, Verdict};
use oathctl_core::token::Hash;
use oathctl_files::{ColumnMap, ReadOptions};

use crate::support::{HEX, SEEDS, checked, checked_with, errors, fault, remarks, tokens};

/// What of a file disagrees: line and field.
fn disagreeing(table: &Table) -> Vec<(u64, String)> {
    let found = table.faults().iter().filter_map(|fault| match &fault.reason {
        Reason::ValuesDisagree { field, .. } => Some((fault.place.line?, field.clone())),
        _ => None,
    });
    found.collect()
}

/// Two rows of these cells after serial and seed, and one column before.
fn list(headings: &str, rows: [&str; 2]) -> String {
    let row = |n: usize| format!("120000000001{n},{},{}\n", SEEDS[n], rows[n]);
    format!("serial number,secret key,{headings}\n{}{}", row(0), row(1))
}

#[test]
fn columns_of_hashes_and_of_algorithms() {
    let of = |rows| checked(&list("interval,hash,algorithm", rows));
    let table = of(["30,SHA1,SHA256", "30,SHA256,SHA256"]);
    assert_eq!(disagreeing(&table), [(2, "hash".into())]);
    assert_eq!(errors(&table).len(), 1, "the other row stands: {:?}", table.faults());
    let table = of(["30,SHA256,TOTP", "30,SHA256,TOTP"]);
    assert_eq!((errors(&table), table.rows().next().unwrap().hash()), (vec![], Some(Hash::Sha256)));
    let kinds = checked(&list("interval,otp type,algorithm", ["30,HOTP,TOTP", "30,TOTP,TOTP"]));
    assert_eq!(disagreeing(&kinds)[0], (2, "kind".into()));
    let twice = checked(&list("interval,algorithm,otp algorithm", ["30,SHA1,SHA256", "30,SHA1,SHA1"]));
    assert_eq!(disagreeing(&twice), [(2, "hash".into())]);
}

#[test]
fn columns_of_serials() {
    for heading in ["token", "device", "S/N"] {
        let of = |a, b| checked(&list(&format!("interval,{heading}"), [a, b]));
        let table = of("30,1200000000010", "30,1200000000019");
        assert_eq!(disagreeing(&table), [(3, "serial".into())], "{heading}");
        let same = of("30,1200000000010", "30,1200000000011");
        assert_eq!((errors(&same), remarks(&same)), (vec![], vec![]), "{heading}");
    }
    let model = checked(&list("interval,device", ["30,XT-1", "30,XT-1"]));
    assert_eq!((errors(&model), remarks(&model)), (vec![], vec!["column_ignored"]), "no serials");
    let stated =
        ReadOptions { columns: ColumnMap::parse("serial=serial number").ok(), ..ReadOptions::default() };
    let text = list("interval,token", ["30,1200000000010", "30,1200000000019"]);
    assert_eq!(errors(&checked_with(&text, &stated)), [], "whoever names the column has decided");
}

#[test]
fn columns_of_persons_and_of_periods() {
    let of = |rows| checked(&list("interval,upn,email", rows));
    let table = of(["30,ada@example.test,ada@example.test", "30,bob@example.test,eve@example.test"]);
    assert_eq!(disagreeing(&table), [(3, "upn".into())]);
    let case = of(["30,ada@example.test,Ada@Example.test", "30,,bob@example.test"]);
    assert_eq!(errors(&case), []);
    assert_eq!(case.rows().nth(1).unwrap().upn(), None, "a mail address alone assigns nobody");
    let periods = checked(&list("interval,step", ["30,30", "30,60"]));
    assert_eq!(disagreeing(&periods), [(3, "period".into())]);
}

#[test]
fn keys_of_json() {
    let of = |more: &str| {
        checked(&format!(
            r#"{{"serialNumber":"1200000000011","secretKey":"{}","timeIntervalInSeconds":30{more}}}"#,
            SEEDS[0]
        ))
    };
    for more in [
        format!(r#","seed":"{}""#, SEEDS[1]),
        format!(r#","seedHex":"{}""#, HEX[1]),
        r#","serial":"1200000000012""#.to_owned(),
        r#","interval":60"#.to_owned(),
        r#","hashFunction":"hmacsha1","algorithm":"sha256""#.to_owned(),
        r#","serialNumber":"1200000000011""#.to_owned(),
    ] {
        let table = of(&more);
        let words = [("values_disagree", Some(1), None), ("no_usable_row", None, None)];
        assert_eq!(errors(&table), words, "{more}");
        let Reason::ValuesDisagree { what, .. } = &fault(&table, "values_disagree").reason else { panic!() };
        assert_eq!(what, "key", "{more}");
    }
    for more in [
        format!(r#","seed":"{}""#, SEEDS[0].to_lowercase()),
        format!(r#","seedHex":"{}""#, HEX[0]),
        r#","serial":"1200000000011","interval":"30""#.to_owned(),
    ] {
        assert_eq!((errors(&of(&more)), tokens(&of(&more)).len()), (vec![], 1), "{more}");
    }
}

#[test]
fn a_serial_that_json_has_as_a_long_number_is_no_spreadsheets_fault() {
    let text = format!(
        r#"{{"serialNumber":12345678901234567890,"secretKey":"{}","timeIntervalInSeconds":30}}"#,
        SEEDS[0]
    );
    assert_eq!(fault(&checked(&text), "serial_inexact").reason, Reason::SerialInexact { digits: 20 });
}

#[test]
fn parameters_of_links() {
    let text = format!("otpauth://totp/1200000000011?secret={}&secret={}\n", SEEDS[0], SEEDS[1]);
    let what = Reason::ValuesDisagree { what: "parameter".into(), field: "seed".into() };
    assert_eq!(fault(&checked(&text), "values_disagree").reason, what);
}

/// The fields that disagree in the one row of a text; none of its seeds may have been taken when it is the seed.
fn doubled(text: &str) -> Vec<String> {
    let table = checked(text);
    let fields: Vec<_> = disagreeing(&table).into_iter().map(|(_, field)| field).collect();
    let usable = table.rows().any(|row| row.verdict() == Verdict::Usable);
    assert!(!usable || fields.is_empty(), "{text}");
    assert!(!fields.contains(&"seed".to_owned()) || table.rows().any(|row| row.seed_len() == 0), "{text}");
    fields
}

#[test]
fn elements_of_safenet() {
    let of = |head: &str, more: &str| {
        doubled(&format!(
            "<Tokens><Token serial=\"0004000000A1\"{head}><Applications><Application><Seed>{}</Seed>\
             <TimeInterval>30</TimeInterval>{more}</Application></Applications></Token></Tokens>",
            HEX[0]
        ))
    };
    assert_eq!(of("", &format!("<Seed>{}</Seed>", HEX[1])), ["seed"]);
    assert_eq!(of("", "<Interval>60</Interval>"), ["period"]);
    assert_eq!(of(" Serial=\"0004000000A2\"", ""), ["serial"]);
    assert_eq!(of("", &format!("<Seed>{}</Seed><Interval>30</Interval>", HEX[0])), [""; 0], "the same twice");
    let lists = format!("<Applications><Application><Seed>{}</Seed></Application></Applications>", HEX[0]);
    let text = format!(
        "<Tokens><Token serial=\"0004000000A1\">{lists}{}</Token></Tokens>",
        lists.replace(HEX[0], HEX[1])
    );
    assert_eq!(tokens(&checked(&text)).len(), 2, "no application is passed over");
}

#[test]
fn elements_of_dualshield() {
    let header = "<header><encrypt>NONE</encrypt><encode>HEX</encode><digits>6</digits>\
                  <timeWindow>60</timeWindow><crypto>HmacSHA1</crypto></header>";
    let token = format!("<serial>71000083</serial><seed>{}</seed>", HEX[0]);
    let of = |again: &str, more: &str| {
        let header = header.replace("</header>", &format!("{again}</header>"));
        doubled(&format!("<data>{header}<tokens><token>{token}{more}</token></tokens></data>"))
    };
    assert_eq!(of("", &format!("<seed>{}</seed>", HEX[1])), ["seed"]);
    assert_eq!(of("", "<serial>71000084</serial>"), ["serial"]);
    assert_eq!(of("<crypto>HmacSHA256</crypto>", ""), ["hash"]);
    assert_eq!(of("<timeWindow>30</timeWindow>", ""), ["period"]);
    assert_eq!(of("<digits>8</digits>", ""), ["digits"]);
    assert_eq!(of("<encode>BASE64</encode>", ""), ["seed"]);
    assert_eq!(of("</header><header><crypto>HmacSHA256</crypto>", ""), ["hash"], "two headers are one");
    assert_eq!(of("<digits>6</digits>", "<crypto>HmacSHA1</crypto>"), [""; 0]);
    assert_eq!(of("<crypto>HmacSHA256</crypto>", "<crypto>HmacSHA1</crypto>"), [""; 0], "the token decides");
    let locked = header.replace("<encode>", "<encrypt>AES256</encrypt><encode>");
    let text = format!("<data>{locked}<tokens><token>{token}</token></tokens></data>");
    assert_eq!(errors(&checked(&text))[0].0, "wrapping_unsupported");
}

#[test]
fn values_of_safeword_and_of_inventories() {
    let of = |data: &str, more: &str| {
        doubled(&format!(
            "# SafeWord Authenticator Records\nsccAuthenticatorId: EXAM0001\n{more}\
             sccTokenData: sccKey={};sccMode=T;sccPwLen=6;sccTick=30;crypto=HmacSHA1{data}\n",
            HEX[0]
        ))
    };
    assert_eq!(of(&format!(";sccKey={}", HEX[1]), ""), ["seed"]);
    assert_eq!(of(";sccMode=E", ""), ["kind"]);
    assert_eq!(of(";sccTick=60", ""), ["period"]);
    assert_eq!(of(";crypto=HmacSHA256", ""), ["hash"]);
    assert_eq!(of("", "sccAuthenticatorId: EXAM0002\n"), ["serial"]);
    assert_eq!(of("", "dn: sccAuthenticatorId=EXAM0002\nsccAuthenticatorId: EXAM0002\n"), [""; 0]);
    let apart = "sccAuthenticatorId: EXAM0002\n\ndn: sccAuthenticatorId=EXAM0003\n";
    assert_eq!(
        of("", &format!("{apart}sccAuthenticatorId: EXAM0004\n")),
        ["serial", "serial"],
        "the record's two names"
    );
    assert_eq!(of("", &format!("sccTokenData: sccKey={};sccMode=T\n", HEX[1])), ["seed"]);
    assert_eq!(of(";sccTick=30", "sccAuthenticatorId: EXAM0001\n"), [""; 0]);
    let of = |more: &str| {
        doubled(&format!(
            "Type, Reference, Description, Data\n\"OTP Token\", \"1200000000059\", \"XT-1\", \
             \"TokenKey=qijD4MjM8gqG6k/No+h120fgSOE=,TokenType=VE9UUA==,TOTPTimeStep=MzA={more}\"\n"
        ))
    };
    assert_eq!(of(",TokenKey=qijD4MjM8gqG6k/No+h120fgSOA="), ["seed"]);
    assert_eq!(of(",TOTPTimeStep=NjA="), ["period"]);
    assert_eq!(of(",TokenType=SE9UUA=="), ["kind"]);
    assert_eq!(of(",TOTPTimeStep=MzA="), [""; 0]);
}
