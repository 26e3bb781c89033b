//! Reads, repeated while that is safe and helps: alone or up to twenty in a `$batch`.
//!
//! Owns: permits, tries, waiting, the renewal after a 401. Does not own: what is read.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::Method;
use oathctl_core::stop::StopLevel;
use oathctl_core::tenant::{ClockSample, Remote, TenantError, TenantErrorKind};
use oathctl_core::time::{Mono, ServerTime};
use serde_json::Value;

use super::GraphBackend;
use super::batch::{self, Inner, InnerReply};
use super::call::{Answer, Came, Outgoing};
use super::path::BATCH;
use crate::fault::{fault, foreign, no_reply, refused, stopped, unavailable};
use crate::pacing::{Permit, Tally};
use crate::secret::AccessToken;
use crate::signin::sleep;
use crate::transport::{Broke, TransportError};

/// Sends of one read that gets no answer, or a 5xx.
const TRIES: u32 = 6;
/// Sends of one read whose host cannot be found or reached.
const TRIES_UNREACHABLE: u32 = 3;
/// Sends of one read that is answered "too fast"; each one obeys `Retry-After`.
const TRIES_THROTTLED: u32 = 60;
/// Renewals of the access token within one chunk of reads.
const RENEWALS: u32 = 3;

/// One read.
#[derive(Clone)]
pub(super) struct Get {
    /// Relative to Graph's base, or a checked `nextLink`.
    pub(super) target: Target,
    pub(super) route: &'static str,
}

#[derive(Clone)]
pub(super) enum Target {
    Path(String),
    Link(String),
}

impl Get {
    pub(super) fn path(path: impl Into<String>, route: &'static str) -> Self {
        Self { target: Target::Path(path.into()), route }
    }
}

/// A clear answer: a success or a refusal.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) at: Option<ServerTime>,
    pub(super) sample: Option<ClockSample>,
    remote: Option<Remote>,
}

impl Got {
    pub(super) const fn is_ok(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The words of a refusal.
    pub(super) fn remote(&self) -> Remote {
        self.remote.clone().unwrap_or(Remote { status: Some(self.status), ..Remote::default() })
    }

    /// The refusal as the end of the whole read.
    pub(super) fn refused(&self, permission: &str) -> TenantError {
        refused(self.status, permission, self.remote())
    }
}

/// What one send of one read came to.
enum Step {
    Got(Got),
    Unauthorized(Remote),
    Throttled { until: Option<Mono>, remote: Remote },
    Again { error: TenantError, tries: u32, counts: bool },
    Final(TenantError),
}

impl GraphBackend {
    /// Reads one thing.
    pub(super) async fn read(&self, get: Get) -> Result<Got, TenantError> {
        let mut got = self.read_chunk(vec![get]).await?;
        got.pop().ok_or_else(|| foreign("not_json", Remote::default()))
    }

    /// Reads many, in batches, some at once; the answers in the order asked.
    pub(super) async fn read_many(&self, gets: Vec<Get>) -> Result<Vec<Got>, TenantError> {
        let total = gets.len();
        let chunks: Vec<BoxFuture<'_, Result<Vec<Got>, TenantError>>> = gets
            .chunks(self.settings.batch)
            .map(|chunk| Box::pin(self.read_chunk(chunk.to_vec())) as BoxFuture<'_, _>)
            .collect();
        let mut under_way = stream::iter(chunks).buffered(self.settings.reads_at_once);
        let mut all = Vec::with_capacity(total);
        while let Some(part) = under_way.next().await {
            all.extend(part?);
        }
        Ok(all)
    }

    /// At most one `$batch` of reads at a time, until each has a clear answer.
    async fn read_chunk(&self, gets: Vec<Get>) -> Result<Vec<Got>, TenantError> {
        let mut progress = Progress::new(gets.len());
        while !progress.pending.is_empty() {
            let mut permit = Permit::acquire(&self.permits, progress.pending.len()).await?;
            let access_token = self.access_tokens.get().await?;
            let now: Vec<usize> =
                progress.pending.drain(..permit.granted().min(progress.pending.len())).collect();
            permit.sends(self.clock.mono());
            let chosen: Vec<&Get> = now.iter().filter_map(|at| gets.get(*at)).collect();
            let steps = self.send_reads(&access_token, &chosen).await;
            let tally = tally(&steps);
            self.counters.throttled(tally.throttled);
            permit.answered(tally);
            for (at, step) in now.into_iter().zip(steps) {
                progress.take(at, step)?;
            }
            if progress.unauthorized {
                self.access_tokens.refused(&access_token);
            }
            self.counters.repeated(progress.end_round());
            self.rest(&mut progress).await?;
        }
        Ok(progress.got.into_iter().flatten().collect())
    }

    /// One HTTP request for one or several reads.
    async fn send_reads(&self, access_token: &AccessToken, gets: &[&Get]) -> Vec<Step> {
        if let [get] = gets {
            let url = match &get.target {
                Target::Path(path) => self.endpoint.graph_url(path),
                Target::Link(link) => link.clone(),
            };
            let came = self.call(access_token, self.outgoing(Method::GET, url, get.route, 1)).await;
            return vec![alone(came)];
        }
        let inner: Vec<Inner> = gets.iter().map(|get| get.inner()).collect();
        let mut out = self.outgoing(Method::POST, self.endpoint.graph_url(BATCH), "POST $batch", gets.len());
        out.body = batch::encode(&inner.iter().collect::<Vec<_>>());
        match self.call(access_token, out).await {
            Came::Back(answer) if (200..300).contains(&answer.status) => together(&answer, gets.len()),
            came => {
                let step = alone(came);
                gets.iter().map(|_| step.copy()).collect()
            }
        }
    }

    fn outgoing(&self, method: Method, url: String, route: &'static str, operations: usize) -> Outgoing {
        let timeout = self.settings.timeout;
        Outgoing { method, url, body: None, route, operations, eventual: false, timeout }
    }

    /// Waits as long as the last round asks for.
    async fn rest(&self, progress: &mut Progress) -> Result<(), TenantError> {
        let Some(wait) = progress.wait.take() else { return Ok(()) };
        let now = self.clock.mono();
        let at = wait.until.map_or(now.plus_ms(wait.backoff_ms), |until| until.max(now));
        if at > now.plus(self.settings.max_wait) {
            return Err(fault(TenantErrorKind::WaitTooLong, "retry_after", wait.remote));
        }
        sleep(&*self.clock, &self.stop, StopLevel::Abort, at).await.map_err(|()| stopped())
    }
}

impl Get {
    /// As a part of a batch. Links are only ever followed alone.
    fn inner(&self) -> Inner {
        let (Target::Path(path) | Target::Link(path)) = &self.target;
        Inner { method: "GET", path: path.clone(), body: None, route: self.route }
    }
}

/// How far a chunk of reads is.
struct Progress {
    pending: Vec<usize>,
    got: Vec<Option<Got>>,
    tries: Vec<u32>,
    round_again: usize,
    renewals: u32,
    unauthorized: bool,
    wait: Option<Wait>,
}

/// How long to wait before the next round.
struct Wait {
    backoff_ms: u64,
    until: Option<Mono>,
    remote: Remote,
}

impl Progress {
    fn new(count: usize) -> Self {
        Self {
            pending: (0..count).collect(),
            got: (0..count).map(|_| None).collect(),
            tries: vec![0; count],
            round_again: 0,
            renewals: 0,
            unauthorized: false,
            wait: None,
        }
    }

    /// Takes in one answer; `Err` when it ends the whole read.
    fn take(&mut self, at: usize, step: Step) -> Result<(), TenantError> {
        match step {
            Step::Got(got) => {
                if let Some(slot) = self.got.get_mut(at) {
                    *slot = Some(got);
                }
                Ok(())
            }
            Step::Final(error) => Err(error),
            Step::Unauthorized(remote) => self.renew(at, remote),
            Step::Throttled { until, remote } => {
                let error = fault(TenantErrorKind::WaitTooLong, "throttled", remote);
                self.again(at, TRIES_THROTTLED, until, error)
            }
            Step::Again { error, tries, .. } => self.again(at, tries, None, error),
        }
    }

    fn renew(&mut self, at: usize, remote: Remote) -> Result<(), TenantError> {
        if !self.unauthorized {
            self.renewals += 1;
        }
        if self.renewals > RENEWALS {
            return Err(refused(401, "", remote));
        }
        self.unauthorized = true;
        self.requeue(at);
        Ok(())
    }

    fn again(
        &mut self,
        at: usize,
        tries: u32,
        until: Option<Mono>,
        error: TenantError,
    ) -> Result<(), TenantError> {
        let Some(tried) = self.tries.get_mut(at) else { return Err(error) };
        *tried += 1;
        if *tried >= tries {
            return Err(error);
        }
        let backoff_ms = 500u64 << (*tried - 1).min(4);
        let wait = self.wait.get_or_insert(Wait { backoff_ms: 0, until: None, remote: Remote::default() });
        wait.backoff_ms = wait.backoff_ms.max(backoff_ms);
        wait.until = wait.until.max(until);
        wait.remote = error.remote;
        self.requeue(at);
        Ok(())
    }

    fn requeue(&mut self, at: usize) {
        self.pending.push(at);
        self.round_again += 1;
    }

    /// How many of this round go again.
    fn end_round(&mut self) -> usize {
        self.unauthorized = false;
        std::mem::take(&mut self.round_again)
    }
}

impl Step {
    /// An outer answer is every inner one's.
    fn copy(&self) -> Self {
        match self {
            Self::Got(got) => Self::Got(Got { body: got.body.clone(), remote: got.remote.clone(), ..*got }),
            Self::Unauthorized(remote) => Self::Unauthorized(remote.clone()),
            Self::Throttled { until, remote } => Self::Throttled { until: *until, remote: remote.clone() },
            Self::Again { error, tries, counts } => {
                Self::Again { error: error.clone(), tries: *tries, counts: *counts }
            }
            Self::Final(error) => Self::Final(error.clone()),
        }
    }
}

fn tally(steps: &[Step]) -> Tally {
    let mut tally = Tally::default();
    for step in steps {
        match step {
            Step::Got(_) | Step::Unauthorized(_) | Step::Final(_) => tally.accepted += 1,
            Step::Throttled { until, .. } => {
                tally.throttled += 1;
                tally.until = tally.until.max(*until);
            }
            Step::Again { counts, .. } => tally.lost += usize::from(*counts),
        }
    }
    tally
}

/// What a single reply means for a read.
fn alone(came: Came) -> Step {
    match came {
        Came::Back(answer) => {
            let remote = if (200..300).contains(&answer.status) { None } else { Some(answer.remote()) };
            judge(answer.status, answer.until(), remote, || got(&answer, answer.json()))
        }
        // A gateway's own page; the next try may reach Graph.
        Came::Foreign { remote, .. } if remote.status.is_some_and(|s| s >= 500) => {
            let status = remote.status.unwrap_or(500);
            Step::Again { error: unavailable(status, remote), tries: TRIES, counts: true }
        }
        Came::Foreign { word, remote } => Step::Final(foreign(word, remote)),
        Came::Not(error) => unanswered(&error),
    }
}

fn unanswered(error: &TransportError) -> Step {
    let fault = no_reply(error);
    match (error, error.kind()) {
        (_, Broke::TooLarge)
        | (TransportError::NotSent { .. }, Broke::Tls | Broke::Proxy | Broke::Request) => Step::Final(fault),
        (TransportError::NotSent { .. }, _) => {
            Step::Again { error: fault, tries: TRIES_UNREACHABLE, counts: false }
        }
        (TransportError::Lost { .. }, _) => Step::Again { error: fault, tries: TRIES, counts: true },
    }
}

/// What a batch's replies mean, one by one.
fn together(answer: &Answer, count: usize) -> Vec<Step> {
    let Ok(replies) = batch::decode(answer.json(), count) else {
        return (0..count).map(|_| Step::Final(foreign("not_json", answer.remote()))).collect();
    };
    replies.into_iter().map(|reply| inner_step(answer, reply)).collect()
}

fn inner_step(answer: &Answer, reply: Option<InnerReply>) -> Step {
    let Some(reply) = reply else {
        let error = unavailable(answer.status, Remote::default());
        return Step::Again { error, tries: TRIES, counts: true };
    };
    let until = answer.until_of(reply.header("retry-after"));
    let remote = if (200..300).contains(&reply.status) { None } else { Some(reply.remote()) };
    judge(reply.status, until, remote, || Got { status: reply.status, ..got(answer, reply.body) })
}

fn got(answer: &Answer, body: Value) -> Got {
    Got { status: answer.status, body, at: answer.at(), sample: answer.sample, remote: None }
}

/// The one place where a status decides about a read.
fn judge(status: u16, until: Option<Mono>, remote: Option<Remote>, got: impl FnOnce() -> Got) -> Step {
    let words = remote.clone().unwrap_or_default();
    match status {
        401 => Step::Unauthorized(words),
        429 => Step::Throttled { until, remote: words },
        503 if until.is_some() => Step::Throttled { until, remote: words },
        408 | 500..=599 => Step::Again { error: unavailable(status, words), tries: TRIES, counts: true },
        _ => Step::Got(Got { remote, ..got() }),
    }
}
