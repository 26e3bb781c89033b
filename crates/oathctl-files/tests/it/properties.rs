//! Random rows in random dialects read back equal; arbitrary bytes never panic; no seed is ever shown.

use data_encoding::{BASE32, BASE32_NOPAD, HEXLOWER, HEXUPPER};
use oathctl_core::check::{CheckOptions, check};
use oathctl_files::{Input, NoKeys, ReadOptions, pair, read, read_selection, read_users_csv};
use proptest::prelude::*;

use crate::leak::{printed, shows_beyond_words};
use crate::support::{as_utf16, input};

#[derive(Clone, Debug)]
struct Token {
    upn: String,
    serial: String,
    seed: Vec<u8>,
    period: u32,
    model: String,
}

#[derive(Clone, Debug)]
struct Dialect {
    separator: char,
    encoding: u8,
    line_end: &'static str,
    quote: u8,
    spelling: u8,
    order: Vec<usize>,
    blank_lines: bool,
}

fn token() -> impl Strategy<Value = Token> {
    let seed = prop::collection::vec(any::<u8>(), 16..=31);
    let upn = prop_oneof!["[a-z]{1,8}[.'_]?[a-z]{1,8}@example\\.test", Just(String::new())];
    (
        upn,
        "[A-Z]{0,3}[0-9]{6,13}",
        seed,
        prop_oneof![Just(30u32), Just(60)],
        "[A-Za-z][A-Za-z ,;|\"\u{e9}-]{0,9}[a-z]",
    )
        .prop_map(|(upn, serial, seed, period, model)| Token { upn, serial, seed, period, model })
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let order = Just(vec![0usize, 1, 2, 3, 4]).prop_shuffle();
    let ends = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    let separators = prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')];
    (separators, 0u8..6, ends, 0u8..3, 0u8..5, order, any::<bool>()).prop_map(
        |(separator, encoding, line_end, quote, spelling, order, blank_lines)| Dialect {
            separator,
            encoding,
            line_end,
            quote,
            spelling,
            order,
            blank_lines,
        },
    )
}

fn spell(seed: &[u8], spelling: u8) -> String {
    let groups = |text: String| {
        let groups: Vec<&str> = text.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap()).collect();
        groups.join(" ")
    };
    match spelling {
        0 => BASE32.encode(seed),
        1 => BASE32_NOPAD.encode(seed).to_lowercase(),
        2 => groups(BASE32_NOPAD.encode(seed)),
        3 => HEXLOWER.encode(seed),
        _ => HEXUPPER.encode(seed),
    }
}

fn write(tokens: &[Token], dialect: &Dialect) -> Vec<u8> {
    let hint = if dialect.spelling < 3 { "Seed (Base32)" } else { "Seed (hex)" };
    let headings = ["UPN", "Serial Number", hint, "Interval", "Model"].map(str::to_owned);
    let rows = tokens.iter().map(|t| {
        [
            t.upn.clone(),
            t.serial.clone(),
            spell(&t.seed, dialect.spelling),
            t.period.to_string(),
            t.model.clone(),
        ]
    });
    let mut text = String::new();
    for row in std::iter::once(headings).chain(rows) {
        let cells: Vec<String> = dialect.order.iter().map(|n| quoted(&row[*n], dialect)).collect();
        text.push_str(&cells.join(&dialect.separator.to_string()));
        text.push_str(dialect.line_end);
        if dialect.blank_lines {
            text.push_str(dialect.line_end);
        }
    }
    match dialect.encoding {
        0 => text.into_bytes(),
        1 => format!("\u{feff}{text}").into_bytes(),
        2 => as_utf16(&text, true, true),
        3 => as_utf16(&text, false, true),
        4 => as_utf16(&text, true, false),
        _ => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
    }
}

fn quoted(cell: &str, dialect: &Dialect) -> String {
    let needed = cell.contains([dialect.separator, '"']);
    match dialect.quote {
        0 if !needed => cell.to_owned(),
        1 if dialect.separator != '\t' => format!(" \"{}\" ", cell.replace('"', "\"\"")),
        _ => format!("\"{}\"", cell.replace('"', "\"\"")),
    }
}

proptest! {
    #[test]
    fn rows_in_any_dialect_read_back_equal(
        tokens in prop::collection::vec(token(), 1..12),
        dialect in dialect(),
    ) {
        let table = read(input(write(&tokens, &dialect)), &ReadOptions::default(), &mut NoKeys);
        prop_assert!(!table.is_rejected(), "{:?}", table.faults());
        prop_assert_eq!(table.len(), tokens.len());
        for (row, token) in table.rows().zip(&tokens) {
            prop_assert_eq!(row.serial(), &token.serial);
            prop_assert_eq!(row.upn().unwrap_or(""), &token.upn);
            prop_assert_eq!(row.expose_seed(), &token.seed[..]);
            prop_assert_eq!(row.period_secs(), Some(token.period));
            prop_assert_eq!(row.model(), &token.model);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut table = read(input(bytes.clone()), &ReadOptions::default(), &mut NoKeys);
        check(&mut table, &CheckOptions::default());
        let _ = pair(&table, Input::new(None, bytes.clone()));
        let _ = read_users_csv(Input::new(None, bytes.clone())).apply(&mut table);
        let _ = read_selection(Input::new(None, bytes));
    }

    #[test]
    fn arbitrary_text_never_panics(
        header in prop_oneof![Just(""), Just("upn,serial number,secret key,time interval\n"), Just("sep=;\nsn;seed\n"), Just("# version: 2\n")],
        text in "[ -~\n\r\t,;|\"'=#\u{e9}\u{200b}\u{ff11}]{0,300}",
    ) {
        let whole = format!("{header}{text}");
        let mut table = read(input(whole.as_str()), &ReadOptions::default(), &mut NoKeys);
        check(&mut table, &CheckOptions::default());
        let mut users = read_text_lists(&whole);
        users.1.faults.clear();
    }
}

proptest! {
    #[test]
    fn h24_no_seed_in_anything_told(
        tokens in prop::collection::vec(token(), 1..6),
        dialect in dialect(),
        // Damage: drop, double or swap bytes of the text.
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0u8..3, any::<u8>()), 1..4),
    ) {
        let mut bytes = write(&tokens, &Dialect { encoding: 0, ..dialect.clone() });
        for (at, what, byte) in cuts {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match what {
                0 => { bytes.remove(at); }
                1 => bytes.insert(at, b",;\"\n\t x="[byte as usize % 8]),
                _ => bytes[at] = byte & 0x7f,
            }
            if bytes.is_empty() { break; }
        }
        let mut table = read(input(bytes), &ReadOptions::default(), &mut NoKeys);
        check(&mut table, &CheckOptions::default());
        let told = printed(&table);
        for token in &tokens {
            let seed = spell(&token.seed, dialect.spelling);
            prop_assert!(!shows_beyond_words(&told, &seed), "{} in {}", seed, told);
        }
    }
}

fn read_text_lists(text: &str) -> (oathctl_files::Selection, oathctl_files::Assignments) {
    let input = || Input::new(None, text.as_bytes().to_vec());
    (read_selection(input()), read_users_csv(input()))
}
