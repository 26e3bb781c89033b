//! What is worth knowing about a file that is read nevertheless.
//!
//! Owns: pages and sentences of these reasons. Does not own: what refuses a file ([`super::file`]).

use super::foreign::{clean, heading};
use super::page::{Said, count, explanations};

explanations! {
    SEED_ENCODING_UNCERTAIN "seed_encoding_uncertain" {
        means: "Hex or Base32 was chosen because it is likelier, not because anything says so.",
        seen: "Every seed is valid both ways, and only a length that is usual in one spelling speaks for it. Good \
            enough for `oathctl check`, not for activating.",
        advice: "Before activating, ask the vendor which it is and say `--secret-encoding hex` or \
            `--secret-encoding base32`.",
    }
    DECODED_AS_WINDOWS_1252 "decoded_as_windows_1252" {
        means: "The text isn't UTF-8 and was read as Windows-1252.",
        seen: "Bytes that UTF-8 can't have, and no byte order mark.",
        advice: "Look at names with accents in the list; if they are wrong, save the file as UTF-8 and use that.",
    }
    COLUMN_IGNORED "column_ignored" {
        means: "A column wasn't used.",
        seen: "Its heading names nothing that is needed.",
        advice: "Nothing to do, unless it holds one of the needed fields: then name it with `--columns`.",
    }
    LINE_IGNORED "line_ignored" {
        means: "A line of totals, a repeated header or a comment was passed over.",
        seen: "Its cells are those of a total, of the headings, or begin with a comment's mark.",
        advice: "Nothing to do, unless the line was meant as a token: then correct it.",
    }
    TOTAL_DIFFERS "total_differs" {
        means: "The file announces another number of tokens than it has.",
        seen: "A line of totals with another number than the rows that were read.",
        advice: "Compare with the delivery note; if rows are missing, ask the vendor for the file again.",
    }
    MIXED_MODELS "mixed_models" {
        means: "The file has tokens of more than one make or model.",
        seen: "Different manufacturers or models in its rows.",
        advice: "Check that hash and period hold for all of them, or that the file states both row by row.",
    }
    SERIAL_WIDTH "serial_width" {
        means: "A serial is shorter or longer than most of the file.",
        seen: "Serials of digits only, of different lengths: a spreadsheet drops leading zeros, and afterwards \
            nobody can see that it did.",
        advice: "Compare it with the token's back; if zeros are missing, format the serial column as text in the \
            spreadsheet and export again, or fill them up with `--serial-width`.",
    }
}

pub(super) fn encoding_uncertain(taken: &str) -> Said {
    let taken = if taken.eq_ignore_ascii_case("base32") { "Base32".into() } else { clean(taken) };
    SEED_ENCODING_UNCERTAIN.says(format!(
        "The seeds were read as {taken} because that is likelier, not because anything says so."
    ))
}

pub(super) fn column_ignored(text: &str) -> Said {
    COLUMN_IGNORED.says(format!("The column {} wasn't used.", heading(text)))
}

pub(super) fn line_ignored(what: &str) -> Said {
    let line = match what {
        "total" => "A line of totals".to_owned(),
        "header" => "A repeated header".to_owned(),
        "comment" => "A comment".to_owned(),
        other => format!("A line ({})", clean(other)),
    };
    LINE_IGNORED.says(format!("{line} was passed over."))
}

pub(super) fn total_differs(declared: u64, found: u64) -> Said {
    TOTAL_DIFFERS.says(format!("The file announces {}, but has {found}.", count(declared, "token")))
}

pub(super) fn mixed_models(models: u64) -> Said {
    MIXED_MODELS.says(format!("The file has tokens of {models} makes or models."))
}

pub(super) fn serial_width(length: u32, usual: u32) -> Said {
    let said = SERIAL_WIDTH
        .says(format!("This serial has {}, most others have {usual}.", count(length, "character")));
    if length >= usual {
        return said
            .advising("Compare it with the serial on the token's back and correct the cell if it differs.");
    }
    said.advising(format!(
        "Compare it with the token's back; if zeros are missing, format the serial column as text in the spreadsheet \
         and export again, or fill them up with `--serial-width {usual}`."
    ))
}
