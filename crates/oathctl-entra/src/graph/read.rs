//! Reads, repeated while that is safe and helps: alone or up to twenty in a `$batch`.
//!
//! Owns: permits, waiting, the renewal after a 401. Does not own: what an answer means ([`super::step`]), the
//! budgets ([`super::progress`]), what is read.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::Method;
use oathctl_core::stop::StopLevel;
use oathctl_core::tenant::{Remote, TenantError, TenantErrorKind};

use super::GraphBackend;
use super::batch::{self, Inner};
use super::call::{Came, Outgoing};
use super::path::BATCH;
use super::progress::Progress;
use super::step::{Got, Step, alone, tally, together};
use crate::fault::{fault, foreign, stopped};
use crate::pacing::Permit;
use crate::secret::AccessToken;
use crate::signin::sleep;

/// One read.
#[derive(Clone)]
pub(super) struct Get {
    /// Relative to Graph's base, or a checked `nextLink`.
    pub(super) target: Target,
    pub(super) route: &'static str,
    /// Asks for Graph's advanced queries; only a read that goes alone can.
    pub(super) eventual: bool,
}

#[derive(Clone)]
pub(super) enum Target {
    Path(String),
    Link(String),
}

impl Get {
    pub(super) fn path(path: impl Into<String>, route: &'static str) -> Self {
        Self { target: Target::Path(path.into()), route, eventual: false }
    }

    /// The same with Graph's advanced queries
    /// (<https://learn.microsoft.com/en-us/graph/aad-advanced-queries>).
    pub(super) fn eventually(self) -> Self {
        Self { eventual: true, ..self }
    }

    /// A page further on: the link as it came, with the headers of the first page.
    pub(super) fn next(&self, link: String) -> Self {
        Self { target: Target::Link(link), ..*self }
    }
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
            let out = Outgoing { eventual: get.eventual, ..self.outgoing(Method::GET, url, get.route, 1) };
            return vec![alone(self.call(access_token, out).await)];
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
        Outgoing {
            method,
            url,
            body: None,
            confidential: false,
            route,
            operations,
            if_match: None,
            eventual: false,
            timeout,
        }
    }

    /// Waits as long as the last round asks for.
    async fn rest(&self, progress: &mut Progress) -> Result<(), TenantError> {
        let Some(wait) = progress.wait.take() else { return Ok(()) };
        let now = self.clock.mono();
        let limit = now.plus(self.settings.max_wait);
        let stalled =
            progress.stalled_ms(now) > u64::try_from(self.settings.max_wait.as_millis()).unwrap_or(u64::MAX);
        if stalled || wait.until.is_some_and(|until| until > limit) {
            return Err(fault(TenantErrorKind::WaitTooLong, "retry_after", wait.remote));
        }
        let at = wait.until.map_or(now.plus_ms(wait.backoff_ms).min(limit), |until| until.max(now));
        sleep(&*self.clock, &self.stop, StopLevel::Abort, at).await.map_err(|()| stopped())
    }
}

impl Get {
    /// As a part of a batch. Links are only ever followed alone.
    fn inner(&self) -> Inner {
        let (Target::Path(path) | Target::Link(path)) = &self.target;
        Inner { method: "GET", path: path.clone(), body: None, if_match: None, route: self.route }
    }
}
