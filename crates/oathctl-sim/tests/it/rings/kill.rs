//! Killing the client at its k-th request: the future is dropped, which is what a crash is to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use oathctl_entra::transport::{Broke, Transport, TransportError};
use oathctl_sim::face::http::SimFault;
use tokio::sync::Notify;
use tower::ServiceExt;

/// Calls the practice tenant's router in this process.
pub struct InProcess {
    router: axum::Router,
    sent: AtomicU64,
    /// Dies at this request; `u64::MAX` never.
    dies_at: AtomicU64,
    /// Whether the fatal request still reaches the tenant.
    after: bool,
    died: Arc<Notify>,
}

impl InProcess {
    pub fn new(router: axum::Router, dies_at: Option<u64>, after: bool) -> Self {
        let dies_at = AtomicU64::new(dies_at.unwrap_or(u64::MAX));
        Self { router, sent: AtomicU64::new(0), dies_at, after, died: Arc::new(Notify::new()) }
    }

    /// Completes when the client must die.
    pub async fn death(&self) {
        self.died.notified().await;
    }

    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let request = request.map(axum::body::Body::from);
        let Ok(response) = self.router.clone().oneshot(request).await;
        let fault = response.extensions().get::<SimFault>().copied();
        match fault {
            None => {
                let (parts, body) = response.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await;
                let body = body.map_err(|_| TransportError::Lost { kind: Broke::Reset, detail: "" })?;
                Ok(http::Response::from_parts(parts, body))
            }
            Some(SimFault::ResetBefore | SimFault::ResetAfter) => {
                Err(TransportError::Lost { kind: Broke::Reset, detail: "" })
            }
            Some(SimFault::Lost) => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let nth = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        let fatal = nth >= self.dies_at.load(Ordering::SeqCst);
        if fatal && !self.after {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        let reply = tokio::time::timeout(timeout, self.call(request)).await;
        if fatal {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        reply.unwrap_or(Err(TransportError::Lost { kind: Broke::Timeout, detail: "" }))
    }
}
