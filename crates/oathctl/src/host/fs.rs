//! Files by the paths people type.
//!
//! Owns: [`Fs`]: relative paths, opening, writing private files. Does not own: words for what goes wrong.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Folders;
use crate::os;

/// The most that is read of a text (a plan of half a million rows), in bytes.
const LARGEST_TEXT: u64 = 1 << 30;

/// Files below [`Folders`].
#[derive(Clone, Debug, Default)]
pub struct Fs {
    folders: Folders,
}

impl Fs {
    /// Over these folders.
    pub fn new(folders: Folders) -> Self {
        Self { folders }
    }

    /// The folders.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// The path a user means.
    pub fn path(&self, typed: &str) -> PathBuf {
        self.folders.working.join(typed)
    }

    /// Opens a file for reading and says how long it is (0 where the system doesn't know).
    ///
    /// # Errors
    /// The operating system's; `IsADirectory` for a folder.
    pub fn open(&self, typed: &str) -> io::Result<(File, u64)> {
        let file = File::open(self.path(typed))?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok((file, about.len()))
    }

    /// A small text.
    ///
    /// # Errors
    /// The operating system's, or `InvalidData` when it is no UTF-8.
    pub fn read_text(&self, typed: &str) -> io::Result<Zeroizing<String>> {
        let (file, size) = self.open(typed)?;
        let mut text = Zeroizing::new(String::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
        file.take(LARGEST_TEXT).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Writes a file for us alone, whole or not at all: beside its place first, then into it. What is no plain
    /// file (a pipe, `/dev/stdout`) is written straight.
    ///
    /// # Errors
    /// The operating system's.
    pub fn write_private(&self, typed: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(typed);
        if std::fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
            return os::create_private(&path)?.write_all(content);
        }
        let beside = beside(&path);
        let written = os::create_private(&beside)
            .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&beside, &path));
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written
    }

    /// Writes a file for us alone where none is: at its place and nowhere else, so that no second copy can be left
    /// behind. What can't be written wholly is removed.
    ///
    /// # Errors
    /// `AlreadyExists`, or the operating system's.
    pub fn write_new_private(&self, typed: &str, content: &[u8]) -> io::Result<()> {
        let path = self.path(typed);
        let mut file = os::create_new_private(&path)?;
        let written = file.write_all(content).and_then(|()| file.sync_all());
        if written.is_err() {
            let _ = std::fs::remove_file(&path);
        }
        written
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}
