//! The formats that are text and no delimited text: one module each.
//!
//! Owns: which module reads which format ([`read`]), and what they share: one row with its faults ([`row`]), labels
//! of authenticators ([`label`]). Does not own: recognising a format ([`crate::detect`]), PSKC.
//!
//! To add a format: a module with `read(&Source, &str, &mut Session)`, an arm in [`reader`].

mod authenex;
mod dualshield;
mod json;
mod label;
mod nexus;
mod otpauth;
mod rcdevs;
mod row;
mod safenet;
mod safeword;
mod secureauth;
mod yubico;

use oathctl_core::place::Source;

use crate::detect::Format;
use crate::session::Session;
use crate::text::Decoded;

type Read = fn(&Source, &str, &mut Session<'_>);

/// The reader of a format; `None` for one that is read elsewhere or not at all.
fn reader(format: Format) -> Option<Read> {
    Some(match format {
        Format::GraphJson | Format::GraphListing | Format::Aegis | Format::TwoFas | Format::Json => {
            json::read
        }
        Format::Otpauth | Format::OtpauthMigration => otpauth::read,
        Format::SafeNet => safenet::read,
        Format::DualShield => dualshield::read,
        Format::SafeWord => safeword::read,
        Format::RcDevs => rcdevs::read,
        Format::Nexus => nexus::read,
        Format::SecureAuth => secureauth::read,
        Format::YubicoTraditional => yubico::traditional,
        Format::Ykksm => yubico::ykksm,
        Format::Authenex => authenex::read,
        _ => return None,
    })
}

/// Reads a text of a format that stands here; `false` when it stands elsewhere.
pub(crate) fn read(format: Format, origin: &Source, text: &Decoded, session: &mut Session<'_>) -> bool {
    let Some(read) = reader(format) else { return false };
    let certain = text.encoding != "windows-1252";
    session.builder.decision("encoding", text.encoding, text.why, certain);
    read(origin, text.as_str(), session);
    true
}
