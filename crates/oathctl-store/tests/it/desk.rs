//! Where a test's store lies.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oathctl_core::time::Entropy;
use oathctl_store::{Store, StoreLocation};
use tempfile::TempDir;

use crate::both;

/// The store with an audit key in a folder.
pub fn audited(store: Store, folder: &Path) -> Store {
    store.audited_by(folder, &[], Arc::new(Mixed))
}

/// Different bytes in every process and call; good for nothing but this.
pub struct Mixed;

impl Entropy for Mixed {
    fn fill(&self, buf: &mut [u8]) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        for piece in buf.chunks_mut(8) {
            let n = NEXT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
                ^ (u64::from(std::process::id()) << 40);
            let mixed = (n ^ (n >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            piece.copy_from_slice(&(mixed ^ (mixed >> 32)).to_be_bytes()[..piece.len()]);
        }
    }
}

/// A fresh state folder and a store of its own: a file in it, or a schema on the tests' server.
pub struct Desk {
    pub folder: TempDir,
    location: String,
}

impl Desk {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = format!("sqlite:{}", folder.path().join("oathctl.db").display());
        Self { folder, location }
    }

    pub fn postgres() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let location = both::fresh(folder.path())?;
        Some(Self { folder, location })
    }

    /// As `OATHCTL_STORE` has it.
    pub fn text(&self) -> &str {
        &self.location
    }

    pub fn location(&self) -> StoreLocation {
        StoreLocation::parse(&self.location).unwrap()
    }

    pub async fn open(&self) -> Store {
        audited(Store::open(&self.location()).await.unwrap(), self.folder.path())
    }
}
