//! Seed files: unwrap, decode, detect, read; and the lists of people and of choices that go with them.
//!
//! Owns: from bytes to a [`Table`](oathctl_core::table::Table) of rows with places, decisions and faults.
//! Does not own: opening anything (bytes come in), judging rows ([`oathctl_core::check`]), words for people.
//!
//! The walk of a file: [`read`] → `unwrap` (what is it wrapped in? layer by layer, with keys of the [`KeyRing`]) →
//! `detect` (what is it?) → `text` (which characters?) → the reader of the format, as `delimited` (separator, header,
//! columns, encoding of the seeds, rows) → `cells` (one cell to one value). To add a format: a module beside
//! `delimited`, a variant of [`Format`], an arm in [`read`].

mod cells;
mod delimited;
mod detect;
mod entries;
mod formats;
mod input;
mod keys;
mod options;
mod pair;
mod people;
pub mod proof;
mod pskc;
mod read;
mod selection;
mod serials;
mod session;
mod text;
mod unwrap;
mod users;
mod wiped;
mod workbook;
mod write;
mod xml;

pub use delimited::Separator;
pub use detect::Format;
pub use entries::{Entries, Entry, LONGEST_PLACE, read_moves, read_replacements};
pub use input::{Input, MOST_BYTES};
pub use keys::{KeyFile, KeyRing, Lock, Locked, NoKeys, Passphrase};
pub use options::{ColumnMap, ColumnMapError, ColumnRef, ReadOptions, SeedEncoding};
pub use pair::{Pair, PairResult, pair, write_pairs};
pub use read::{read, read_from};
pub use selection::{Selected, Selection, read_selection};
pub use serials::read_serials;
pub use users::{Assignment, Assignments, read_users_csv};
pub use write::{
    NoRandomness, PskcCipher, PskcLock, Random, Sealing, Target, Written, convertible, seal, write,
};
