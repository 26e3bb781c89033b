//! One call from intent to observation: journal, send once, journal.
//!
//! Owns: [`Cargo`], [`Landed`], [`fly`]. Does not own: which rows go together ([`super::run`]) nor what the answer
//! means for them (`react`).

use super::codes::{CallCodes, CodeItem};
use super::row::Window;
use super::{Job, Ports};
use crate::journal::{CallId, CallResult, Intent, JournalError, RowState, StepKind};
use crate::tenant::{Create, CreateHow, Delete, Device, Held, NotSent, Remote, Reply, Unassign};
use crate::time::Mono;
use crate::token::{DeviceId, UserId};

/// What a call carries.
#[derive(Clone, Debug)]
pub(super) enum Items {
    Create(Vec<Create>, CreateHow),
    Assign(Vec<Held>),
    Activate(Vec<Held>, Vec<CodeItem>),
    Deactivate(Vec<Held>),
    Unassign(Vec<Unassign>),
    Delete(Vec<Delete>),
    Rename(Vec<(DeviceId, String)>),
    Revoke(Vec<UserId>),
}

/// A call that is about to leave.
#[derive(Clone, Debug)]
pub(super) struct Cargo {
    pub call: CallId,
    pub step: StepKind,
    /// Row numbers, in the order of the items.
    pub rows: Vec<usize>,
    pub intents: Vec<Intent>,
    pub items: Items,
}

/// A call that came back.
pub(super) struct Landed {
    pub call: CallId,
    pub step: StepKind,
    pub rows: Vec<usize>,
    pub replies: Vec<Reply<Option<Device>>>,
    pub windows: Vec<Option<Window>>,
    pub sent_at: Mono,
    pub journal: Result<(), JournalError>,
}

/// Journals the intent, sends once, journals what came back.
pub(super) async fn fly(ports: Ports<'_>, job: &Job<'_>, cargo: Cargo) -> Landed {
    let run = &job.head.run;
    let intended = ports.journal.intend(run, cargo.call, cargo.step, ports.clock.utc(), &cargo.intents).await;
    let sent_at = ports.clock.mono();
    if let Err(error) = intended {
        let never = Reply::NotSent { why: NotSent::Stopped, remote: Remote::default() };
        let replies = vec![never; cargo.rows.len()];
        let windows = vec![None; cargo.rows.len()];
        return Landed {
            call: cargo.call,
            step: cargo.step,
            rows: cargo.rows,
            replies,
            windows,
            sent_at,
            journal: Err(error),
        };
    }
    let (mut replies, mut windows) = send(ports, job, &cargo.items).await;
    // A back end that answers short leaves the rest in doubt; it never makes an answer up.
    replies.resize(cargo.rows.len(), Reply::InDoubt { remote: Remote::default() });
    windows.resize(cargo.rows.len(), None);
    let answered = cargo.intents.iter().zip(&replies).zip(&windows);
    let states: Vec<RowState> =
        answered.map(|((intent, reply), window)| state(intent, reply, *window)).collect();
    let journal = ports.journal.observed(run, cargo.call, &states).await;
    Landed { call: cargo.call, step: cargo.step, rows: cargo.rows, replies, windows, sent_at, journal }
}

async fn send(
    ports: Ports<'_>,
    job: &Job<'_>,
    items: &Items,
) -> (Vec<Reply<Option<Device>>>, Vec<Option<Window>>) {
    let write = ports.write;
    let replies = match items {
        Items::Create(items, how) => {
            write.create(items, *how, job.seeds).await.into_iter().map(with_device).collect()
        }
        Items::Assign(items) => bare(write.assign(items).await),
        Items::Deactivate(items) => bare(write.deactivate(items).await),
        Items::Unassign(items) => bare(write.unassign(items).await),
        Items::Delete(items) => bare(write.delete(items).await),
        Items::Rename(items) => bare(write.rename(items).await),
        Items::Revoke(users) => bare(write.revoke_sessions(users).await),
        Items::Activate(items, codes) => {
            let source = CallCodes::new(codes.clone(), job.seeds);
            let replies = bare(write.activate(items, &source).await);
            return (replies, source.windows());
        }
    };
    let windows = vec![None; replies.len()];
    (replies, windows)
}

fn with_device(reply: Reply<Device>) -> Reply<Option<Device>> {
    match reply {
        Reply::Done { value, at } => Reply::Done { value: Some(value), at },
        Reply::Refused { remote, whole_call } => Reply::Refused { remote, whole_call },
        Reply::Throttled { until, remote } => Reply::Throttled { until, remote },
        Reply::NotSent { why, remote } => Reply::NotSent { why, remote },
        Reply::InDoubt { remote } => Reply::InDoubt { remote },
    }
}

fn bare(replies: Vec<Reply<()>>) -> Vec<Reply<Option<Device>>> {
    let plain = |reply| match reply {
        Reply::Done { value: (), at } => Reply::Done { value: None, at },
        Reply::Refused { remote, whole_call } => Reply::Refused { remote, whole_call },
        Reply::Throttled { until, remote } => Reply::Throttled { until, remote },
        Reply::NotSent { why, remote } => Reply::NotSent { why, remote },
        Reply::InDoubt { remote } => Reply::InDoubt { remote },
    };
    replies.into_iter().map(plain).collect()
}

/// The kind of an answer, for journal and events.
pub(super) fn result_of(reply: &Reply<Option<Device>>) -> CallResult {
    match reply {
        Reply::Done { .. } => CallResult::Done,
        Reply::Refused { .. } => CallResult::Refused,
        Reply::Throttled { .. } => CallResult::Throttled,
        Reply::NotSent { .. } => CallResult::NotSent,
        Reply::InDoubt { .. } => CallResult::InDoubt,
    }
}

/// The other side's words in an answer.
pub(super) fn remote_of(reply: &Reply<Option<Device>>) -> Option<&Remote> {
    match reply {
        Reply::Done { .. } => None,
        Reply::Refused { remote, .. }
        | Reply::Throttled { remote, .. }
        | Reply::NotSent { remote, .. }
        | Reply::InDoubt { remote } => Some(remote),
    }
}

fn state(intent: &Intent, reply: &Reply<Option<Device>>, window: Option<Window>) -> RowState {
    let (device, at) = match reply {
        Reply::Done { value, at } => (value.as_ref(), *at),
        _ => (None, None),
    };
    let held = device.zip(intent.user.as_ref()).is_some_and(|(device, user)| device.is_held_by(user));
    let named = device.map(|device| device.id.clone());
    // An activation acknowledged outside its code's window proves nothing (H7); the journal calls it doubtful.
    let late = window.zip(at).is_some_and(|(window, at)| !window.holds(at.0));
    RowState {
        row: intent.row,
        result: if late { CallResult::InDoubt } else { result_of(reply) },
        device: named.or_else(|| intent.device.clone()),
        at,
        status: remote_of(reply).and_then(|remote| remote.status),
        held,
    }
}
