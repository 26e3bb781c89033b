//! Creation: the bulk form, and one by one in a batch.
//!
//! Owns: both forms, and the pairing of bulk results. Does not own: which form is right, or what follows a
//! refusal. Facts: <https://learn.microsoft.com/en-us/graph/api/authenticationmethoddevice-update> (bulk); the
//! shape of a failed item is unknown and taken from Graph's other delta payloads
//! (<https://learn.microsoft.com/en-us/graph/api/filestoragecontainer-update-permissions>).

use async_trait::async_trait;
use http::Method;
use oathctl_core::seed::SeedSource;
use oathctl_core::tenant::{Create, Device, NotSent, Remote, Reply, TenantError};
use oathctl_core::time::ServerTime;
use oathctl_core::token::serial_key;
use serde_json::Value;

use super::batch::Inner;
use super::call::{Came, Outgoing};
use super::shape::{self, Body, Delta, NewDevice, text};
use super::verdict::{self, Verdict};
use super::write::{Build, Built};
use super::{GraphBackend, path};
use crate::remote::{clean, field, words};
use crate::secret::{BodySecret, WipedBody};

impl GraphBackend {
    /// A `$batch` of single creations, or a single one.
    pub(super) async fn create_each(&self, items: &[Create], seeds: &dyn SeedSource) -> Vec<Reply<Device>> {
        let mut build = Each { backend: self, items, seeds };
        let verdicts = self.write_items(items.len(), self.settings.timeout, &mut build).await;
        verdicts
            .into_iter()
            .zip(items)
            .map(|(verdict, item)| verdict.into_reply(|body, at| made(shape::unwrapped(body), at, item)))
            .collect()
    }

    /// One `PATCH` of the collection.
    pub(super) async fn create_bulk(&self, items: &[Create], seeds: &dyn SeedSource) -> Vec<Reply<Device>> {
        let mut came = self.send_bulk(items, seeds).await;
        let refused = matches!(&came, Bulk::Came(_, came) if came.is_unauthorized());
        if refused {
            self.counters.repeated(items.len());
            came = self.send_bulk(items, seeds).await;
        }
        match came {
            Bulk::NoAccessToken(verdict) => {
                items.iter().map(|_| verdict.clone().into_reply(|_, _| None)).collect()
            }
            Bulk::NoSeeds => items.iter().map(|_| no_seed().into_reply(|_, _| None)).collect(),
            Bulk::Came(sent, came) => self.read_bulk(items, &sent, &came),
        }
    }

    async fn send_bulk(&self, items: &[Create], seeds: &dyn SeedSource) -> Bulk {
        let access_token = match self.access_token().await {
            Ok(access_token) => access_token,
            Err(error) => return Bulk::NoAccessToken(Verdict::no_access_token(&error)),
        };
        let made: Vec<Option<NewDevice>> = items
            .iter()
            .enumerate()
            .map(|(at, item)| new_device(item, seeds, Some(content_id(at))))
            .collect();
        let sent: Vec<bool> = made.iter().map(Option::is_some).collect();
        let operations = sent.iter().filter(|sent| **sent).count();
        let out = Outgoing {
            method: Method::PATCH,
            url: self.endpoint.graph_url(path::INVENTORY),
            body: WipedBody::json(&Delta::of(made.into_iter().flatten().collect())),
            confidential: true,
            route: "PATCH hardwareOathDevices",
            operations,
            if_match: None,
            eventual: false,
            timeout: self.settings.timeout,
        };
        if operations == 0 {
            return Bulk::NoSeeds;
        }
        let came = self.call(&access_token, out).await;
        if came.is_unauthorized() {
            self.access_tokens.refused(&access_token);
        }
        Bulk::Came(sent, came)
    }

    fn read_bulk(&self, items: &[Create], sent: &[bool], came: &Came) -> Vec<Reply<Device>> {
        let whole = verdict::outer(came, true);
        let mut replies: Vec<Option<Reply<Device>>> = match &whole {
            Verdict::Done { body, at } => pair(items, body, *at, came.request_id()),
            _ => items.iter().map(|_| None).collect(),
        };
        let unpaired = match whole {
            Verdict::Done { body, .. } => Verdict::InDoubt { remote: stray_failure(items, &body) },
            other => other,
        };
        let replies: Vec<Reply<Device>> = replies
            .iter_mut()
            .zip(sent)
            .map(|(reply, sent)| match (reply.take(), sent) {
                (_, false) => no_seed().into_reply(|_, _| None),
                (Some(reply), true) => reply,
                (None, true) => unpaired.clone().into_reply(|_, _| None),
            })
            .collect();
        self.counters.throttled(replies.iter().filter(|r| matches!(r, Reply::Throttled { .. })).count());
        replies
    }
}

enum Bulk {
    NoAccessToken(Verdict),
    NoSeeds,
    /// Which items were in it, and what came.
    Came(Vec<bool>, Came),
}

fn no_seed() -> Verdict {
    Verdict::NotSent { why: NotSent::NoSeed, remote: Remote::default() }
}

fn content_id(at: usize) -> String {
    (at + 1).to_string()
}

/// The body for one device, with its seed; `None` when the seed is not to be had.
fn new_device(item: &Create, seeds: &dyn SeedSource, content_id: Option<String>) -> Option<NewDevice> {
    let mut secret = None;
    // The door for seeds: into a request body that is wiped, as Base32.
    seeds.with_seed(item.seed, &mut |seed| secret = Some(BodySecret::base32(seed))).ok()?;
    Some(NewDevice::new(item, secret?, content_id))
}

struct Each<'a> {
    backend: &'a GraphBackend,
    items: &'a [Create],
    seeds: &'a dyn SeedSource,
}

#[async_trait]
impl Build for Each<'_> {
    async fn build(&mut self, pending: &[usize]) -> Result<Built, TenantError> {
        let access_token = self.backend.access_token().await?;
        let items = pending.iter().filter_map(|at| self.items.get(*at)).map(|item| {
            let device = new_device(item, self.seeds, None).ok_or_else(no_seed)?;
            Ok(Inner {
                method: "POST",
                path: path::INVENTORY.to_owned(),
                body: Some(Body::Device(device)),
                if_match: None,
                route: "POST hardwareOathDevices",
            })
        });
        Ok(Built { access_token, items: items.collect() })
    }
}

/// The device of a reply, if it is the one asked for.
fn made(item: &Value, at: Option<ServerTime>, asked: &Create) -> Option<Device> {
    let mut device = shape::device(item, at)?;
    if device.serial.is_empty() {
        device.serial.clone_from(&asked.serial);
    }
    (serial_key(&device.serial) == serial_key(&asked.serial)).then_some(device)
}

/// Results to items: by content id, else by serial, never by position alone.
fn pair(
    items: &[Create],
    body: &Value,
    at: Option<ServerTime>,
    request_id: Option<&str>,
) -> Vec<Option<Reply<Device>>> {
    let mut replies: Vec<Option<Reply<Device>>> = items.iter().map(|_| None).collect();
    for result in results(body) {
        let place = place_of(items, result);
        if let Some((slot, asked)) = place.and_then(|at| Some((replies.get_mut(at)?, items.get(at)?)))
            && slot.is_none()
        {
            *slot = Some(item_verdict(result, at, request_id).into_reply(|item, at| made(item, at, asked)));
        }
    }
    replies
}

fn results(body: &Value) -> impl Iterator<Item = &Value> {
    field(body, "value").and_then(Value::as_array).into_iter().flatten()
}

fn place_of(items: &[Create], result: &Value) -> Option<usize> {
    let echoed = ["@contentId", "@Core.ContentID"].into_iter().find_map(|name| match field(result, name)? {
        Value::String(text) => text.parse::<usize>().ok(),
        Value::Number(number) => number.as_u64().and_then(|n| usize::try_from(n).ok()),
        _ => None,
    });
    let serial = text(field(result, "device").unwrap_or(result), "serialNumber")
        .map(|s| serial_key(&s))
        .filter(|s| !s.is_empty());
    if let Some(at) = echoed.and_then(|id| id.checked_sub(1)).filter(|at| *at < items.len()) {
        let same = |serial: &String| items.get(at).is_some_and(|item| serial_key(&item.serial) == *serial);
        // An echo that contradicts the serial proves nothing.
        return serial.as_ref().is_none_or(same).then_some(at);
    }
    let serial = serial?;
    let mut matching = items.iter().enumerate().filter(|(_, item)| serial_key(&item.serial) == serial);
    let (at, _) = matching.next()?;
    matching.next().is_none().then_some(at)
}

/// One item of a bulk reply: made, failed, or unclear.
fn item_verdict(result: &Value, at: Option<ServerTime>, request_id: Option<&str>) -> Verdict {
    // An item has no request id of its own; the call's is what support will ask for.
    let named = |remote: Remote| Remote { request_id: remote.request_id.or(request_id.map(clean)), ..remote };
    match failure(result).map(named) {
        Some(remote) => match remote.status {
            Some(status) if !(200..300).contains(&status) => verdict::refusal(status, None, remote, false),
            _ => Verdict::Refused { remote, whole_call: false },
        },
        None => Verdict::Done { body: result.clone(), at },
    }
}

/// The words of a failed item, in either of the shapes a failure may have.
fn failure(result: &Value) -> Option<Remote> {
    if let Some(exception) = field(result, "@Core.DataModificationException").filter(|e| e.is_object()) {
        let status =
            field(exception, "responseCode").and_then(Value::as_u64).and_then(|s| u16::try_from(s).ok());
        let info = field(exception, "info").unwrap_or(exception);
        let (code, message) = (text(info, "code"), text(info, "message"));
        return Some(Remote { status, code, message, request_id: None });
    }
    field(result, "error").filter(|e| e.is_object())?;
    let status = ["status", "responseCode", "statusCode"]
        .into_iter()
        .find_map(|name| field(result, name)?.as_u64())
        .and_then(|status| u16::try_from(status).ok());
    Some(Remote { status, ..words(0, result, None) })
}

/// What to tell about an item that no result fits: the first failure that fits no item, if any.
fn stray_failure(items: &[Create], body: &Value) -> Remote {
    let stray = results(body).filter(|result| place_of(items, result).is_none()).find_map(failure);
    Remote { status: None, ..stray.unwrap_or_default() }
}
