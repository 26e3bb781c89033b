//! How a question about a file was answered.
//!
//! Owns: [`decision`]. Does not own: the decisions, whose words are data; a word without a phrase is shown as it is.

use oathctl_core::fault::Decision;

use super::foreign::clean;

/// One line: what was decided, how, why, and whether that is enough to activate with.
pub fn decision(decision: &Decision) -> String {
    let Decision { what, chosen, why, certain, piece: _ } = decision;
    let certain = if *certain { "" } else { "; likely, not certain" };
    format!("{}: {} ({}{certain}).", question(what), answer(what, chosen), because(why))
}

fn question(what: &str) -> String {
    let known = match what {
        "format" => "Format",
        "wrapping" => "Wrapping",
        "encoding" => "Characters",
        "separator" | "delimiter" => "Separator",
        "header" => "Headings",
        "columns" => "Columns",
        "seed_encoding" => "Spelling of the seeds",
        "hash" => "Hash",
        "period" => "Period",
        "digits" => "Digits",
        "dialect" => "Dialect",
        "kind" => "Kind of token",
        "serial_width" => "Width of serials",
        "sheets" => "Sheets",
        "soft_tokens" => "Seeds of apps",
        _ => return capital(&clean(what).replace('_', " ")),
    };
    known.to_owned()
}

/// A choice as a person would write it.
pub(super) fn answer(what: &str, chosen: &str) -> String {
    let known = match (what, chosen) {
        ("wrapping", "zip") => "ZIP archive",
        ("wrapping", "7z") => "7z archive",
        ("wrapping", "tar") => "tar archive",
        ("wrapping", "pgp") => "PGP message",
        ("wrapping", "workbook") => "workbook with a password",
        (_, "base32") => "Base32",
        (_, "base64") => "Base64",
        ("dialect", "microsoft") => "Microsoft's CSV",
        ("dialect", "columns") => "columns of its own",
        ("dialect", "two_columns") => "two columns",
        ("dialect", "multiotp") => "multiOTP",
        (_, "sha1") => "SHA-1",
        (_, "sha256") => "SHA-256",
        (_, "sha512") => "SHA-512",
        (_, "utf-8" | "utf8" | "utf_8") => "UTF-8",
        (_, "utf-16le" | "utf16le" | "utf_16le") => "UTF-16, little-endian",
        (_, "utf-16be" | "utf16be" | "utf_16be") => "UTF-16, big-endian",
        (_, "windows-1252" | "windows1252" | "windows_1252") => "Windows-1252",
        ("separator" | "delimiter", ",") => "comma",
        ("separator" | "delimiter", ";") => "semicolon",
        ("separator" | "delimiter", "\t") => "tab",
        ("separator" | "delimiter", "|") => "vertical bar",
        ("separator" | "delimiter", " ") => "blanks",
        ("columns", columns) => return clean(columns).replace('=', " ").replace(',', ", "),
        ("period", seconds) if seconds.parse::<u32>().is_ok() => return format!("{seconds} seconds"),
        _ => return clean(chosen),
    };
    known.to_owned()
}

fn because(why: &str) -> String {
    let known = match why {
        "stated_by_flag" => "a flag says so",
        "stated_by_answer" => "you said so",
        "stated_by_column" => "a column says so",
        "stated_by_header" => "a heading says so",
        "stated_by_file" => "the file says so",
        "content" => "by what it holds",
        "byte_order_mark" => "by the byte order mark",
        "definition" => "by the format's definition",
        "only_one_fits" => "nothing else fits",
        "likelihood" => "likelier than the other reading",
        "counted" => "by counting",
        _ => return clean(why).replace('_', " "),
    };
    known.to_owned()
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(what: &str, chosen: &str, why: &str, certain: bool) -> String {
        decision(&Decision {
            what: what.into(),
            chosen: chosen.into(),
            why: why.into(),
            certain,
            piece: None,
        })
    }

    #[test]
    fn what_how_why_and_how_certain() {
        assert_eq!(line("hash", "sha1", "definition", true), "Hash: SHA-1 (by the format's definition).");
        assert_eq!(
            line("seed_encoding", "hex", "likelihood", false),
            "Spelling of the seeds: hex (likelier than the other reading; likely, not certain)."
        );
        assert_eq!(line("separator", "\t", "counted", true), "Separator: tab (by counting).");
        assert_eq!(
            line("columns", "serial=2,seed=3", "stated_by_header", true),
            "Columns: serial 2, seed 3 (a heading says so)."
        );
        assert_eq!(line("sheet_name", "Tokens", "first_one", true), "Sheet name: Tokens (first one).");
    }
}
