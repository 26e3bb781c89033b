//! A key ring for the tests of wrappings, and what all of them ask.

use std::io::{Cursor, Write};

use oathctl_core::table::Table;
use oathctl_files::{Input, KeyFile, KeyRing, Lock, Locked, Passphrase, ReadOptions, read};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::samples::sample;
use crate::support::{HEX, tokens};

/// The passphrase of all locked files here.
pub(crate) const PASSPHRASE: &str = "correct horse";

/// Lends what a test puts in, and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Ring {
    pub(crate) files: Vec<KeyFile>,
    pub(crate) passphrases: Vec<String>,
    pub(crate) asked: Vec<(Lock, u32)>,
    pub(crate) gpg: Option<Result<Vec<u8>, String>>,
}

impl KeyRing for Ring {
    fn key_files(&self) -> Vec<KeyFile> {
        self.files.clone()
    }

    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        self.asked.push((locked.lock, locked.attempt));
        let index = usize::try_from(locked.attempt).unwrap();
        self.passphrases.get(index).map(|text| Passphrase::new(text.clone()))
    }

    fn gpg(&mut self, _: &[u8]) -> Option<Result<zeroize::Zeroizing<Vec<u8>>, String>> {
        self.gpg.clone().map(|result| result.map(zeroize::Zeroizing::new))
    }
}

pub(crate) fn none() -> Ring {
    Ring::default()
}

pub(crate) fn with(passphrases: &[&str]) -> Ring {
    Ring { passphrases: passphrases.iter().map(|&text| text.to_owned()).collect(), ..Ring::default() }
}

/// A ring of key files of `tests/wrapped/keys` or of the fixtures.
pub(crate) fn holding(names: &[&str]) -> Ring {
    let files = names.iter().map(|name| KeyFile::new((*name).into(), key(name)));
    Ring { files: files.collect(), ..Ring::default() }
}

#[expect(clippy::disallowed_methods, reason = "fixtures are files")]
fn key(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/wrapped/keys/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "fixtures are files")]
pub(crate) fn wrapped(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/wrapped/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap_or_else(|_| sample(name))
}

pub(crate) fn opened(name: &str, bytes: Vec<u8>, ring: &mut Ring) -> Table {
    read(Input::new(Some(name.into()), bytes), &ReadOptions::default(), ring)
}

/// The file opens and holds the two tokens of `ms-basic.csv`.
pub(crate) fn opens(name: &str, mut ring: Ring) -> Table {
    let table = opened(name, wrapped(name), &mut ring);
    let seeds: Vec<String> = tokens(&table).into_iter().map(|(_, seed)| seed).collect();
    assert_eq!(seeds, HEX[..2], "{name}: {:?}", table.faults());
    assert!(!table.is_rejected(), "{name}: {:?}", table.faults());
    table
}

/// The words of the errors of a file as a whole.
pub(crate) fn refusals(table: &Table) -> Vec<&'static str> {
    crate::support::errors(table).into_iter().map(|(word, _, _)| word).collect()
}

/// A ZIP of these members, deflated.
pub(crate) fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_by(CompressionMethod::Deflated, members)
}

/// A ZIP of these members as they are.
pub(crate) fn stored(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_by(CompressionMethod::Stored, members)
}

fn zip_by(method: CompressionMethod, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
