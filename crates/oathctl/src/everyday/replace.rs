//! One token in another's place: whose it is, by which one, and in which order.
//!
//! Owns: the two rows of a replacement. Does not own: that the old one goes only after the new one is active
//! (`Asked::after`, held by the planner and the engine).

use std::collections::BTreeMap;

use oathctl_core::fault::Severity;
use oathctl_core::plan::{Asked, Wish};
use oathctl_core::reason::Reason;
use oathctl_core::table::RowId;
use oathctl_core::tenant::{Device, DeviceQuery};
use oathctl_core::token::{Mark, serial_key};
use oathctl_store::Store;

use super::request::{Named, Replace, Successor, Who};
use super::resolve::{Resolved, holder_or_last, look, nobody_known};
use super::sheet::Wanted;
use super::{memory, up_to};
use crate::failure::Failure;
use crate::walk::Walk;
use crate::words::en::foreign::clean;

/// The rows of a replacement, token by token.
pub(super) async fn resolve(
    walk: &Walk<'_>,
    store: &Store,
    how: &Replace,
    tokens: &[Named],
) -> Result<Resolved, Failure> {
    let olds = look(walk, tokens.iter()).await?;
    let mut stock = Stock::of(walk, store, how, tokens).await?;
    let mut resolved = Resolved { up_to: Some(up_to(how.in_hand)), ..Resolved::default() };
    for named in tokens {
        let old = olds.get(&serial_key(&named.serial));
        if named.fault.is_some() {
            resolved.rows.push(Wanted { named: named.clone(), asked: Asked::plain(Wish::Release) });
            continue;
        }
        let who = match &named.who {
            Some(who) => Some(who.clone()),
            None => holder_or_last(walk, store, &named.serial, old).await?,
        };
        let (who, new) = match (&stock, who) {
            (Stock::Listed(news), who) => match listed(news, named, old, who) {
                Ok(pair) => pair,
                Err(reason) => {
                    let fault = Some((Severity::Error, reason));
                    let named = Named { fault, ..named.clone() };
                    resolved.rows.push(Wanted { named, asked: Asked::plain(Wish::Release) });
                    continue;
                }
            },
            (_, None) => return Err(nobody_known(&named.serial)),
            (_, Some(who)) => {
                let new = stock.successor(walk, store, &named.serial, old).await;
                let alive = |failure| if how.lost { still_alive(failure, &named.serial) } else { failure };
                (who, new.map_err(alive)?)
            }
        };
        push(&mut resolved, how, named, old, (who, new));
    }
    Ok(resolved)
}

/// Whoever the old one's holder is, and the new one that the list names; of a list, what can't be stops its line alone.
fn listed(
    news: &BTreeMap<String, Device>,
    named: &Named,
    old: Option<&Device>,
    who: Option<Who>,
) -> Result<(Who, String), Reason> {
    let new = named.new.clone().ok_or(Reason::SerialMissing)?;
    let who = who.ok_or(Reason::UpnMissing)?;
    match news.get(&serial_key(&new)).and_then(|device| foreign_holder(device, old)) {
        Some(holder) => Err(Reason::HeldByOther { holder }),
        None => Ok((who, new)),
    }
}

/// Somebody else than the old one's holder has it.
fn foreign_holder(new: &Device, old: Option<&Device>) -> Option<String> {
    let holder = new.holder.as_ref()?;
    let is_same = old.is_some_and(|old| old.is_held_by(&holder.id));
    (!is_same).then(|| holder.name.clone().unwrap_or_else(|| holder.id.as_str().to_owned()))
}

/// In hand: the new one first, so that nobody is without a method. Lost: the old one first. Not in hand: the old one
/// stays until the new one is there.
fn push(
    resolved: &mut Resolved,
    how: &Replace,
    old: &Named,
    device: Option<&Device>,
    (who, new): (Who, String),
) {
    let is_there = device.is_some();
    // Taken back already, as by its person in Security info: the sessions to end are still that person's.
    let last = device.filter(|device| device.holder.is_none() && how.revoke).map(|_| who.clone());
    let next = |rows: &[Wanted]| RowId(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    let given = Named { serial: new.clone(), who: Some(who), line: old.line, ..Named::default() };
    let taken = Named { who: last, ..old.clone() };
    let rows = &mut resolved.rows;
    let give = |after| Wanted { named: given.clone(), asked: Asked { after, ..Asked::plain(Wish::Give) } };
    let revoke = how.revoke;
    let release = |after, lost| Asked { after, lost, revoke, ..Asked::plain(Wish::Release) };
    if how.lost {
        resolved.marked.push((old.serial.clone(), Mark::Lost));
        let first = is_there.then(|| next(rows));
        rows.extend(is_there.then(|| Wanted { named: taken, asked: release(None, true) }));
        rows.push(give(first));
    } else if how.in_hand {
        let first = next(rows);
        rows.push(give(None));
        rows.push(Wanted { named: taken, asked: release(Some(first), false) });
    } else {
        rows.push(give(None));
    }
    if !how.in_hand {
        let then = if how.lost {
            format!("oathctl tokens activate {}", clean(&new))
        } else {
            format!("oathctl tokens replace {} --with {} --in-hand", clean(&old.serial), clean(&new))
        };
        let and =
            if how.lost { String::new() } else { format!(", and token {} as it is,", clean(&old.serial)) };
        resolved.notes.push(format!(
            "Token {} stays inactive{and} until the person has the new one in hand; then: {then}",
            clean(&new)
        ));
    }
}

/// Where successors come from.
enum Stock {
    Named(String),
    /// Free tokens in the order in which they are handed out, with their models.
    Next(Vec<(String, String)>),
    /// Those that a list names, as the tenant shows them.
    Listed(BTreeMap<String, Device>),
}

impl Stock {
    async fn of(walk: &Walk<'_>, store: &Store, how: &Replace, tokens: &[Named]) -> Result<Self, Failure> {
        match &how.by {
            Successor::Serial(serial) => Ok(Self::Named(serial.clone())),
            Successor::Listed => {
                let news = tokens.iter().filter_map(|named| named.new.clone());
                let news: Vec<Named> = news.map(|serial| Named { serial, ..Named::default() }).collect();
                Ok(Self::Listed(look(walk, news.iter()).await?))
            }
            Successor::Next => {
                let read = walk.connection.tenant.reads();
                let at = walk.desk.clock.utc();
                let devices = walk.reading(read.devices(&DeviceQuery::All)).await?;
                Ok(Self::Next(memory::free(store, &walk.identity.tenant, &devices, at).await?))
            }
        }
    }

    /// The next one for this token.
    async fn successor(
        &mut self,
        walk: &Walk<'_>,
        store: &Store,
        old: &str,
        device: Option<&Device>,
    ) -> Result<String, Failure> {
        match self {
            Self::Named(new) => {
                let new = new.clone();
                is_free(walk, old, &new, device).await?;
                Ok(new)
            }
            Self::Listed(_) => Err(nobody_known(old)),
            Self::Next(free) => {
                let known = match device.map(|device| device.model.clone()).filter(|model| !model.is_empty())
                {
                    Some(model) => Some(model),
                    None => memory::model(store, old).await?,
                };
                let model = known.ok_or_else(|| model_unknown(old))?;
                let at = free.iter().position(|(serial, other)| {
                    other.trim().eq_ignore_ascii_case(model.trim()) && serial_key(serial) != serial_key(old)
                });
                let at = at.ok_or_else(|| none_left(&model))?;
                Ok(free.remove(at).0)
            }
        }
    }
}

/// A token somebody uses can't take another's place.
async fn is_free(walk: &Walk<'_>, old: &str, new: &str, device: Option<&Device>) -> Result<(), Failure> {
    if serial_key(old) == serial_key(new) {
        return Err(Failure::usage("A token can't replace itself.").advice("Name another one with `--with`."));
    }
    let named = Named { serial: new.to_owned(), ..Named::default() };
    let found: BTreeMap<String, Device> = look(walk, [&named].into_iter()).await?;
    match found.get(&serial_key(new)).and_then(|found| foreign_holder(found, device)) {
        None => Ok(()),
        Some(name) => Err(Failure::gate(format!("Token {} is in use; nothing was changed.", clean(new)))
            .called("token_in_use")
            .because(format!("{} holds it", clean(&name)))
            .advice(
                "Name a token from stock, or say `--next`. If it is meant to move, release it first: \
                         `oathctl tokens release SERIAL`.",
            )),
    }
}

/// A lost token doesn't wait for its successor.
fn still_alive(failure: Failure, old: &str) -> Failure {
    failure.advice_also(&format!(
        "Until there is one: `oathctl tokens release {} --lost`, so that nobody signs in with it.",
        clean(old)
    ))
}

fn model_unknown(old: &str) -> Failure {
    Failure::usage(format!("The model of token {} isn't known, so `--next` can't choose.", clean(old)))
        .advice("Name the new token: `--with SERIAL`. Nothing was changed.")
}

fn none_left(model: &str) -> Failure {
    Failure::gate(format!("No token of the model {} is left in stock; nothing was changed.", clean(model)))
        .called("stock_empty")
        .advice("Name one of another model with `--with SERIAL`, or import more.")
}
