//! H24: whatever is wrong with a file, no fault and no decision shows a seed.

use std::fmt::Write as _;

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::table::Table;
use oathctl_files::{NoKeys, ReadOptions, read};

use crate::support::{HEX, MS, SEEDS, input};

/// Everything that may be printed of a table.
pub(crate) fn printed(table: &Table) -> String {
    let mut text = String::new();
    for fault in table.faults() {
        let _ = write!(text, "{fault:?} {}", serde_json::to_string(fault).unwrap());
    }
    for decision in table.decisions() {
        let _ = write!(text, "{decision:?} {}", serde_json::to_string(decision).unwrap());
    }
    text
}

/// True when eight bytes of `seed` stand in `text`, in its own spelling, whatever their case and grouping. Eight bytes
/// are thirteen characters of Base32, the shortest spelling but Base64.
pub(crate) fn shows(text: &str, seed: &str) -> bool {
    let plain = |t: &str| t.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let (text, seed) = (plain(text), plain(seed));
    seed.as_bytes().windows(13).any(|part| text.contains(std::str::from_utf8(part).unwrap()))
}

/// The same for damaged rows: up to fifteen letters without a digit in the wrong column can't be told from a word.
pub(crate) fn shows_beyond_words(text: &str, seed: &str) -> bool {
    let pieces: Vec<&str> = seed.split_inclusive(|c: char| c.is_ascii_digit()).collect();
    pieces.iter().all(|piece| piece.len() < 12) && shows(text, seed)
}

#[test]
fn h24_no_seed_in_any_fault() {
    let (a, b) = (SEEDS[0], SEEDS[1]);
    let files = [
        // swapped, shifted, in every column
        format!("serial,seed\n{a},1200000000011\n{b},1200000000012\n"),
        format!("upn,serial,seed,period\n{a},1200000000011,,30\n"),
        format!("{MS},{a},30,Examplar,XT-1,\n"),
        format!("{MS},1200000000011,30,{a},Examplar,XT-1\n"),
        format!("{MS},1200000000011,{b},{a},,\n"),
        format!("{MS},1200000000011 {a},30,,,\n"),
        format!("serial,seed,digits,hash,type\n1200000000011,{b},{a},{a},{a}\n"),
        // too many, too few, unclosed
        format!("{MS},1200000000011,x,{a},30,,,\n"),
        format!("{MS}{a}\n"),
        format!("{MS}\"{a},1200000000011,30,,\n"),
        // damaged
        format!("{MS},1200000000011,{a}!,30,,\n"),
        format!("{MS},1200000000011,{}0,30,,\n", &a[..31]),
        format!("{MS},{}!,1200000000011,30,,\n", a),
        format!("{MS},{a}\"x,1200000000011,30,,\n"),
        // no header, unknown header, header that is data
        format!("{a}\n{b}\n"),
        format!("{a} {b}\n"),
        format!("eins,zwei\n{a},{b}\n"),
        format!("serial,{a}\n1200000000011,{b}\n"),
        format!("{a},serial,seed\n1,1200000000011,{b}\n"),
        format!("1200000000011,{a},{b}\n"),
        format!("sep={a}\n{a};{b}\n"),
        HEX.join(" "),
        HEX.join("\n"),
    ];
    for file in files {
        let mut table = read(input(file.as_str()), &ReadOptions::default(), &mut NoKeys);
        check(&mut table, &CheckOptions::default());
        let printed = printed(&table);
        assert!(!table.faults().is_empty(), "{file}");
        for seed in SEEDS.iter().chain(&HEX) {
            assert!(!shows(&printed, seed), "{file}\n{printed}");
        }
    }
}

#[test]
fn h23_foreign_text_in_faults_has_no_control_characters() {
    let text = format!("serial,seed,\u{202e}evil\u{1b}[31m\n1200\u{7}\"\u{202e}x,{},z\n", SEEDS[0]);
    let mut table = read(input(text), &ReadOptions::default(), &mut NoKeys);
    check(&mut table, &CheckOptions::default());
    let json = serde_json::to_string(table.faults()).unwrap();
    let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!json.contains(hidden) && !json.contains("\\u"), "{json}");
    assert!(json.contains("evil[31m"), "{json}");
}
