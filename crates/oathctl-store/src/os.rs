//! What differs by operating system: who may read what we make, and when a name is durable.
//!
//! Owns: private folders and files, syncing a folder. On Unix private means mode 0700 and 0600 from the first
//! moment; elsewhere the folder's own access list decides. What exists already is left as it is.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder and its parents for us alone; one that exists is left as it is.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    restrict_folder(&mut builder);
    builder.create(path)
}

/// Opens a file for reading and writing, made for us alone where there was none. Keeps its content.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    restrict_file(&mut options);
    options.open(path)
}

/// Makes a file for us alone; fails where there is anything already.
pub(crate) fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict_file(&mut options);
    options.open(path)
}

#[cfg(unix)]
fn restrict_folder(builder: &mut DirBuilder) {
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
}

#[cfg(not(unix))]
fn restrict_folder(_builder: &mut DirBuilder) {}

#[cfg(unix)]
fn restrict_file(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn restrict_file(_options: &mut OpenOptions) {}

/// Makes the names in a folder durable.
#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a folder can't be opened for syncing; the file system's own journal has to do.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
