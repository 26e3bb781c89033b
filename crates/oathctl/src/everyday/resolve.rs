//! Which tokens and people a request means: what has to be looked up before there can be rows.
//!
//! Owns: [`Resolved`], the reads that only ask. Does not own: whether anything may happen to them (the planner).

use std::collections::{BTreeMap, BTreeSet};

use oathctl_core::fault::Severity;
use oathctl_core::plan::{Asked, UpTo, Wish};
use oathctl_core::reason::Reason;
use oathctl_core::report::Exit;
use oathctl_core::tenant::{Device, DeviceQuery, User, UserKey};
use oathctl_core::token::{Mark, UserId, serial_key};
use oathctl_store::Store;
use oathctl_store::vault::{Vault, VaultError};

use super::request::{About, Named, Request, TakeOut, Verb, Who};
use super::sheet::Wanted;
use super::{leavers, memory, replace};
use crate::failure::Failure;
use crate::walk::Walk;
use crate::words::en::foreign::clean;

/// Rows, and what came to light on the way.
#[derive(Default)]
pub(super) struct Resolved {
    pub rows: Vec<Wanted>,
    /// How far a token that is given goes, where the request itself didn't say.
    pub up_to: Option<UpTo>,
    /// Tokens that are marked before anything is sent, by serial.
    pub marked: Vec<(String, Mark)>,
    /// What is to be told before the question.
    pub notes: Vec<String>,
}

/// Finds out which rows a request is.
pub(super) async fn resolve(walk: &Walk<'_>, store: &Store, request: &Request) -> Result<Resolved, Failure> {
    let verb = &request.verb;
    match (&request.about, verb) {
        (About::Tokens(tokens), Verb::Replace(how)) => replace::resolve(walk, store, how, tokens).await,
        (About::Tokens(tokens), Verb::Activate) => activated(walk, store, tokens).await,
        (About::Tokens(tokens), Verb::TakeOut(how)) => Ok(taken_out(tokens, *how)),
        (About::Tokens(tokens), _) => Ok(Resolved {
            rows: tokens.iter().map(|named| wanted(named, verb)).collect(),
            ..Resolved::default()
        }),
        (About::HeldBy(upn), _) => held_by(walk, upn, verb).await,
        (About::Waiting, _) => waiting(walk, store, verb).await,
        (About::Leavers { disabled_for }, _) => leavers::resolve(walk, store, *disabled_for).await,
    }
}

fn wanted(named: &Named, verb: &Verb) -> Wanted {
    Wanted { named: named.clone(), asked: Asked::plain(verb.wish(&named.serial)) }
}

/// Taken away and marked, for good.
fn taken_out(tokens: &[Named], how: TakeOut) -> Resolved {
    let retired = how.mark == Mark::Retired;
    let asked = Asked { lost: !retired, retired, revoke: how.revoke, ..Asked::plain(Wish::Release) };
    let sound = tokens.iter().filter(|named| named.fault.is_none());
    Resolved {
        marked: sound.map(|named| (named.serial.clone(), how.mark)).collect(),
        rows: tokens.iter().map(|named| Wanted { named: named.clone(), asked: asked.clone() }).collect(),
        ..Resolved::default()
    }
}

/// To whom: whoever the request names, whoever has it, or whoever had it last.
async fn activated(walk: &Walk<'_>, store: &Store, tokens: &[Named]) -> Result<Resolved, Failure> {
    let mut resolved = Resolved::default();
    let devices = look(walk, tokens.iter().filter(|named| named.who.is_none())).await?;
    for named in tokens {
        let mut named = named.clone();
        if named.who.is_none() && named.fault.is_none() {
            let device = devices.get(&serial_key(&named.serial));
            named.who = holder_or_last(walk, store, &named.serial, device).await?;
        }
        if named.who.is_none() && named.fault.is_none() {
            if tokens.len() == 1 {
                return Err(nobody_known(&named.serial));
            }
            named.fault = Some((Severity::Error, Reason::UpnMissing));
        }
        resolved.rows.push(wanted(&named, &Verb::Activate));
    }
    Ok(resolved)
}

/// Whoever holds a token, or, where nobody does, whoever this store saw holding it last.
pub(super) async fn holder_or_last(
    walk: &Walk<'_>,
    store: &Store,
    serial: &str,
    device: Option<&Device>,
) -> Result<Option<Who>, Failure> {
    if let Some(holder) = device.and_then(|device| device.holder.as_ref()) {
        return Ok(Some(Who::Id(holder.id.clone())));
    }
    let last = memory::last_holder(store, &walk.identity.tenant, serial).await?;
    Ok(last.map(Who::Id))
}

pub(super) fn nobody_known(serial: &str) -> Failure {
    Failure::usage(format!(
        "Nobody has token {}, and this store doesn't know who had it last.",
        clean(serial)
    ))
    .called("nobody_named")
    .advice("Name the person with `--user UPN`. Nothing was changed.")
}

/// All that one person holds.
async fn held_by(walk: &Walk<'_>, upn: &str, verb: &Verb) -> Result<Resolved, Failure> {
    let read = walk.connection.tenant.reads();
    let found = walk.reading(read.users(&[UserKey::Upn(upn.to_owned())])).await?;
    let Some(user) = found.into_iter().flatten().next() else {
        return Err(Failure::new(Exit::Input, format!("The tenant has nobody called {}.", clean(upn)))
            .called("person_unknown")
            .advice(
                "Compare the name; tokens of people whose account was deleted come back with `oathctl tokens \
                     release --leavers`. Nothing was changed.",
            ));
    };
    let devices = walk.reading(read.devices(&DeviceQuery::HeldBy(vec![user.id.clone()]))).await?;
    Ok(Resolved {
        rows: devices.iter().map(|device| of_holder(device, &user, verb)).collect(),
        ..Resolved::default()
    })
}

fn of_holder(device: &Device, user: &User, verb: &Verb) -> Wanted {
    let who = Some(Who::Upn(user.upn.clone()));
    wanted(&Named { serial: device.serial.clone(), who, ..Named::default() }, verb)
}

/// What is somebody's and not active, and whose seed the vault holds.
async fn waiting(walk: &Walk<'_>, store: &Store, verb: &Verb) -> Result<Resolved, Failure> {
    if !Vault::exists(store).await? {
        return Err(VaultError::None.into());
    }
    let kept: BTreeSet<String> =
        Vault::list(store).await?.iter().map(|token| serial_key(&token.serial)).collect();
    let devices = walk.reading(walk.connection.tenant.reads().devices(&DeviceQuery::All)).await?;
    let mut resolved = Resolved::default();
    for device in
        devices.iter().filter(|device| !device.is_active() && kept.contains(&serial_key(&device.serial)))
    {
        let Some(holder) = &device.holder else { continue };
        let who = Some(Who::Id(holder.id.clone()));
        resolved.rows.push(wanted(&Named { serial: device.serial.clone(), who, ..Named::default() }, verb));
    }
    Ok(resolved)
}

/// How the tenant shows these tokens, by serial key. Of two devices with one serial the first: the planner refuses both.
pub(super) async fn look<'n>(
    walk: &Walk<'_>,
    tokens: impl Iterator<Item = &'n Named>,
) -> Result<BTreeMap<String, Device>, Failure> {
    /// For more, the whole listing.
    const FEW: usize = 10;
    let serials: BTreeSet<String> = tokens.map(|named| named.serial.trim().to_owned()).collect();
    if serials.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys: BTreeSet<String> = serials.iter().map(|serial| serial_key(serial)).collect();
    let few = serials.len() <= FEW;
    let query = if few { DeviceQuery::Serials(serials.into_iter().collect()) } else { DeviceQuery::All };
    let devices = walk.reading(walk.connection.tenant.reads().devices(&query)).await?;
    let mut found = BTreeMap::new();
    for device in devices {
        let key = serial_key(&device.serial);
        if keys.contains(&key) {
            found.entry(key).or_insert(device);
        }
    }
    Ok(found)
}

/// People by object id, `None` for those the tenant does not have.
pub(super) async fn people(
    walk: &Walk<'_>,
    ids: &[UserId],
) -> Result<BTreeMap<UserId, Option<User>>, Failure> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys: Vec<UserKey> = ids.iter().cloned().map(UserKey::Id).collect();
    let found = walk.reading(walk.connection.tenant.reads().users(&keys)).await?;
    Ok(ids.iter().cloned().zip(found).collect())
}
