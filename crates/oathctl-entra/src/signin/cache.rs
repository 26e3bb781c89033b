//! The renewing cache: one access token for everybody, renewed ahead of its end, by one at a time.
//!
//! Owns: when to renew. Does not own: how ([`Credential`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::lock::Mutex as AsyncMutex;
use oathctl_core::tenant::{TenantError, TenantErrorKind};
use oathctl_core::time::{Clock, Mono, Utc};

use crate::dates::Dates;
use crate::secret::AccessToken;
use crate::signin::Credential;

/// Renewed this long before the end, or after two thirds of the life, whichever comes later.
const AHEAD: Duration = Duration::from_secs(5 * 60);

pub(crate) struct AccessTokens {
    credential: Arc<dyn Credential>,
    clock: Arc<dyn Clock>,
    dates: Arc<Dates>,
    held: Mutex<Option<Held>>,
    /// Whoever holds this is the one that asks.
    asking: AsyncMutex<()>,
}

#[derive(Clone)]
struct Held {
    access_token: Arc<AccessToken>,
    renew: (Mono, Utc),
    end: (Mono, Utc),
}

impl Held {
    /// Not yet at `edge` by either clock: the monotonic one may have stood still.
    fn before(edge: (Mono, Utc), clock: &dyn Clock) -> bool {
        clock.mono() < edge.0 && clock.utc() < edge.1
    }
}

impl AccessTokens {
    pub(crate) fn new(credential: Arc<dyn Credential>, clock: Arc<dyn Clock>, dates: Arc<Dates>) -> Self {
        Self { credential, clock, dates, held: Mutex::default(), asking: AsyncMutex::new(()) }
    }

    /// A fresh access token.
    pub(crate) async fn get(&self) -> Result<Arc<AccessToken>, TenantError> {
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let _only_me = self.asking.lock().await;
        // Somebody may have renewed it while we waited.
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        match self.credential.fetch().await {
            Ok(granted) => {
                let held = self.hold(granted.access_token, granted.lives);
                if let Some(date) = granted.date {
                    self.dates.take_login(date);
                }
                Ok(held)
            }
            Err(error) => self.still_good(&error).ok_or(error),
        }
    }

    /// The tenant refused this access token: it will not be given out again. Safe to call for the same one many
    /// times; only the first has an effect.
    pub(crate) fn refused(&self, access_token: &Arc<AccessToken>) {
        let mut held = self.lock();
        if held.as_ref().is_some_and(|h| Arc::ptr_eq(&h.access_token, access_token)) {
            *held = None;
        }
    }

    fn fresh(&self) -> Option<Arc<AccessToken>> {
        let held = self.lock();
        held.as_ref().filter(|h| Held::before(h.renew, &*self.clock)).map(|h| Arc::clone(&h.access_token))
    }

    /// A login host that cannot answer is no reason to stop while the old access token lives.
    fn still_good(&self, error: &TenantError) -> Option<Arc<AccessToken>> {
        let passing = matches!(error.kind, TenantErrorKind::Unreachable | TenantErrorKind::WaitTooLong);
        let held = self.lock();
        held.as_ref()
            .filter(|h| passing && Held::before(h.end, &*self.clock))
            .map(|h| Arc::clone(&h.access_token))
    }

    fn hold(&self, access_token: AccessToken, lives: Duration) -> Arc<AccessToken> {
        let access_token = Arc::new(access_token);
        let renew = lives.saturating_sub(AHEAD.min(lives / 3));
        let (mono, utc) = (self.clock.mono(), self.clock.utc());
        let edge = |after: Duration| {
            (mono.plus(after), utc.plus_ms(i64::try_from(after.as_millis()).unwrap_or(i64::MAX)))
        };
        *self.lock() =
            Some(Held { access_token: Arc::clone(&access_token), renew: edge(renew), end: edge(lives) });
        access_token
    }

    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
