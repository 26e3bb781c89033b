//! Something between the client and the tenant that meddles with chosen requests.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use oathctl_entra::transport::{Broke, Transport, TransportError};

use super::ring2::InProcess;

/// What happens to a request.
pub enum Deed {
    /// It goes through as it is.
    Pass,
    /// It goes through changed.
    Change(Bytes),
    /// The client sees a time-out; the tenant gets it so much later.
    Late(Duration),
    /// The tenant never sees it; the answer is 404.
    Missing,
}

/// What happens to the n-th marked request, by its number and body.
type Deeds = dyn Fn(u32, &Bytes) -> Deed + Send + Sync;

/// Asks for each request that carries `mark`, counting from 1, what is to happen.
pub struct Gateway {
    inner: std::sync::Arc<InProcess>,
    mark: &'static str,
    seen: AtomicU32,
    deed: Box<Deeds>,
}

impl Gateway {
    pub fn new(
        inner: InProcess,
        mark: &'static str,
        deed: impl Fn(u32, &Bytes) -> Deed + Send + Sync + 'static,
    ) -> Self {
        Self { inner: std::sync::Arc::new(inner), mark, seen: AtomicU32::new(0), deed: Box::new(deed) }
    }

    fn decide(&self, request: &http::Request<Bytes>) -> Deed {
        let text = String::from_utf8_lossy(request.body());
        let marked = text.contains(self.mark) || request.method().as_str() == self.mark;
        if !marked {
            return Deed::Pass;
        }
        (self.deed)(self.seen.fetch_add(1, Ordering::SeqCst) + 1, request.body())
    }
}

#[async_trait]
impl Transport for Gateway {
    async fn send(
        &self,
        mut request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, TransportError> {
        match self.decide(&request) {
            Deed::Pass => {}
            Deed::Change(body) => *request.body_mut() = body,
            Deed::Missing => {
                let body = r#"{"error":{"code":"Request_ResourceNotFound","message":"gone"}}"#;
                let reply = http::Response::builder().status(404).header("content-type", "application/json");
                return Ok(reply.body(Bytes::from_static(body.as_bytes())).unwrap());
            }
            Deed::Late(by) => {
                let inner = self.inner.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(by).await;
                    let _reply = inner.send(request, Duration::from_secs(60)).await;
                });
                tokio::time::sleep(timeout).await;
                return Err(TransportError::Lost { kind: Broke::Timeout, detail: "" });
            }
        }
        self.inner.send(request, timeout).await
    }
}
