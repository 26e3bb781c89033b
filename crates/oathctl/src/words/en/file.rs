//! Faults of a file as a whole that refuse it.
//!
//! Owns: pages and sentences of these reasons. Does not own: sentences on formats that are not read
//! ([`super::formats`]), what is only noted ([`super::file_notes`]).

use oathctl_core::place::Field;

use super::foreign::{clean, heading, shown};
use super::page::{Said, count, explanations, list};
use super::sources::{COLUMNS, HASHES, PERIODS};

explanations! {
    FILE_UNREADABLE "file_unreadable" {
        means: "The file can't be opened or read.",
        seen: "The operating system refused to open or read it; its own words are in the message.",
        advice: "Check the path and that you may read the file, then run the command again.",
    }
    EMPTY_FILE "empty_file" {
        means: "The file is empty, or has only blank lines.",
        seen: "Not one cell with text in it, or a list without an element.",
        advice: "Check that the download or export came to its end, or ask the vendor for the file again.",
    }
    BINARY_FILE "binary_file" {
        means: "The file isn't text.",
        seen: "Its first bytes belong to a binary format, or it holds bytes that no text has.",
        advice: "Export the list as CSV and use that file; if the vendor sent it like this, ask the vendor for the \
            file again as CSV.",
    }
    UNSUPPORTED_FORMAT "unsupported_format" {
        means: "The file has a format that can be named but isn't read.",
        seen: "Its first bytes are those of that format.",
        advice: "Ask the vendor for the file again as PSKC or as CSV with Microsoft's columns, or export it to CSV with the \
            program it belongs to.",
        source: [COLUMNS],
    }
    HEADERS_UNKNOWN "headers_unknown" {
        means: "No line says which column holds what.",
        seen: "None of the first twenty lines has two headings we know, and the content alone doesn't tell the columns.",
        advice: "Rename the headings to Microsoft's (upn, serial number, secret key, time interval, manufacturer, \
            model), or name the columns with `--columns`.",
        source: [COLUMNS],
    }
    ONLY_HEADER "only_header" {
        means: "The file has headings and no row under them.",
        seen: "A line of known headings, then nothing.",
        advice: "Export the list again with its rows, or ask the vendor for the file again.",
    }
    NO_USABLE_ROW "no_usable_row" {
        means: "The file has rows, but none of them can be used.",
        seen: "Every row has a fault of its own.",
        advice: "Look at the faults listed with it: where all rows share one, mending that one mends the file.",
    }
    SEED_ENCODING_UNDECIDABLE "seed_encoding_undecidable" {
        means: "The seeds can be read as hex and as Base32, and nothing says which is meant.",
        seen: "Every seed of the column is valid both ways, and no heading, dialect or usual length decides.",
        advice: "Ask the vendor which it is and say `--secret-encoding hex` or `--secret-encoding base32`; the tenant \
            would take the wrong one too, and the codes would never fit.",
    }
    HASH_UNSTATED "hash_unstated" {
        means: "The seeds are long enough for SHA-256, and nothing says whether SHA-1 or SHA-256 is meant.",
        seen: "Seeds of 32 bytes or more without a hash column; the hash is never guessed from a length.",
        advice: "Look it up in the data sheet of the token and say `--hash sha1` or `--hash sha256`; the tenant would \
            take the wrong one too, and people would be locked out.",
        source: [HASHES],
    }
    PERIOD_UNSTATED "period_unstated" {
        means: "Nothing says for how many seconds these tokens show a code.",
        seen: "No column, heading or dialect states the period.",
        advice: "Look at a token or its data sheet and say `--period 30` or `--period 60`.",
        source: [PERIODS],
    }
    COLUMNS_UNDECIDABLE "columns_undecidable" {
        means: "It can't be told which column holds one of the fields.",
        seen: "More than two headings claim the same field, a second line of headings differs, without headings more \
            than one reading fits, or a column under an unknown heading looks like hashes or periods that nothing \
            else states.",
        advice: "Name the columns with `--columns`, or remove the column that isn't meant; a hash or a period can also be \
            stated with `--hash` or `--period`.",
    }
    COLUMN_MISSING "column_missing" {
        means: "A flag names a column that the file doesn't have.",
        seen: "No heading of that name and no column of that number.",
        advice: "Run `oathctl check` on the file to see its columns, then correct `--columns`.",
    }
    FILE_TOO_LARGE "file_too_large" {
        means: "The file is larger than what is read at once.",
        seen: "More bytes than the limit in the message.",
        advice: "Split it into several files with the same headings and run them one after the other.",
    }
    COUNTS_DIFFER "counts_differ" {
        means: "The list of tokens and the list of people aren't equally long.",
        seen: "`oathctl pair` pairs by position; one record more or less would give everybody the neighbour's token.",
        advice: "Find the record that is missing or too many (a blank line counts too), then run `oathctl pair` again.",
    }
}

pub(super) fn unreadable(detail: &str) -> Said {
    FILE_UNREADABLE.says(format!("The file can't be read (\"{}\").", clean(detail)))
}

pub(super) fn empty(what: &str) -> Said {
    match what {
        "workbook" => EMPTY_FILE.says("The workbook has no sheet with anything in it."),
        "json" => EMPTY_FILE.says("The JSON is well-formed, and its list has nothing in it."),
        _ => EMPTY_FILE.plain(),
    }
}

pub(super) fn headers_unknown(seen: &[String], needed: &[String]) -> Said {
    let needed = if needed.is_empty() { "the fields".into() } else { list(needed) };
    if seen.is_empty() {
        return HEADERS_UNKNOWN.says(format!("No line says which columns hold {}.", clean(&needed)));
    }
    let seen: Vec<String> = seen.iter().map(|cell| shown(cell)).collect();
    HEADERS_UNKNOWN
        .says(format!("The first line has {}, which doesn't say where to find {needed}.", list(&seen)))
}

pub(super) fn encoding_undecidable(rows: u64) -> Said {
    SEED_ENCODING_UNDECIDABLE.says(format!(
        "The seeds ({}) can be read as hex and as Base32, and nothing says which is meant.",
        count(rows, "row")
    ))
}

pub(super) fn hash_unstated(seed_bytes: u32, rows: u64) -> Said {
    HASH_UNSTATED.says(format!(
        "Seeds of {} ({}) fit SHA-1 and SHA-256, and nothing says which is meant.",
        count(seed_bytes, "byte"),
        count(rows, "row")
    ))
}

pub(super) fn columns_undecidable(field: &str) -> Said {
    if field == "header" {
        return COLUMNS_UNDECIDABLE
            .says("A second line of headings names other columns than the first.")
            .advising("Divide the file where its headings change, and run the parts one after the other.");
    }
    if field == Field::Seed.word() {
        return COLUMNS_UNDECIDABLE
            .says("Two columns claim to be the seed, and they disagree or can't be compared.");
    }
    COLUMNS_UNDECIDABLE.says(format!("Which column holds the {} can't be told.", clean(field)))
}

pub(super) fn column_missing(column: &str) -> Said {
    COLUMN_MISSING.says(format!("A flag names the column {}, which the file doesn't have.", heading(column)))
}

pub(super) fn too_large(limit_bytes: u64) -> Said {
    let limit = match (limit_bytes >> 20, limit_bytes % (1 << 20)) {
        (mib, 0) if mib > 0 => format!("{mib} MiB"),
        _ => count(limit_bytes, "byte"),
    };
    FILE_TOO_LARGE.says(format!("The file is larger than {limit}, the most that is read at once."))
}

pub(super) fn counts_differ(tokens: u64, people: u64) -> Said {
    COUNTS_DIFFER.says(format!(
        "The list of tokens has {}, the list of people {}, so pairing by position would shift.",
        count(tokens, "record"),
        count(people, "record")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_named() {
        assert!(empty("workbook").message.contains("workbook") && empty("json").message.contains("JSON"));
        assert!(columns_undecidable("header").advice.contains("Divide"));
    }
}
