//! Faults of one row: its cells, its serial, its person, and what it says against other rows.
//!
//! Owns: pages and sentences of these reasons. Does not own: the seed ([`super::seed`]) and what goes with it
//! ([`super::parameters`]).

use super::foreign::{clean, shown};
use super::page::{Said, count, explanations, list};
use super::sources::FIVE;

explanations! {
    CELL_COUNT "cell_count" {
        means: "A row has more or fewer cells than the header.",
        seen: "Its separators, outside quotation marks, counted against those of the header.",
        advice: "Look for a missing or additional separator in this line, often inside a name without quotation \
            marks; correct the line or export the file again.",
    }
    QUOTE_UNCLOSED "quote_unclosed" {
        means: "A quotation mark opens a cell here and is never closed.",
        seen: "The file ends inside the cell.",
        advice: "Close the quotation mark or remove it; all that follows was taken for one cell.",
    }
    VALUES_DISAGREE "values_disagree" {
        means: "Two values claim to be the same field of one token, and nothing says which counts.",
        seen: "Two columns whose headings claim the same field and differ in this row, or a key, a parameter or an \
            element that stands twice.",
        advice: "Correct this entry, so that the field stands once or says the same twice.",
    }
    SERIAL_MISSING "serial_missing" {
        means: "The row has no serial.",
        seen: "The cell is empty.",
        advice: "Enter the serial printed on the token's back, or remove the row.",
    }
    SERIAL_DAMAGED "serial_damaged" {
        means: "A spreadsheet has destroyed the serial.",
        seen: "A rounded number such as 1.23462E+12, a date, or a row of # where the serial was; the digits that are \
            gone can't be had back from this file.",
        advice: "Open the vendor's original, format the serial column as text in the spreadsheet and export again; \
            without the original, ask the vendor for the file again.",
    }
    SERIAL_REWRITTEN "serial_rewritten" {
        means: "A spreadsheet has written the serial as a number, without losing a digit.",
        seen: "A number with all its digits, such as 1.234620000123E+12 or 1234.0; it was written out again.",
        advice: "Compare it with the token's back; next time, format the serial column as text in the spreadsheet and \
            export again.",
    }
    SERIAL_AS_SHOWN "serial_as_shown" {
        means: "The workbook keeps the serial as a number and shows it with more characters; it was taken as shown.",
        seen: "A display format of the cell, such as 0000000000000, that adds zeros or marks to the number in it.",
        advice: "Compare it with the token's back; next time, format the serial column as text in the spreadsheet.",
    }
    SERIAL_INEXACT "serial_inexact" {
        means: "The serial is written as a number with more digits than programs keep.",
        seen: "A number beyond 2^53 without quotation marks in a JSON file: most programs round it without a word, so \
            its last digits may be gone.",
        advice: "Ask for the file with the serials in quotation marks, or put them there after comparing with the \
            token's back.",
    }
    LOCATION_MALFORMED "location_malformed" {
        means: "A line of the list names no usable place or delivery.",
        seen: "The cells for both are empty, or one has more than 100 characters.",
        advice: "Write the name of the place as people there call it, and run the command again with this line.",
    }
    TOKEN_UNKNOWN "token_unknown" {
        means: "This store doesn't know a token with this serial.",
        seen: "No tenant it has looked at shows one, and neither the vault nor a run ever had it.",
        advice: "Compare the serial with the token's back. If it is right, `oathctl tokens refresh` asks the tenant for \
            all it has, and `oathctl vault import FILE` makes a delivery known.",
    }
    SERIAL_NOT_IN_FILE "serial_not_in_file" {
        means: "The token file doesn't have this serial.",
        seen: "A list given beside the file (`--users`, `--only`, `--exclude`) names it, and no row of the file does.",
        advice: "Compare it with the token's back and with the token file; if the token belongs to another file, name \
            it in the run of that file.",
    }
    SERIAL_MALFORMED "serial_malformed" {
        means: "The cell can't be a serial.",
        seen: "More than 64 characters, or characters that no serial has.",
        advice: "Compare it with the serial on the token's back and correct the cell; if the columns are mixed up, \
            name them with `--columns`.",
    }
    SERIAL_CONFLICT "serial_conflict" {
        means: "The same serial stands in several rows with different data.",
        seen: "Serials that are equal but for case and blanks, with another seed, person or parameter. None of these \
            rows is used, since nothing says which is right.",
        advice: "Find out which row is right, by the vendor's list or the token itself, and remove the others.",
    }
    DUPLICATE_ROW "duplicate_row" {
        means: "The row says the same as an earlier one and is skipped.",
        seen: "Serial, seed, person and parameters are equal.",
        advice: "Nothing to do: the earlier row counts.",
    }
    UPN_MALFORMED "upn_malformed" {
        means: "The cell for the person holds no user principal name.",
        seen: "A text without an @, such as a display name or DOMAIN\\user.",
        advice: "Write the user principal name as the portal shows it, such as anna@contoso.com.",
    }
    UPN_MISSING "upn_missing" {
        means: "No person stands in a row that needs one.",
        seen: "An empty cell or a placeholder, in a list that must name somebody on every line.",
        advice: "Enter the person's user principal name, or take the line and its token out of both lists.",
    }
    PERSON_TWICE "person_twice" {
        means: "The same person stands in the list once more.",
        seen: "User principal names that are equal but for case, in a list where everybody stands once.",
        advice: "Remove one of the two lines; a second token for the same person goes into a list of its own.",
    }
    PERSON_CONFLICT "person_conflict" {
        means: "The token file and the list of people name different people for one token.",
        seen: "Both give this serial a person, and not the same one.",
        advice: "Decide who gets the token and correct one of the two lists.",
    }
    UNSAFE_CELL "unsafe_cell" {
        means: "A cell begins with a character that makes a spreadsheet run it as a formula.",
        seen: "=, +, - or @ at the beginning of a cell that would be written to a CSV.",
        advice: "Correct the value in the list it comes from; if it's really meant so, enter this row by hand.",
    }
    TARGET_CANNOT "target_cannot" {
        means: "The format to be written has no way to say what this token needs.",
        seen: "The value in the message; written without it, the token would be read back as another one, and its codes \
            would be wrong.",
        advice: "Convert to a format that holds it: PSKC, otpauth and OATH CSV hold every hash, number of digits, period \
            and counter.",
    }
    TOO_MANY_FOR_PERSON "too_many_for_person" {
        means: "The file gives one person more than five tokens.",
        seen: "The rows of this person, counted; none of them is used, since nothing says which five are meant.",
        advice: "Keep at most five rows for this person and take the name off the others, which are then imported \
            without a person.",
        source: [FIVE],
    }
}

pub(super) fn cell_count(expected: u32, found: u32) -> Said {
    CELL_COUNT.says(format!("The row has {}, the header {expected}.", count(found, "cell")))
}

pub(super) fn serial_damaged(cell: &str) -> Said {
    if cell.starts_with('#') && !cell.bytes().all(|b| b == b'#') {
        return SERIAL_DAMAGED
            .says(format!("Where the serial should be, a spreadsheet's formula failed ({}).", shown(cell)));
    }
    SERIAL_DAMAGED.says(format!("A spreadsheet has turned the serial into {} and lost digits.", shown(cell)))
}

pub(super) fn values_disagree(what: &str, field: &str) -> Said {
    let field = clean(field);
    if what == "column" {
        return VALUES_DISAGREE
            .says(format!("Two columns claim to be the {field}, and in this row they disagree."))
            .advising(format!(
                "Correct the row, or say which column is meant: `--columns {field}=HEADING`; the other one is then ignored."
            ));
    }
    VALUES_DISAGREE
        .says(format!("More than one {} gives the {field} here, and nothing says which counts.", clean(what)))
}

pub(super) fn serial_as_shown(cell: &str) -> Said {
    SERIAL_AS_SHOWN.says(format!(
        "The workbook keeps this serial as a number and shows it as {}; it was taken as shown.",
        shown(cell)
    ))
}

pub(super) fn serial_inexact(digits: u32) -> Said {
    SERIAL_INEXACT.says(format!(
        "The serial is written as a number of {}, more than programs keep.",
        count(digits, "digit")
    ))
}

pub(super) fn serial_rewritten(cell: &str) -> Said {
    SERIAL_REWRITTEN.says(format!(
        "A spreadsheet had written the serial as {}; no digit was lost, and it was written out again.",
        shown(cell)
    ))
}

pub(super) fn serial_malformed(cell: &str) -> Said {
    SERIAL_MALFORMED.says(format!("Where the serial should be stands {}, which can't be one.", shown(cell)))
}

pub(super) fn serial_conflict(lines: &[u64]) -> Said {
    let numbers: Vec<String> = lines.iter().map(u64::to_string).collect();
    let message = match numbers.as_slice() {
        [] => "The same serial stands elsewhere with different data.".into(),
        [one] => format!("Line {one} has the same serial with different data."),
        several => format!("Lines {} have the same serial with different data.", list(several)),
    };
    SERIAL_CONFLICT.says(message)
}

pub(super) fn duplicate_row(first_line: u64) -> Said {
    DUPLICATE_ROW.says(format!("The row says the same as line {first_line} and is skipped."))
}

pub(super) fn upn_malformed(cell: &str) -> Said {
    UPN_MALFORMED.says(format!(
        "Where the person should be stands {}, which has no @ in a fitting place.",
        shown(cell)
    ))
}

pub(super) fn person_twice(first_line: u64) -> Said {
    PERSON_TWICE.says(format!("Line {first_line} has the same person already."))
}

pub(super) fn person_conflict(line: u64) -> Said {
    PERSON_CONFLICT.says(format!("Line {line} of the list of people gives this token to somebody else."))
}

pub(super) fn unsafe_cell(field: &str) -> Said {
    UNSAFE_CELL.says(format!(
        "The {} begins with a character that makes a spreadsheet run it as a formula, so the row wasn't written.",
        clean(field)
    ))
}

pub(super) fn target_cannot(target: &str, field: &str, value: &str) -> Said {
    let (target, field, value) = (clean(target), clean(field), shown(value));
    TARGET_CANNOT
        .says(format!("{target} can't hold this token's {field} ({value}), so the row wasn't written."))
}

pub(super) fn too_many_for_person(tokens: u32) -> Said {
    TOO_MANY_FOR_PERSON.says(format!(
        "The file gives this person {}, and five is the most, authenticator apps counted.",
        count(tokens, "token")
    ))
}

pub(super) fn location_malformed(why: &str) -> Said {
    LOCATION_MALFORMED.says(match why {
        "too_long" => "The name of the place or delivery has more than 100 characters.",
        _ => "The line names neither a place nor a delivery.",
    })
}
