//! A folder for one measurement, beside the built program and so on the same disk; gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The folder; dropping it removes it.
pub struct Folder(PathBuf);

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Folder {
    /// A new, empty one.
    pub fn beside(program: &Path) -> Result<Self, String> {
        let near = program.parent().unwrap_or(Path::new("."));
        let name = format!("bench-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = near.join(name);
        fs::create_dir(&path).map_err(|why| format!("{} can't be made: {why}.", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, text: &str) -> Result<(), String> {
        fs::write(self.0.join(name), text).map_err(|why| format!("{name} can't be written: {why}."))
    }

    /// Reads one.
    pub fn read(&self, name: &str) -> Result<String, String> {
        fs::read_to_string(self.0.join(name)).map_err(|why| format!("{name} can't be read: {why}."))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
