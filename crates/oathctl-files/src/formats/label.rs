//! The name under which an authenticator shows a token.
//!
//! Owns: [`apply`]: what of `issuer:account` is the serial, and who made it. Does not own: the links and exports the
//! names stand in.
//!
//! The rule: the serial is what stands after the last `:`, provided that it is one word without `@` (letters, digits
//! and the marks that serials have). A name of several words or with an `@` is a person or an account: the row has no
//! serial then, and nothing stands in for it.

use oathctl_core::reason::Reason;

use super::row::Row;
use crate::cells::serial::{self, Serial};
use crate::cells::shown::shown;

/// Takes serial and maker from a name. An issuer that is stated apart stands above the one in the name.
pub(super) fn apply(row: &mut Row, name: &str, issuer: Option<&str>) {
    let (prefix, account) = name.rsplit_once(':').map_or((None, name), |(prefix, rest)| (Some(prefix), rest));
    let account = account.trim();
    if let Some(maker) = issuer.or(prefix).map(str::trim).filter(|maker| !maker.is_empty()) {
        row.manufacturer(maker);
    }
    match () {
        () if account.is_empty() => {}
        () if account.contains('@') => {
            row.person(account);
            row.serial_fault(Reason::SerialMissing);
        }
        () if account.contains(char::is_whitespace) || serial::read(account) == Serial::Malformed => {
            row.serial_fault(Reason::SerialMalformed { shown: shown(account) });
        }
        () => row.serial(account),
    }
}
