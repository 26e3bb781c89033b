//! What a file is wrapped in, and documents as a whole.
//!
//! Owns: pages and sentences of these reasons. Does not own: passphrases or keys.

use super::foreign::clean;
use super::page::{Said, count, explanations, list};

explanations! {
    PASSPHRASE_NEEDED "passphrase_needed" {
        means: "The file is locked by a passphrase, and none was given.",
        seen: "An encrypted file, no `--passphrase-file`, and no terminal to ask on.",
        advice: "Write the vendor's passphrase into a file only you can read and say `--passphrase-file FILE`, or run the \
            command on a terminal and type it.",
    }
    PASSPHRASE_WRONG "passphrase_wrong" {
        means: "The passphrase doesn't open the file.",
        seen: "None of the passphrases given fits; a file that was altered on its way looks the same.",
        advice: "Check the passphrase (capitals, blanks at its ends, which delivery it belongs to); if it is right, ask \
            the vendor for the file again.",
    }
    KEY_NEEDED "key_needed" {
        means: "The file is encrypted for a key that wasn't given.",
        seen: "It names the keys it is meant for, and none of them is among those of `--key-file`.",
        advice: "Say `--key-file FILE` with the secret key that belongs to it; where that is on a smart card or with an agent, \
            `--gpg` lets your own gpg decrypt it.",
    }
    KEY_WRONG "key_wrong" {
        means: "None of the keys opens the file.",
        seen: "Every key given was tried; a file that was altered on its way looks the same.",
        advice: "Check which key the vendor used for this delivery; if it is the right one, ask for the file again.",
    }
    KEY_UNUSABLE "key_unusable" {
        means: "A file given as a key can't be used as one.",
        seen: "Its content is no PGP secret key, no age identity, no RSA private key and no pre-shared key.",
        advice: "Export the secret key, not the public one; a pre-shared key is written in hex or Base64, or as its bare \
            16, 24 or 32 bytes.",
    }
    WRAPPING_DAMAGED "wrapping_damaged" {
        means: "The file is cut off or altered.",
        seen: "Its own lengths or check sums don't fit what is there.",
        advice: "Download or copy it once more and compare its size with the original; if it stays so, ask the vendor \
            for it again.",
    }
    WRAPPING_UNSUPPORTED "wrapping_unsupported" {
        means: "The file is encrypted or packed in a way that isn't read.",
        seen: "Its header names the method in the message.",
        advice: "Open it with the program it belongs to and save it in a common way: a ZIP with AES, a workbook as \
            .xlsx, a message by PGP.",
    }
    UNWRAP_LIMIT "unwrap_limit" {
        means: "The file unpacks to more than any seed file holds.",
        seen: "More layers, bytes or members than the limit in the message, or shrunk too well to be seeds.",
        advice: "Look at what it holds with a tool you trust; if it is right, unpack it and name the seed file alone.",
    }
    MEMBER_IGNORED "member_ignored" {
        means: "A member of the archive isn't a seed file.",
        seen: "Another member is one, and this one isn't.",
        advice: "Nothing, unless tokens are missing: then name that member as a file of its own.",
    }
    RECIPIENT_UNUSABLE "recipient_unusable" {
        means: "The file can't be encrypted for a recipient that was named.",
        seen: "It is no key that can be encrypted for, or no longer one; nothing was written.",
        advice: "Give an age recipient (`age1…`) or a PGP public key that is valid today and may encrypt; ask its owner \
            for a current one.",
    }
    GPG_FAILED "gpg_failed" {
        means: "Your own gpg didn't decrypt the file.",
        seen: "gpg was started by `--gpg` and ended with an error; its words are in the message.",
        advice: "Run `gpg --decrypt` on the file by hand to see what it needs (agent, smart card, key), then run the \
            command again.",
    }
    SIGNATURE_UNVERIFIED "signature_unverified" {
        means: "The file is signed, not verified: nobody checked who signed it, or whether it was altered since.",
        seen: "A signature is there; the signer in the message is what the file itself says. No list of signers to trust exists.",
        advice: "Check the signature with the tool of its maker if you need to know who sent the file.",
    }
    DOCUMENT_DAMAGED "document_damaged" {
        means: "The document isn't well-formed.",
        seen: "Its text breaks the rules of its format at the place in the message.",
        advice: "Compare the file with the original; if it is cut off, download it again, else ask the vendor for it.",
    }
    DOCTYPE_FORBIDDEN "doctype_forbidden" {
        means: "The XML has a document type declaration.",
        seen: "`<!DOCTYPE` before or in the document: it can make a reader open other files, so it is never read.",
        advice: "Ask the vendor for a file without it; no format of seeds needs one.",
    }
    NO_SEEDS "no_seeds" {
        means: "The file lists tokens, but holds no seeds.",
        seen: "An inventory: serials and states, and the secrets are empty.",
        advice: "Use the file of seeds the vendor sent; Microsoft's service never gives a seed back.",
    }
    SHEET_HIDDEN "sheet_hidden" {
        means: "A hidden sheet was read.",
        seen: "The sheet has the headings of tokens, and a spreadsheet doesn't show it.",
        advice: "Look whether these tokens are meant; if not, save the workbook without that sheet.",
    }
    ROWS_HIDDEN "rows_hidden" {
        means: "Hidden rows were read.",
        seen: "A filter or a hidden group keeps them out of sight in a spreadsheet.",
        advice: "Look whether these tokens are meant; if not, save the workbook without those rows.",
    }
    MACROS_IGNORED "macros_ignored" {
        means: "The workbook has macros, which were not looked at.",
        seen: "It holds a macro project; only the cells were read.",
        advice: "Nothing here; think twice before opening it in a spreadsheet, since a list of seeds needs no macros.",
    }
    BATCH_INCOMPLETE "batch_incomplete" {
        means: "An export of several parts isn't whole.",
        seen: "Each part names how many there are; fewer were read.",
        advice: "Put the links of all parts into the file, one a line.",
    }
}

/// What is locked, as a person would say it.
pub(super) fn locked(what: &str) -> String {
    match what {
        "zip" => "The ZIP archive".into(),
        "7z" => "The 7z archive".into(),
        "gzip" => "The gzip file".into(),
        "tar" => "The tar archive".into(),
        "pgp" => "The PGP message".into(),
        "age" => "The age file".into(),
        "workbook" => "The workbook".into(),
        "pskc" => "The PSKC file".into(),
        "private_key" => "The private key".into(),
        other => format!("The file ({})", clean(other)),
    }
}

pub(super) fn passphrase_needed(what: &str) -> Said {
    PASSPHRASE_NEEDED.says(format!("{} is locked by a passphrase, and none was given.", locked(what)))
}

pub(super) fn passphrase_wrong(what: &str) -> Said {
    PASSPHRASE_WRONG
        .says(format!("{} doesn't open: the passphrase is wrong, or the file is damaged.", locked(what)))
}

pub(super) fn key_needed(what: &str, recipients: &[String]) -> Said {
    let names: Vec<String> = recipients.iter().take(8).map(|name| clean(name)).collect();
    let for_whom = if names.is_empty() { String::new() } else { format!(" (meant for {})", list(&names)) };
    let said = KEY_NEEDED.says(format!("{} needs a key that wasn't given{for_whom}.", locked(what)));
    match what {
        "pgp" => said,
        "pskc" => said.advising(
            "Say `--key-file FILE` with the key the vendor sent apart from the file: in hex, in Base64 or as its bare bytes; \
             or with the RSA private key that belongs to the certificate it was encrypted for.",
        ),
        _ => said.advising("Say `--key-file FILE` with the key or identity the file was encrypted for."),
    }
}

pub(super) fn key_wrong(what: &str) -> Said {
    KEY_WRONG.says(format!("{} doesn't open: the key is wrong, or the file is damaged.", locked(what)))
}

pub(super) fn key_unusable(name: &str, why: &str) -> Said {
    let why = match why {
        "empty" => "it is empty",
        "public" => "it is a public key, and the secret one is needed",
        "elliptic" => {
            "it is an elliptic-curve key, and seeds and files are sealed for RSA keys, age or PGP here"
        }
        "plugin" => "its secret is elsewhere, with a plugin of age: let age itself decrypt the file",
        "unsupported" => "its kind isn't read",
        _ => "it is no key of a known kind",
    };
    KEY_UNUSABLE.says(format!("The key file {} can't be used: {why}.", clean(name)))
}

pub(super) fn recipient_unusable(name: &str, why: &str) -> Said {
    let sentence = match why {
        "empty" => "no recipient was named",
        "secret" => "it is a secret key, and the public one is needed",
        "damaged" => "its own signatures don't fit",
        "revoked" => "its owner has revoked it",
        "expired" => "it has expired",
        "cannot_encrypt" => "it may sign and not encrypt",
        "unsupported" => "its kind isn't written",
        _ => "it is no key of a known kind",
    };
    let said = RECIPIENT_UNUSABLE.says(match name {
        "" => format!("The file can't be encrypted: {sentence}."),
        name => format!("The file can't be encrypted for {}: {sentence}.", clean(name)),
    });
    match why {
        "secret" if name == "(not shown)" => said.advising(
            "Give the public one; replace a secret key that stood in a command line, since others can see it there.",
        ),
        "secret" => said.advising(
            "Ask the recipient for the public key alone (`gpg --armor --export`, or the `age1…` line); a secret key stays \
             with its owner.",
        ),
        _ => said,
    }
}

pub(super) fn damaged(what: &str) -> Said {
    WRAPPING_DAMAGED.says(format!("{} is cut off or altered.", locked(what)))
}

pub(super) fn unsupported(what: &str) -> Said {
    if matches!(what, "Aegis" | "2FAS") {
        return WRAPPING_UNSUPPORTED
            .says(format!("The export of {what} is encrypted, which isn't read."))
            .advising(
                "Leave it where it is: these are the seeds of a phone; `--allow-soft` reads a plain export.",
            );
    }
    if let Some(cipher) = what.strip_prefix("DualShield ") {
        return WRAPPING_UNSUPPORTED
            .says(format!(
                "The seeds in this DualShield file are encrypted ({}), in a way its maker doesn't describe.",
                clean(cipher)
            ))
            .advising("Ask the vendor for the file without encryption inside, in a ZIP with AES or by PGP.");
    }
    if what.starts_with("PGP") && !what.contains("not a message") {
        return WRAPPING_UNSUPPORTED
            .says(format!("The message ({}) isn't read.", clean(what)))
            .advising("Say `--gpg` to let your own gpg decrypt it, or ask the vendor to encrypt it anew with a present-day one.");
    }
    WRAPPING_UNSUPPORTED.says(format!("The file's wrapping ({}) isn't read.", clean(what)))
}

pub(super) fn limit(what: &str, limit: u64) -> Said {
    UNWRAP_LIMIT.says(match what {
        "depth" => format!("The file is wrapped more than {limit} times over."),
        "bytes" if limit >= 1 << 20 => format!("The file unpacks to more than {} MiB.", limit >> 20),
        "bytes" => format!("The file unpacks to more than {}.", count(limit, "byte")),
        "ratio" => {
            format!("The file unpacks to more than {limit} times its size, which no list of seeds does.")
        }
        _ => format!("The archive has more than {}.", count(limit, "member")),
    })
}

pub(super) fn member_ignored(looks_like: &str) -> Said {
    if looks_like == "sheet" {
        return MEMBER_IGNORED.says("This sheet has no headings of tokens and was passed over.").advising(
            "Nothing, unless tokens are missing: then give its columns the headings of the other sheet.",
        );
    }
    MEMBER_IGNORED.says(format!("This member ({}) isn't a seed file and was passed over.", clean(looks_like)))
}

pub(super) fn gpg_failed(detail: &str) -> Said {
    GPG_FAILED.says(format!("Your own gpg didn't decrypt the file (\"{}\").", clean(detail)))
}

pub(super) fn signature(signer: &str) -> Said {
    match signer {
        "" => SIGNATURE_UNVERIFIED.plain(),
        signer => SIGNATURE_UNVERIFIED
            .says(format!("The file is signed, not verified: by {}, as it says itself.", clean(signer))),
    }
}

pub(super) fn document(format: &str, what: &str) -> Said {
    let how = if what == "truncated" { "ends too early" } else { "isn't well-formed" };
    DOCUMENT_DAMAGED.says(format!("The document ({}) {how}.", clean(format)))
}

pub(super) fn no_seeds(format: &str) -> Said {
    NO_SEEDS.says(format!("The file lists tokens, but holds no seeds ({} as recognised).", clean(format)))
}

pub(super) fn rows_hidden(rows: u64) -> Said {
    let were = if rows == 1 { "was" } else { "were" };
    ROWS_HIDDEN
        .says(format!("In this sheet {} that a spreadsheet doesn't show {were} read.", count(rows, "row")))
}

pub(super) fn batch(parts: u32, of: u32) -> Said {
    BATCH_INCOMPLETE.says(format!("The export has {of} parts, and only {parts} can be found here."))
}
