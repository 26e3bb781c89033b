//! Finds the resource a Graph request is for.

use super::answer::{Answer, Content, Outcome, bad_request, no_resource, not_allowed, too_many};
use super::call::Call;
use super::{Face, auth, batch, bulk, directory, inventory, methods, other_methods, policy, users};
use crate::guid::Guid;
use crate::world::{Done, PersonIx, Refusal, When, World, Write};

/// Everything a handler may use.
pub(super) struct Ctx<'a> {
    pub face: &'a Face,
    pub world: &'a mut World,
    /// True time.
    pub now: i64,
    /// The time reads look at: now, or earlier for a stale read.
    pub read_at: i64,
    /// When writes take effect.
    pub when: When,
    /// When the request arrived, before its latency.
    pub arrived: i64,
    pub foreign_next_link: bool,
}

impl Ctx<'_> {
    pub fn write(&mut self, write: Write) -> Result<Done, Answer> {
        let when = self.when;
        self.world.write(write, when).map_err(|refusal| self.refused(refusal))
    }

    pub fn refused(&self, refusal: Refusal) -> Answer {
        super::answer::refused(self.world, refusal)
    }

    /// Counts operations against the limiter.
    pub fn admit(&mut self, operations: u64) -> Result<(), Answer> {
        self.world.admit(operations, self.arrived, self.now).map_err(|until| too_many(Some(until)))
    }

    /// The person of a path segment: object id or user principal name; not the deleted.
    pub fn person(&self, key: &str) -> Result<PersonIx, Answer> {
        let found = match Guid::parse(key) {
            Some(id) => self.world.people.by_id(id),
            None => self.world.people.by_upn(key),
        };
        found.filter(|ix| self.world.people.get(*ix).deleted_at.is_none()).ok_or_else(|| no_resource(key))
    }
}

/// Answers one Graph request, outer or inner.
pub(super) fn dispatch(ctx: &mut Ctx<'_>, call: &Call, inner: bool) -> Answer {
    let face = ctx.face;
    let outcome = auth::check(face, ctx.world, call, ctx.now).and_then(|()| route(ctx, call, inner));
    let (Ok(answer) | Err(answer)) = outcome;
    answer
}

fn route(ctx: &mut Ctx<'_>, call: &Call, inner: bool) -> Outcome {
    let low = call.low();
    if low.as_slice() == ["$batch"] {
        return if inner { Err(bad_request("A batch can't hold a batch.")) } else { batch::route(ctx, call) };
    }
    if !bulk::is_bulk(call) {
        ctx.admit(1)?;
    }
    resource(ctx, call, &low)
}

fn resource(ctx: &mut Ctx<'_>, call: &Call, low: &[&str]) -> Outcome {
    let beta = call.version == "beta";
    match low {
        ["me", ..] => {
            let message = "/me request is only valid with delegated authentication flow.";
            Err(Answer::error(400, "BadRequest", message))
        }
        ["directory", "authenticationmethoddevices", "hardwareoathdevices", rest @ ..] if beta => {
            inventory::route(ctx, call, rest)
        }
        ["users", _, "authentication", "hardwareoathmethods", rest @ ..] if beta => {
            methods::route(ctx, call, rest)
        }
        ["users", _, "authentication", "methods"] => other_methods::route(ctx, call),
        ["users", _, "authentication", ..] => Err(unknown_method_path(call)),
        ["users", rest @ ..] => users::route(ctx, call, rest),
        ["policies", "authenticationmethodspolicy", "authenticationmethodconfigurations", "hardwareoath"]
            if beta =>
        {
            policy::route(ctx, call)
        }
        ["groups" | "directoryroles" | "rolemanagement" | "organization" | "directory", ..] => {
            directory::route(ctx, call, low)
        }
        [first, ..] => Err(no_segment(first)),
        [] => Ok(Answer::new(200, Content::Json(serde_json::json!({"value": []})))),
    }
}

/// 405 unless the method is one of these.
pub(super) fn only(call: &Call, method: &str) -> Result<(), Answer> {
    if call.method == method { Ok(()) } else { Err(not_allowed()) }
}

pub(super) fn no_segment(segment: &str) -> Answer {
    Answer::error(400, "BadRequest", &format!("Resource not found for the segment '{segment}'."))
}

fn unknown_method_path(call: &Call) -> Answer {
    let message = format!(
        "No HTTP resource was found that matches the request URI 'https://mface.windowsazure.com/odata{}'.",
        call.raw_path
    );
    Answer::error(404, "UnknownError", &message)
}
