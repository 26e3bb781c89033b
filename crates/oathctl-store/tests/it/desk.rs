//! Where a test's store lies.

use oathctl_store::{Store, StoreLocation};
use tempfile::TempDir;

use crate::both;

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
        Store::open(&self.location()).await.unwrap()
    }
}
