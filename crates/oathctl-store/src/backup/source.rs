//! A backup that is there.
//!
//! Owns: [`Source`]: finding its halves, bringing an older format up in a copy. Does not own: what becomes of it.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions, Connection};

use super::{DATABASE, KEYS, is_free};
use crate::db::{Tuning, sqlite};
use crate::error::StoreError;
use crate::location::StoreLocation;
use crate::os;
use crate::schema::{self, Schema};
use crate::store::Store;

/// A backup that is ready to be read.
pub(super) struct Source {
    pub(super) database: PathBuf,
    pub(super) keys: Option<Vec<u8>>,
    /// A folder of ours, when the database had to be brought up first.
    copied: Option<PathBuf>,
}

impl Source {
    /// The backup in `folder`; its key half lies in `keys` where that is given, else in the folder.
    pub(super) async fn of(folder: &Path, keys: Option<&Path>, scratch: &Path) -> Result<Self, StoreError> {
        let failed = || StoreError::io("the backup");
        let (database, inside) = (folder.join(DATABASE), folder.join(KEYS));
        fs::metadata(&database).map_err(failed())?;
        let keys = match keys {
            Some(apart) => Some(fs::read(apart).map_err(StoreError::io("the backup's key file"))?),
            None if inside.exists() => Some(fs::read(&inside).map_err(failed())?),
            None => None,
        };
        let schema = Schema::current();
        let mut conn = sqlite::reading(&database, Tuning::default()).connect().await?;
        let format = schema::sqlite::format_of(&mut conn, &schema).await;
        conn.close().await?;
        match format? {
            None => Err(StoreError::damaged("the backup is empty")),
            Some(format) if format == schema.format() => Ok(Self { database, keys, copied: None }),
            Some(_) => {
                let copied = scratch.join("restoring");
                if !is_free(&copied).map_err(failed())? {
                    return Err(StoreError::NotEmpty { what: "the folder `restoring`" });
                }
                os::private_folder(&copied).map_err(failed())?;
                let copy = copied.join(DATABASE);
                schema::sqlite::copy_into(&database, &copy, Tuning::default()).await?;
                Store::open(&StoreLocation::sqlite(&copy)).await?.close().await;
                Ok(Self { database: copy, keys, copied: Some(copied) })
            }
        }
    }

    pub(super) fn clear(&self) {
        // What is left holds nothing that the backup does not; failing is harmless.
        if let Some(folder) = &self.copied {
            let _ = fs::remove_dir_all(folder);
        }
    }
}
