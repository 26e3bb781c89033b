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
use super::super::several::Closed;
use super::super::value::{Sealed, Value};
use super::Key;
use crate::cells::seed::{ROOM, decode};
use crate::cells::shown::shown;
use crate::options::SeedEncoding;

impl<'t> Reading<'_, '_, 't> {
    /// The seed; `None` where there is none or it may not be used.
    pub(super) fn seed(&mut self, key: &mut Key<'_, 't>) -> Option<Zeroizing<Vec<u8>>> {
        let astray = key.item.sites("Secret").into_iter().find(|site| site.is_astray);
        self.told.misplaced("seed", astray.map(|site| site.element));
        match key.item.read("Secret", true) {
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
            None => self.judged(key, Opened { bytes, check: Check::Missing, is_proven: false }),
            Some(mac) => self.opened(key, &Sealed::open(text, mac)?),
        }
    }

    /// A value opened by the keys of this container.
    pub(super) fn opened(&mut self, key: &mut Key<'_, 't>, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
        let opened = self.opener.as_ref().map_or(Err(Closed::Locked), |opener| opener.open(sealed));
        match opened {
            Ok(opened) => self.judged(key, opened),
            Err(Closed::Locked) => {
                key.error(Reason::SeedLocked);
                None
            }
            Err(Closed::Undecidable) => {
                key.error(Reason::KeyUndecidable);
                None
            }
        }
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
        return foreign(text).map_or(Ok(bytes), Err);
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

/// Base64 of bytes by chance is of hex digits alone, or of one case of Base32, once in 2^32 at these lengths: then
/// whoever wrote it meant the other spelling, or the seed is no key by chance at all.
fn foreign(text: &str) -> Option<Reason> {
    const BASE32: [usize; 4] = [32, 40, 52, 56];
    const HEX: [usize; 6] = [32, 40, 48, 64, 96, 128];
    let bare = || text.bytes().filter(|b| !b.is_ascii_whitespace());
    let length = bare().count();
    let one_case = || !bare().any(|b| b.is_ascii_lowercase()) || !bare().any(|b| b.is_ascii_uppercase());
    let is_base32 = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'2'..=b'7');
    let looks_like = match () {
        () if HEX.contains(&length) && bare().all(|b| b.is_ascii_hexdigit()) && one_case() => "hex",
        () if BASE32.contains(&length) && bare().all(is_base32) && one_case() => "base32",
        () => return None,
    };
    Some(Reason::SeedSpellingDoubtful {
        looks_like: looks_like.into(),
        characters: u32::try_from(length).unwrap_or(u32::MAX),
        format: SeedEncoding::Base64.word().into(),
    })
}
