//! The audit key: what makes a record's check value.
//!
//! Owns: the key file, and the keys of one chain. The file lies in the state folder, apart from the database, also when
//! that is on a server. Who can read it can make records that verify; who can't, can't.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use oathctl_core::time::Entropy;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::os;
use crate::vault::secret::Key;

/// In the state folder.
const FILE: &str = "audit.key";
/// First line of the file.
const FIRST: &str = "OATHCTL-AUDIT-KEY-1";
/// No key file is longer.
const MOST_BYTES: u64 = 200;

/// The key of one state folder.
pub(crate) struct AuditKey(Key);

/// The keys of one chain, all derived from the audit key and the chain's id.
pub(super) struct ChainKeys {
    pub(super) chain: String,
    pub(super) key_id: String,
    pub(super) records: Key,
    pub(super) head: Key,
    pub(super) tags: Key,
    pub(super) people: Key,
    pub(super) checkpoints: Key,
}

impl AuditKey {
    /// Reads the key of a state folder; the first time it is made, 0600.
    pub(super) fn of(folder: &Path, entropy: &dyn Entropy) -> Result<Self, StoreError> {
        let failed = || StoreError::io("the audit key");
        os::private_folder(folder).map_err(failed())?;
        let mut file = os::private_file(&folder.join(FILE)).map_err(failed())?;
        file.lock().map_err(failed())?; // two processes may be the first
        let mut text = Zeroizing::new(String::with_capacity(256));
        (&file).take(MOST_BYTES).read_to_string(&mut text).map_err(failed())?;
        if !text.is_empty() {
            return Self::parse(&text).ok_or_else(|| StoreError::damaged("the file of the audit key"));
        }
        let key = Key::random(entropy);
        let base64 = Zeroizing::new(BASE64.encode(key.expose()));
        let lines = Zeroizing::new(format!("{FIRST}\n{}\n", *base64));
        let write = |file: &mut std::fs::File| -> io::Result<()> {
            file.write_all(lines.as_bytes())?;
            file.sync_all()?;
            os::sync_folder(folder)
        };
        write(&mut file).map_err(failed())?;
        Ok(Self(key))
    }

    /// True when a state folder has one.
    pub(super) fn is_in(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    fn parse(text: &str) -> Option<Self> {
        let base64 = text.strip_prefix(FIRST)?.trim();
        let bytes = Zeroizing::new(BASE64.decode(base64.as_bytes()).ok()?);
        Key::from_slice(&bytes).map(Self)
    }

    /// The keys of a chain, by its id in hex.
    pub(super) fn of_chain(&self, chain: &str) -> ChainKeys {
        let key = |purpose: &str| self.0.derive(&format!("oathctl audit 1 {purpose} {chain}"));
        let key_id = key("key id");
        ChainKeys {
            chain: chain.to_owned(),
            key_id: HEXLOWER.encode(&key_id.expose()[..8]),
            records: key("records"),
            head: key("head"),
            tags: key("person tags"),
            people: key("person keys"),
            checkpoints: key("checkpoints"),
        }
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(***)")
    }
}

impl ChainKeys {
    /// The check value of a record: over the chain, its number, the check value before, and its text.
    pub(super) fn record_mac(&self, number: u64, before: &[u8], record: &str) -> [u8; 32] {
        let parts: [&[u8]; 6] = [
            b"oathctl audit 1 record\0",
            self.chain.as_bytes(),
            &number.to_be_bytes(),
            before,
            &(record.len() as u64).to_be_bytes(),
            record.as_bytes(),
        ];
        self.records.mac(&parts.concat())
    }

    /// The check value of the head: how many records there are, the last one's check value, how many were forgotten.
    pub(super) fn head_mac(&self, records: u64, mac: &[u8], forgotten: u64) -> [u8; 32] {
        let parts: [&[u8]; 5] = [
            b"oathctl audit 1 head\0",
            self.chain.as_bytes(),
            &records.to_be_bytes(),
            mac,
            &forgotten.to_be_bytes(),
        ];
        self.head.mac(&parts.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, buf: &mut [u8]) {
            buf.fill(7);
        }
    }

    struct Never;

    impl Entropy for Never {
        fn fill(&self, _buf: &mut [u8]) {
            panic!("the key is there already");
        }
    }

    #[test]
    fn a_key_is_made_once_and_for_us_alone() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let made = AuditKey::of(&state, &Sevens).unwrap();
        let read = AuditKey::of(&state, &Never).unwrap();
        assert_eq!(made.of_chain("a").key_id, read.of_chain("a").key_id);
        assert_ne!(made.of_chain("a").key_id, made.of_chain("b").key_id);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(state.join(FILE)).unwrap());
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(format!("{made:?}"), "AuditKey(***)");
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["OATHCTL-AUDIT-KEY-1\nc2hvcnQ=\n", "something else", "OATHCTL-AUDIT-KEY-2\n"] {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            let error = AuditKey::of(folder.path(), &Never).unwrap_err();
            assert_eq!(error, StoreError::damaged("the file of the audit key"));
            assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), text);
        }
    }

    /// The bytes of the format: see docs/audit.md.
    #[test]
    fn check_values_are_as_the_docs_say() {
        let folder = tempfile::tempdir().unwrap();
        let keys = AuditKey::of(folder.path(), &Sevens).unwrap().of_chain("00ff");
        let same = Key::from_slice(&[7; 32]).unwrap().derive("oathctl audit 1 records 00ff");
        let mut bytes = b"oathctl audit 1 record\x0000ff\0\0\0\0\0\0\0\x02".to_vec();
        bytes.extend([9; 32]);
        bytes.extend(b"\0\0\0\0\0\0\0\x03{1}");
        assert_eq!(keys.record_mac(2, &[9; 32], "{1}"), same.mac(&bytes));
    }
}
