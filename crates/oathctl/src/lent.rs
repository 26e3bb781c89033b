//! Seeds that the vault lends, as a table: for an encrypted file, and for codes of the device.
//!
//! Owns: [`table`]. Does not own: lending and its doors (`oathctl-store`), which tokens.

use oathctl_core::place::Source;
use oathctl_core::seed::{SeedError, SeedKey};
use oathctl_core::table::{RowDraft, Table, TableBuilder};
use oathctl_core::token::OtpKind;
use oathctl_store::vault::{Door, Lent, Listed};

/// The tokens that were lent, in the order of `chosen`, in an arena that is wiped as a whole.
pub fn table(lent: &Lent, chosen: &[Listed], door: Door) -> Result<Table, SeedError> {
    let mut builder = TableBuilder::with_room(chosen.len(), chosen.len() * 96);
    let source = builder.source(Source::default());
    let lacking: Vec<SeedKey> = lent.lacking().iter().map(|(key, _)| *key).collect();
    for (n, token) in (0..).zip(chosen) {
        if lacking.binary_search(&SeedKey(n)).is_ok() {
            continue;
        }
        let p = token.parameters;
        let draft = RowDraft {
            line: u64::from(n) + 1,
            serial: &token.serial,
            kind: Some(p.kind),
            hash: Some(p.hash),
            digits: Some(p.digits),
            period_secs: (p.kind == OtpKind::Totp).then_some(p.period_secs),
            manufacturer: &token.maker,
            model: &token.model,
            ..RowDraft::default()
        };
        lent.through(door, SeedKey(n), &mut |seed| {
            builder.push(source, draft, Some(seed));
        })?;
    }
    Ok(builder.finish())
}
