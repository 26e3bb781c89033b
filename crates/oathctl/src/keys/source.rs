//! Where passphrases and keys come from.
//!
//! Owns: files, file descriptors, the environment; the warning about files that others can read. Does not own:
//! prompts ([`super::ring`]).

use std::fs::File;
use std::io::Read;

use oathctl_files::{Input, KeyFile, Passphrase};
use zeroize::{Zeroize, Zeroizing};

use super::{FILE_VARIABLE, Keys, VARIABLE};
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::os;
use crate::words;

/// The most that is read of a passphrase or a key, in bytes. A keyring of many keys stays below it.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Flags first, in their order; then the environment.
pub(super) fn passphrases(desk: &Desk, keys: &Keys) -> Result<Vec<Passphrase>, Failure> {
    let mut known = Vec::new();
    for path in &keys.passphrase_file {
        known.push(passphrase_of(desk, path)?);
    }
    if let Some(number) = keys.passphrase_fd {
        known.push(of_descriptor(desk, number)?);
    }
    known.extend(of_environment(desk)?);
    Ok(known)
}

/// The passphrase in a file: its first line, without the line's end; blanks count. `-` is standard input.
pub fn passphrase_of(desk: &Desk, path: &str) -> Result<Passphrase, Failure> {
    let what = "The passphrase file";
    let bytes = if path == "-" {
        desk.ui.with_stdin(|stdin| bytes_of(what, path, stdin))?
    } else {
        let (file, _) = desk.fs.open(path).map_err(|error| Failure::unreadable(what, path, &error))?;
        warn_if_open(desk, what, path, &file);
        bytes_of(what, path, file)?
    };
    taken(desk, &format!("{what} {}", quoted(path)), &bytes)
}

/// The least characters of a passphrase that something is newly encrypted by. Whoever finds the file may try as many
/// as he likes; NIST SP 800-63B asks for 8 even where tries are counted.
const SHORTEST: usize = 12;

/// Refuses one that is too short to encrypt seeds by. What others chose to lock a file with is opened whatever it is.
pub fn long_enough(passphrase: Passphrase) -> Result<Passphrase, Failure> {
    if passphrase.expose().chars().count() >= SHORTEST {
        return Ok(passphrase);
    }
    Err(Failure::usage(format!(
        "The new passphrase has fewer than {SHORTEST} characters; nothing was written."
    ))
    .advice("Take five or six words nobody would put together."))
}

/// A key, as it stands in its file.
pub(super) fn key_file(desk: &Desk, path: &str) -> Result<KeyFile, Failure> {
    let what = "The key file";
    let (file, _) = desk.fs.open(path).map_err(|error| Failure::unreadable(what, path, &error))?;
    warn_if_open(desk, what, path, &file);
    let mut bytes = bytes_of(what, path, file)?;
    Ok(KeyFile::new(path.to_owned(), std::mem::take(&mut *bytes)))
}

/// What is no secret: for whom to encrypt.
pub fn public_file(desk: &Desk, path: &str) -> Result<KeyFile, Failure> {
    let what = "The file of `--recipient`";
    let (file, _) = desk.fs.open(path).map_err(|error| Failure::unreadable(what, path, &error))?;
    let mut bytes = bytes_of(what, path, file)?;
    Ok(KeyFile::new(path.to_owned(), std::mem::take(&mut *bytes)))
}

fn of_descriptor(desk: &Desk, number: u32) -> Result<Passphrase, Failure> {
    let what = format!("File descriptor {number}");
    let closed = |because: String| {
        Failure::usage(format!("{what} of `--passphrase-fd` can't be read.")).because(because).advice(
            "Open it in the shell, as in `oathctl check tokens.zip --passphrase-fd 3 3< passphrase.txt`.",
        )
    };
    if number == 0 {
        let bytes = desk.ui.with_stdin(|stdin| bytes_of(&what, "", stdin))?;
        return taken(desk, &what, &bytes);
    }
    let file = os::open_descriptor(number).map_err(|error| closed(crate::failure::io_words(&error)))?;
    let bytes = bytes_of(&what, "", file)?;
    taken(desk, &what, &bytes)
}

fn of_environment(desk: &Desk) -> Result<Option<Passphrase>, Failure> {
    let given = desk.env.get(VARIABLE).filter(|value| !value.is_empty());
    match (given, desk.variable(FILE_VARIABLE)) {
        (Some(_), Some(_)) => Err(Failure::usage(format!("{VARIABLE} and {FILE_VARIABLE} are both set."))
            .advice("Unset one of them.")),
        (Some(passphrase), None) => Ok(Some(Passphrase::new(passphrase.as_str().to_owned()))),
        (None, Some(path)) => passphrase_of(desk, path).map(Some),
        (None, None) => Ok(None),
    }
}

fn bytes_of(what: &str, path: &str, reader: impl Read) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let read = Input::read_from(None, reader, 0, MOST_BYTES).map(|input| input.bytes);
    read.map_err(|reason| {
        let name = if path.is_empty() { String::new() } else { format!(" {}", quoted(path)) };
        Failure::usage(format!("{what}{name} can't be read.")).because(words::message(&reason))
    })
}

fn taken(desk: &Desk, what: &str, bytes: &[u8]) -> Result<Passphrase, Failure> {
    let Some(text) = as_text(bytes) else {
        return Err(Failure::usage(format!("{what} holds no text that can be a passphrase."))
            .advice("Save it as plain text in UTF-8."));
    };
    let (line, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(Failure::usage(format!(
            "{what} begins with an empty line; its first line is the passphrase."
        )));
    }
    if !rest.trim().is_empty() {
        desk.ui.wrong(&format!("warning: {what} has more than one line; only the first is used."));
    }
    Ok(Passphrase::new(line.to_owned()))
}

/// UTF-8, with or without its mark; or UTF-16 with one, which a Windows shell writes.
fn as_text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let wide = |from: fn([u8; 2]) -> u16| {
        let mut units: Vec<u16> =
            bytes[2..].chunks(2).map(|pair| from([pair[0], *pair.get(1).unwrap_or(&0)])).collect();
        let text = String::from_utf16(&units).ok().map(Zeroizing::new);
        units.zeroize();
        text
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => {
            let text = std::str::from_utf8(bytes).ok()?;
            Some(Zeroizing::new(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()))
        }
    }
}

fn warn_if_open(desk: &Desk, what: &str, path: &str, file: &File) {
    if os::is_open_to_others(file) {
        desk.ui.wrong(&format!(
            "warning: {} {} can be read by others on this machine; make it yours alone (chmod 600).",
            what.replacen('T', "t", 1),
            quoted(path)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_as_shells_write_it() {
        let plain = |bytes: &[u8]| as_text(bytes).map(|text| text.as_str().to_owned());
        assert_eq!(plain(b"\xef\xbb\xbf pass\r\n"), Some(" pass\r\n".into()));
        assert_eq!(plain(b"\xff\xfep\0\xfc\0\n\0"), Some("pü\n".into()));
        assert_eq!(plain(b"\xfe\xff\0p\0\n"), Some("p\n".into()));
        assert_eq!(plain(b"p\xfcss"), None);
    }
}
