//! Whose holders have left (H3): deleted for certain, or disabled for as long as somebody says.
//!
//! Owns: [`resolve`], telling who stays untouched because nobody can know, the hard stop. Does not own: the release
//! itself. A 404 on a person is also what a wrong profile, a scoped role or a lost permission gives: alone it proves
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::plan::{Asked, Wish};
use oathctl_core::tenant::{Device, DeviceQuery, Known, User};
use oathctl_core::time::Utc;
use oathctl_core::token::UserId;
use oathctl_store::Store;

use super::memory;
use super::request::Named;
use super::resolve::{Resolved, people};
use super::sheet::Wanted;
use crate::failure::Failure;
use crate::tell;
use crate::walk::Walk;

/// However many tokens there are.
const MOST: usize = 50;
/// Of the assigned tokens; at least one.
const MOST_PERCENT: usize = 5;
const DAY_MS: i64 = 86_400_000;

/// What is known of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Here,
    Deleted,
    /// Seen disabled for long enough.
    Disabled,
    /// Seen disabled, not for long enough, or nobody asked.
    DisabledOfLate,
    Unknown,
}

/// The tokens of everybody who has left.
pub(super) async fn resolve(
    walk: &Walk<'_>,
    store: &Store,
    disabled_for: Option<u32>,
) -> Result<Resolved, Failure> {
    let devices = walk.reading(walk.connection.tenant.reads().devices(&DeviceQuery::All)).await?;
    let held: Vec<(&Device, &UserId)> =
        devices.iter().filter_map(|device| Some((device, &device.holder.as_ref()?.id))).collect();
    let holders: Vec<UserId> =
        held.iter().map(|(_, id)| (*id).clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let found = people(walk, &holders).await?;
    let deleted = deleted(walk, &found).await?;
    let now = walk.desk.clock.utc();
    memory::see_people(store, &walk.identity.tenant, &found, now).await?;
    let since = memory::disabled_since(store, &walk.identity.tenant, &holders).await?;
    let patience = disabled_for.map(|days| i64::from(days) * DAY_MS);
    let is_anybody_here = found.values().flatten().next().is_some();
    let standing = |id: &UserId| match found.get(id) {
        Some(Some(user)) => of_account(user, since.get(id), now, patience),
        _ => of_missing(deleted.get(id), is_anybody_here),
    };
    let by: Vec<(&Device, Standing)> = held.iter().map(|(device, id)| (*device, standing(id))).collect();
    let left: Vec<&Device> = by
        .iter()
        .filter(|(_, standing)| matches!(standing, Standing::Deleted | Standing::Disabled))
        .map(|(device, _)| *device)
        .collect();
    not_too_many(left.len(), held.len())?;
    let rows = left.into_iter().map(|device| Wanted {
        named: Named { serial: device.serial.clone(), ..Named::default() },
        asked: Asked { left: true, ..Asked::plain(Wish::Release) },
    });
    Ok(Resolved { rows: rows.collect(), notes: notes(&by, disabled_for), ..Resolved::default() })
}

fn of_account(user: &User, since: Option<&Utc>, now: Utc, patience_ms: Option<i64>) -> Standing {
    match (user.enabled, since.zip(patience_ms)) {
        (Some(true), _) => Standing::Here,
        (None, _) => Standing::Unknown,
        (Some(false), Some((since, patience))) if now.ms_since(*since) >= patience => Standing::Disabled,
        (Some(false), _) => Standing::DisabledOfLate,
    }
}

fn of_missing(deleted: Option<&Known<bool>>, is_anybody_here: bool) -> Standing {
    match deleted {
        Some(Known::Yes(true)) => Standing::Deleted,
        _ if is_anybody_here => Standing::Deleted,
        _ => Standing::Unknown,
    }
}

/// Which of the missing stand in the deleted items.
async fn deleted(
    walk: &Walk<'_>,
    found: &BTreeMap<UserId, Option<User>>,
) -> Result<BTreeMap<UserId, Known<bool>>, Failure> {
    let missing: Vec<UserId> =
        found.iter().filter(|(_, user)| user.is_none()).map(|(id, _)| id.clone()).collect();
    if missing.is_empty() {
        return Ok(BTreeMap::new());
    }
    let known = walk.reading(walk.connection.tenant.reads().deleted(&missing)).await?;
    Ok(missing.into_iter().zip(known).collect())
}

/// No flag lifts it: so many leavers at once are a mistake of the reading more often than not.
fn not_too_many(left: usize, assigned: usize) -> Result<(), Failure> {
    let allowed = (assigned * MOST_PERCENT / 100).clamp(1, MOST);
    if left <= allowed {
        return Ok(());
    }
    Err(Failure::gate(format!(
        "{} would be taken from people who seem to have left, and {allowed} may be at once; nothing was changed.",
        tell::counted(left, "token")
    ))
    .called("too_many_leavers")
    .because(format!("{assigned} tokens are assigned; {MOST_PERCENT} % of them, and never more than {MOST}, may go this way"))
    .advice("See whether the profile and its permissions are the right ones. If they have all left, name their tokens: \
             `oathctl tokens release --file LIST.csv`."))
}

fn notes(by: &[(&Device, Standing)], disabled_for: Option<u32>) -> Vec<String> {
    let count = |wanted: Standing| by.iter().filter(|(_, standing)| *standing == wanted).count();
    let mut notes = vec![format!(
        "Assigned tokens: {}; of deleted people: {}; of people disabled for long enough: {}.",
        by.len(),
        count(Standing::Deleted),
        count(Standing::Disabled)
    )];
    let unknown = count(Standing::Unknown);
    if unknown > 0 {
        notes.push(format!(
            "Untouched: {} of people of whom nothing certain could be read.",
            tell::counted(unknown, "token")
        ));
    }
    let late = count(Standing::DisabledOfLate);
    if late > 0 {
        let why = match disabled_for {
            None => "`--disabled-for DAYS` says from when on that counts as having left".to_owned(),
            Some(days) => format!("not for {days} days as far as this store has seen"),
        };
        notes.push(format!(
            "Untouched: {} of people whose account is disabled; {why}.",
            tell::counted(late, "token")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h03_a_404_alone_proves_nothing() {
        let no = Known::Yes(false);
        let closed = Known::Unknown(Default::default());
        assert_eq!(of_missing(Some(&Known::Yes(true)), false), Standing::Deleted);
        assert_eq!(of_missing(Some(&no), false), Standing::Unknown);
        assert_eq!(of_missing(Some(&closed), false), Standing::Unknown);
        assert_eq!(of_missing(Some(&no), true), Standing::Deleted);
    }

    #[test]
    fn h03_the_hard_stop_leaves_one() {
        assert!(not_too_many(1, 1).is_ok() && not_too_many(2, 39).is_err());
        assert!(not_too_many(2, 40).is_ok() && not_too_many(50, 100_000).is_ok());
        assert!(not_too_many(51, 100_000).is_err());
    }

    #[test]
    fn h03_disabled_needs_a_number_and_a_sighting() {
        let now = Utc::from_unix_ms(100 * DAY_MS);
        let user = |enabled| User {
            id: UserId::new("1"),
            upn: "a@b.c".into(),
            name: String::new(),
            enabled,
            guest: None,
        };
        let (off, long, late) = (user(Some(false)), now.plus_ms(-40 * DAY_MS), now.plus_ms(-DAY_MS));
        assert_eq!(of_account(&off, Some(&long), now, None), Standing::DisabledOfLate);
        assert_eq!(of_account(&off, Some(&long), now, Some(30 * DAY_MS)), Standing::Disabled);
        assert_eq!(of_account(&off, Some(&late), now, Some(30 * DAY_MS)), Standing::DisabledOfLate);
        assert_eq!(of_account(&user(None), Some(&long), now, Some(0)), Standing::Unknown);
        assert_eq!(of_account(&user(Some(true)), None, now, Some(0)), Standing::Here);
    }
}
