//! Writes, one HTTP request each: alone for one item, a `$batch` for several.
//!
//! Owns: sending once, and once more what a 401 refused. Does not own: any other repetition.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use oathctl_core::tenant::{Delete, Held, Reply, TenantError, Unassign};
use oathctl_core::token::{DeviceId, UserId};

use super::GraphBackend;
use super::batch::{self, Inner};
use super::call::{Came, Outgoing};
use super::path::{self, BATCH};
use super::shape::{Body, IdOnly};
use super::verdict::{self, Verdict};
use crate::secret::{AccessToken, WipedBody};

/// Builds the requests of a call at the moment they can leave; again when they must be sent anew.
#[async_trait]
pub(super) trait Build: Send {
    /// The access token to send with, and for each pending item its request or why it has none.
    ///
    /// # Errors
    /// There is no access token.
    async fn build(&mut self, pending: &[usize]) -> Result<Built, TenantError>;
}

/// Requests about to leave.
pub(super) struct Built {
    pub(super) access_token: Arc<AccessToken>,
    /// One for each pending item, in that order.
    pub(super) items: Vec<Result<Inner, Verdict>>,
}

impl GraphBackend {
    /// Writes items whose requests need nothing but the item.
    pub(super) async fn write_plain<T: Sync>(&self, items: &[T], request: fn(&T) -> Inner) -> Vec<Reply<()>> {
        let mut plain = Plain { backend: self, items, request };
        let verdicts = self.write_items(items.len(), self.settings.timeout, &mut plain).await;
        verdicts.into_iter().map(|verdict| verdict.into_reply(|_, _| Some(()))).collect()
    }

    /// One call: at most one HTTP request, and at most one more for what a 401 refused.
    pub(super) async fn write_items(
        &self,
        count: usize,
        timeout: Duration,
        build: &mut (dyn Build + '_),
    ) -> Vec<Verdict> {
        let mut verdicts: Vec<Option<Verdict>> = vec![None; count];
        let mut pending: Vec<usize> = (0..count).collect();
        for renewed in [false, true] {
            if pending.is_empty() {
                break;
            }
            let built = match build.build(&pending).await {
                Ok(built) => built,
                Err(error) => {
                    settle(&mut verdicts, &pending, &Verdict::no_access_token(&error));
                    break;
                }
            };
            let (mut places, mut inner) = (Vec::new(), Vec::new());
            for (at, item) in pending.drain(..).zip(built.items) {
                match item {
                    Ok(request) => {
                        places.push(at);
                        inner.push(request);
                    }
                    Err(verdict) => settle(&mut verdicts, &[at], &verdict),
                }
            }
            let answers = self.send_writes(&built.access_token, &inner, timeout).await;
            for (at, verdict) in places.into_iter().zip(answers) {
                if matches!(verdict, Verdict::Unauthorized { .. }) && !renewed {
                    pending.push(at);
                }
                settle(&mut verdicts, &[at], &verdict);
            }
            if !pending.is_empty() {
                self.access_tokens.refused(&built.access_token);
                self.counters.repeated(pending.len());
            }
        }
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(in_doubt)).collect()
    }

    /// The one HTTP request.
    async fn send_writes(
        &self,
        access_token: &AccessToken,
        inner: &[Inner],
        timeout: Duration,
    ) -> Vec<Verdict> {
        let out = match inner {
            [] => return Vec::new(),
            [single] => self.single(single, timeout),
            several => Outgoing {
                method: Method::POST,
                url: self.endpoint.graph_url(BATCH),
                body: batch::encode(&several.iter().collect::<Vec<_>>()),
                confidential: several.iter().any(Inner::is_confidential),
                route: "POST $batch",
                operations: several.len(),
                if_match: None,
                eventual: false,
                timeout,
            },
        };
        let came = self.call(access_token, out).await;
        let verdicts = match &came {
            Came::Back(answer) if inner.len() > 1 && (200..300).contains(&answer.status) => {
                match batch::decode(answer.json(), inner.len()) {
                    Ok(replies) => replies.into_iter().map(|reply| verdict::inner(answer, reply)).collect(),
                    Err(()) => vec![Verdict::InDoubt { remote: answer.remote() }; inner.len()],
                }
            }
            _ => vec![verdict::outer(&came, inner.len() > 1); inner.len()],
        };
        let throttled = verdicts.iter().filter(|v| matches!(v, Verdict::Throttled { .. })).count();
        self.counters.throttled(throttled);
        verdicts
    }

    fn single(&self, inner: &Inner, timeout: Duration) -> Outgoing {
        Outgoing {
            method: Method::from_bytes(inner.method.as_bytes()).unwrap_or(Method::POST),
            url: self.endpoint.graph_url(&inner.path),
            body: inner.body.as_ref().and_then(WipedBody::json),
            confidential: inner.is_confidential(),
            route: inner.route,
            operations: 1,
            if_match: inner.if_match.clone(),
            eventual: false,
            timeout,
        }
    }

    /// A fresh access token for a write.
    pub(super) async fn access_token(&self) -> Result<Arc<AccessToken>, TenantError> {
        self.access_tokens.get().await
    }
}

fn settle(verdicts: &mut [Option<Verdict>], places: &[usize], verdict: &Verdict) {
    for at in places {
        if let Some(slot) = verdicts.get_mut(*at) {
            *slot = Some(verdict.clone());
        }
    }
}

fn in_doubt() -> Verdict {
    Verdict::InDoubt { remote: oathctl_core::tenant::Remote::default() }
}

/// [`Build`] without secrets.
struct Plain<'a, T> {
    backend: &'a GraphBackend,
    items: &'a [T],
    request: fn(&T) -> Inner,
}

#[async_trait]
impl<T: Sync> Build for Plain<'_, T> {
    async fn build(&mut self, pending: &[usize]) -> Result<Built, TenantError> {
        let access_token = self.backend.access_token().await?;
        let items = pending.iter().filter_map(|at| self.items.get(*at)).map(|item| Ok((self.request)(item)));
        Ok(Built { access_token, items: items.collect() })
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/authentication-post-hardwareoathmethods>
pub(super) fn assign(item: &Held) -> Inner {
    let device = IdOnly { id: item.device.as_str().to_owned() };
    Inner {
        method: "POST",
        path: path::methods(item.user.as_str()),
        body: Some(Body::Assign { device }),
        if_match: None,
        route: "POST hardwareOathMethods",
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/hardwareoathauthenticationmethod-deactivate>
pub(super) fn deactivate(item: &Held) -> Inner {
    let method = path::method(item.user.as_str(), item.device.as_str());
    Inner {
        method: "POST",
        path: format!("{method}/deactivate"),
        body: None,
        if_match: None,
        route: "POST deactivate",
    }
}

/// The holder stands in the path: a token that has changed hands is not found. A token that was changed otherwise is
/// held back by its version, where the tenant gives one (H18).
/// <https://learn.microsoft.com/en-us/graph/api/hardwareoathauthenticationmethod-delete>
pub(super) fn unassign(item: &Unassign) -> Inner {
    Inner {
        method: "DELETE",
        path: path::method(item.held.user.as_str(), item.held.device.as_str()),
        body: None,
        if_match: item.etag.clone(),
        route: "DELETE hardwareOathMethods",
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/authenticationmethoddevice-delete-hardwareoathdevices>
pub(super) fn delete(item: &Delete) -> Inner {
    Inner {
        method: "DELETE",
        path: path::device(item.device.as_str()),
        body: None,
        if_match: item.etag.clone(),
        route: "DELETE hardwareOathDevices",
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/hardwareoathtokenauthenticationmethoddevice-update>
pub(super) fn rename((device, name): &(DeviceId, String)) -> Inner {
    Inner {
        method: "PATCH",
        path: path::device(device.as_str()),
        body: Some(Body::Rename { display_name: name.clone() }),
        if_match: None,
        route: "PATCH hardwareOathDevices/id",
    }
}

/// <https://learn.microsoft.com/en-us/graph/api/user-revokesigninsessions>
pub(super) fn revoke_sessions(user: &UserId) -> Inner {
    Inner {
        method: "POST",
        path: path::revoke_sessions(user.as_str()),
        body: None,
        if_match: None,
        route: "POST revokeSignInSessions",
    }
}
