//! Formats that can be named and are not read.
//!
//! Owns: their sentences and the way out of each. Does not own: their pages ([`super::file`]), wrappings
//! ([`super::wrapping`]).

use super::file::{BINARY_FILE, UNSUPPORTED_FORMAT};
use super::foreign::clean;
use super::page::Said;

pub(super) fn binary(looks_like: &str) -> Said {
    let what = match looks_like {
        "png" | "jpeg" | "gif" => "a picture".to_owned(),
        "program" => "a program".to_owned(),
        "sqlite" => "a database".to_owned(),
        "rar" | "bzip2" => format!("an archive ({looks_like})"),
        "" | "unknown" => "of no format that is known here".to_owned(),
        other => clean(other),
    };
    BINARY_FILE.says(format!("The file isn't text; by its first bytes it is {what}."))
}

pub(super) fn unsupported(format: &str) -> Said {
    let name = clean(format);
    let said = UNSUPPORTED_FORMAT.says(match format {
        "JSON" => "The file is JSON, and nothing in it is a list of tokens that is known here.".to_owned(),
        "XML" => "The file is XML of a kind that isn't known here.".to_owned(),
        _ if is_key(format) => {
            let article = if name.starts_with('a') { "an" } else { "a" };
            format!("The file is {article} {name}, not a list of tokens.")
        }
        _ => format!("The file was recognised as {name}, which isn't read."),
    });
    match WAYS_OUT.iter().find(|(word, _)| format.contains(word)) {
        Some((_, way)) => said.advising(*way),
        None => said,
    }
}

fn is_key(format: &str) -> bool {
    ["(PEM)", "identity", "checksums"].iter().any(|word| format.contains(word))
}

/// A word of the format's name, and what to do then; the first that fits.
const WAYS_OUT: [(&str, &str); 20] = [
    ("PGP key", "This is a key, not the list of tokens: look for the other file of the delivery."),
    ("PGP signature", "This is a signature alone: look for the file it was made of."),
    (
        "private key",
        "Give it beside the list by `--key-file`, if the list was encrypted for it; the list is another file of the delivery.",
    ),
    ("identity", "Give it beside the list by `--key-file`; the list is another file of the delivery."),
    ("certificate", "Look for the list of tokens among the other files of the delivery."),
    ("public key", "Look for the list of tokens among the other files of the delivery."),
    (
        "checksums",
        "Look for the list of tokens among the other files of the delivery; compare its checksum with this one.",
    ),
    (
        "SecurID",
        "Tokens of RSA SecurID don't make the codes of RFC 6238 and can't be used with Entra ID, whatever the format.",
    ),
    (
        "DPX",
        "The seeds in it are sealed by a transport key that only OneSpan's own toolkit opens: ask the vendor for the \
         OATH seeds as PSKC or as CSV.",
    ),
    (
        "S/MIME",
        "Open it in the mail program that has your certificate, save the attachment and name that file; remove it \
         afterwards if it holds the seeds in the clear.",
    ),
    (
        "PDF",
        "Tables in a PDF can't be read back with certainty: ask the vendor for the list as PSKC or as CSV.",
    ),
    ("HTML", "This is a web page, perhaps one that asks to sign in: download the file itself again."),
    (
        "OpenDocument spreadsheet",
        "Open it in a spreadsheet and save it as XLSX, with a password if it holds seeds.",
    ),
    ("XLSB", "Open it in Excel and save it as an XLSX workbook, with a password."),
    (
        "document",
        "This is a document for a word processor or the like, not a table: ask the vendor for the list as XLSX, CSV or PSKC.",
    ),
    ("RTF", "This is a letter, not a table: ask the vendor for the list as XLSX, CSV or PSKC."),
    (
        "XML",
        "The XML that is read is PSKC, SafeNet's and DualShield's without encryption; of others, as those that ask for a \
         password on import, ask the vendor for PSKC or CSV.",
    ),
    (
        "JSON",
        "The JSON that is read is Microsoft Graph's: a list under `value`, with serialNumber and secretKey.",
    ),
    ("mail", "Save the attachment from the mail program and name that file."),
    ("image", "Ask the vendor for the list as PSKC or as CSV."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_format_comes_with_its_way_out() {
        for (format, way) in [
            ("PGP key (not a message)", "not the list"),
            ("RSA SecurID token file", "RFC 6238"),
            ("OneSpan DPX", "transport key"),
            ("S/MIME (CMS) message", "mail program"),
            ("PDF document", "as PSKC or as CSV"),
            ("XML", "PSKC"),
            ("JSON", "serialNumber"),
            ("HTML page", "download"),
            ("private key (PEM)", "--key-file"),
            ("RTF text", "a letter"),
            ("OpenDocument spreadsheet", "XLSX"),
            ("something else", "Ask the vendor"),
        ] {
            let said = unsupported(format);
            assert!(said.message.contains(format) && said.advice.contains(way), "{said:?}");
        }
        assert!(binary("unknown").message.contains("no format"));
        assert!(binary("png").message.ends_with("a picture."));
    }
}
