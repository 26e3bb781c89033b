//! One token with nothing left open, and whether a target can hold it.
//!
//! Owns: [`Token`]. A hash or a period that nobody stated is never made up here. Does not own: any format.

use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::table::RowView;
use oathctl_core::token::{Hash, OtpKind};

use super::target::Target;
use crate::cells::shown::shown;

/// The longest seed of Microsoft's formats: 128 characters of Base32.
const MICROSOFT_S_LONGEST: usize = 80;

/// Why a row can't be written, and at which field.
pub(super) type LeftOut = (Reason, Field);

/// A row that will be written.
pub(super) struct Token<'t> {
    pub(super) row: RowView<'t>,
    pub(super) kind: OtpKind,
    pub(super) hash: Hash,
    pub(super) digits: u8,
    /// Seconds of a TOTP; 0 for HOTP.
    pub(super) period_secs: u32,
    /// Moving factor of an HOTP; 0 where the input names none.
    pub(super) counter: u64,
}

impl<'t> Token<'t> {
    /// The row as `target` will have it.
    pub(super) fn of(row: RowView<'t>, target: Target) -> Result<Self, LeftOut> {
        if row.serial().is_empty() {
            return Err((Reason::SerialMissing, Field::Serial));
        }
        if row.seed_len() == 0 {
            return Err((Reason::SeedMissing, Field::Seed));
        }
        let hotp = row.kind() == OtpKind::Hotp;
        let period = row.period_secs().filter(|_| !hotp);
        let token = Self {
            row,
            kind: row.kind(),
            hash: hash(row)?,
            // Six where nobody says otherwise: the smallest of RFC 4226 §5.3 and the default of every target.
            digits: row.digits().unwrap_or(6),
            period_secs: if hotp { 0 } else { period.ok_or((Reason::PeriodUnstated, Field::Period))? },
            counter: row.counter().unwrap_or(0),
        };
        token.fits(target)?;
        Ok(token)
    }

    /// True for what counts by time.
    pub(super) fn is_totp(&self) -> bool {
        self.kind == OtpKind::Totp
    }

    /// `totp` or `hotp`.
    pub(super) fn kind_word(&self) -> &'static str {
        if self.is_totp() { "totp" } else { "hotp" }
    }

    /// The door: the seed, to be spelled into the sink.
    pub(super) fn expose_seed(&self) -> &'t [u8] {
        self.row.expose_seed()
    }

    fn fits(&self, target: Target) -> Result<(), LeftOut> {
        let cannot = |field: Field, value: String| {
            let (target, field_word) = (target.name().to_owned(), field.word().to_owned());
            Err((Reason::TargetCannot { target, field: field_word, shown: value }, field))
        };
        let microsoft = matches!(target, Target::MsCsv | Target::GraphJson);
        let sha1_only = target == Target::MsCsv;
        match () {
            () if self.kind == OtpKind::Other => cannot(Field::Kind, "other".into()),
            () if microsoft && !self.is_totp() => cannot(Field::Kind, "hotp".into()),
            () if (sha1_only && self.hash != Hash::Sha1) || (microsoft && self.hash == Hash::Sha512) => {
                cannot(Field::Hash, self.hash.word().into())
            }
            () if microsoft && self.digits != 6 => cannot(Field::Digits, self.digits.to_string()),
            () if microsoft && !matches!(self.period_secs, 30 | 60) => {
                cannot(Field::Period, self.period_secs.to_string())
            }
            () if microsoft && self.row.seed_len() > MICROSOFT_S_LONGEST => {
                let bytes = u32::try_from(self.row.seed_len()).unwrap_or(u32::MAX);
                Err((Reason::SeedTooLong { bytes }, Field::Seed))
            }
            () => self.texts_fit(target),
        }
    }

    /// No text runs in a spreadsheet, none breaks a line or a document.
    fn texts_fit(&self, target: Target) -> Result<(), LeftOut> {
        let row = self.row;
        let texts = [
            (Field::Serial, row.serial()),
            (Field::Upn, row.upn().or(row.user_id()).unwrap_or("")),
            (Field::Manufacturer, row.manufacturer()),
            (Field::Model, row.model()),
        ];
        for (field, text) in texts {
            if is_formula(text, target, field) {
                return Err((Reason::UnsafeCell { field: field.word().into() }, field));
            }
            if text.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
                let (target, field_word) = (target.name().to_owned(), field.word().to_owned());
                let reason = Reason::TargetCannot { target, field: field_word, shown: shown(text) };
                return Err((reason, field));
            }
        }
        Ok(())
    }
}

/// RFC 4226 knows SHA-1 alone; for a TOTP somebody has to say it.
fn hash(row: RowView<'_>) -> Result<Hash, LeftOut> {
    match row.hash() {
        Some(hash) => Ok(hash),
        None if row.kind() == OtpKind::Hotp => Ok(Hash::Sha1),
        None => {
            let seed_bytes = u32::try_from(row.seed_len()).unwrap_or(u32::MAX);
            Err((Reason::HashUnstated { seed_bytes, rows: 1 }, Field::Hash))
        }
    }
}

/// What a spreadsheet would run, in a cell that goes into one.
fn is_formula(text: &str, target: Target, field: Field) -> bool {
    let written = match target {
        Target::MsCsv => true,
        // A serial that begins with # would be a comment.
        Target::OathCsv => field == Field::Serial,
        _ => false,
    };
    written && (text.starts_with(['=', '+', '-', '@']) || target == Target::OathCsv && text.starts_with('#'))
}
