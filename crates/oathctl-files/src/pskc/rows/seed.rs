//! The seed of a key.
//!
//! Owns: opening it, what its check value means for the row, a seed that isn't in the file. Does not own: the cipher
//! ([`super::super::opener`]).

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use zeroize::Zeroizing;

use super::super::Reading;
use super::super::base64;
use super::super::opener::{Check, Opened};
use super::super::value::{Default, Sealed, Value};
use super::Key;
use crate::cells::seed::{ROOM, decode};
use crate::cells::shown::shown;
use crate::options::SeedEncoding;

impl<'t> Reading<'_, '_, 't> {
    /// The seed; `None` where there is none or it may not be used.
    pub(super) fn seed(&mut self, key: &mut Key<'_, 't>) -> Option<Zeroizing<Vec<u8>>> {
        let default = Default { cipher: key.head.cipher };
        match key.item.read("Secret", default, true) {
            Value::Absent => {
                self.without_seed(key);
                None
            }
            Value::Unreadable(reason) => {
                key.error(reason);
                None
            }
            Value::Plain { text: "", .. } => {
                key.error(Reason::SeedMissing);
                None
            }
            Value::Plain { text, mac } => {
                self.told.seeds = true;
                self.plain_seed(key, text, mac)
            }
            Value::Sealed(sealed) => self.opened(key, &sealed),
        }
    }

    fn without_seed(&mut self, key: &mut Key<'_, 't>) {
        let elsewhere = ["KeyReference", "KeyProfileId"].iter().any(|name| key.item.at(&[name]).is_some());
        key.error(if elsewhere { Reason::SeedNotInFile } else { Reason::SeedMissing });
    }

    /// A seed that isn't sealed. Where check values are declared it needs one as well: else whoever put it there in
    /// the place of a sealed one could make it up.
    fn plain_seed(
        &mut self,
        key: &mut Key<'_, 't>,
        text: &str,
        mac: Option<Vec<u8>>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = match spelled(text, self.session.options.secret_encoding) {
            Ok(bytes) => bytes,
            Err(reason) => {
                key.error(reason);
                return None;
            }
        };
        match mac {
            _ if key.head.checks().is_none() => Some(bytes),
            None => self.judged(key, Opened { bytes, check: Check::Missing }),
            Some(mac) => self.opened(key, &Sealed::open(text, mac)?),
        }
    }

    /// A value opened by the key of this container.
    pub(super) fn opened(&mut self, key: &mut Key<'_, 't>, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
        let Some(opened) = self.opener.as_ref().and_then(|opener| opener.open(sealed)) else {
            key.error(Reason::SeedLocked);
            return None;
        };
        self.judged(key, opened)
    }

    fn judged(&mut self, key: &mut Key<'_, 't>, opened: Opened) -> Option<Zeroizing<Vec<u8>>> {
        match opened.check {
            Check::Unneeded | Check::Fits => {}
            Check::FitsPlain => {
                self.told.mac_over_plain.get_or_insert(key.line);
            }
            Check::Missing if self.session.options.allow_unauthenticated => {
                key.faults.push((Severity::Warning, Reason::MacSkipped));
            }
            Check::Missing => {
                key.error(Reason::MacMissing);
                return None;
            }
            Check::Wrong => {
                key.error(Reason::MacWrong);
                return None;
            }
        }
        Some(opened.bytes)
    }
}

/// Base64, as the format says, unless the caller says otherwise.
fn spelled(text: &str, stated: Option<SeedEncoding>) -> Result<Zeroizing<Vec<u8>>, Reason> {
    if let Some(bytes) = base64::decode(text).filter(|_| stated.is_none()) {
        return Ok(bytes);
    }
    let mut room = Zeroizing::new([0; ROOM]);
    let encoding = stated.unwrap_or(SeedEncoding::Base64);
    let length = decode(text, encoding, &mut room)?.len;
    match stated {
        Some(_) => Ok(Zeroizing::new(room[..length].to_vec())),
        // What only looser rules can read is nothing this format has.
        None => Err(Reason::ValueMalformed { field: "seed".into(), shown: shown(text) }),
    }
}
