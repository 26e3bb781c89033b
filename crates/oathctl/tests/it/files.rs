//! Files that a command reads, in a folder of their own.

use tempfile::TempDir;

use crate::host::Setting;
use crate::tenant::{Ran, run_in};

/// A folder with these files in it, each its owner's alone.
pub fn folder_of(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    files.iter().for_each(|(name, text)| private(&folder, name, text));
    folder
}

/// Writes a file that is its owner's alone, as one with a secret must be.
pub fn private(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Runs a command line there, without a tenant and without a terminal.
pub fn run(folder: &TempDir, line: &str) -> Ran {
    run_in(folder.path(), line, Setting::default(), |_| {})
}
