//! One request out, one reply back, and whether a failed one can have left.
//!
//! Owns: the [`Transport`] port and its errors. Does not own: any HTTP library ([`crate::http_reqwest`] is one),
//! any retry, any judgement of a status.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// Sends one HTTP request, once. Follows no redirect and repeats nothing. Dropping the future gives the request
/// up; it may have been sent.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` and reads the whole reply within `timeout` (connecting included).
    ///
    /// # Errors
    /// [`TransportError`], which says whether the request can have reached the server.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, TransportError>;

    /// Who reads along: the issuer of a certificate of ours whose chain ends in no public root, as far as it is
    /// known now. `None` where there is no TLS to inspect.
    fn inspected(&self) -> Option<String> {
        None
    }
}

/// Mark of a request that may leave only over a connection whose certificate ends in a public root (put it into
/// the request's extensions). A transport with TLS refuses it otherwise, with [`INSPECTED`], before it sends
/// anything, on a connection that comes about for this very request too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicRootOnly;

/// The detail of the error for a request marked [`PublicRootOnly`] that was not sent.
pub const INSPECTED: &str = "inspected";

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// It provably never reached the server.
    #[error("not sent: {} ({detail})", kind.word())]
    NotSent {
        /// What broke.
        kind: Broke,
        /// A stable word for how, e.g. `refused`, `unknown_issuer`; empty when there is nothing to add.
        detail: &'static str,
    },
    /// It may have reached the server.
    #[error("lost: {} ({detail})", kind.word())]
    Lost {
        /// What broke.
        kind: Broke,
        /// A stable word for how; empty when there is nothing to add.
        detail: &'static str,
    },
}

impl TransportError {
    /// What broke, either way.
    pub const fn kind(&self) -> Broke {
        match self {
            Self::NotSent { kind, .. } | Self::Lost { kind, .. } => *kind,
        }
    }
}

/// Where a request broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broke {
    /// The host's name could not be resolved.
    Dns,
    /// No connection.
    Connect,
    /// No TLS: the handshake failed or the certificate is not trusted.
    Tls,
    /// The proxy would not connect us.
    Proxy,
    /// Too slow.
    Timeout,
    /// The connection ended early.
    Reset,
    /// The reply is larger than we read.
    TooLarge,
    /// The request itself could not be built.
    Request,
}

impl Broke {
    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Proxy => "proxy",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::TooLarge => "too_large",
            Self::Request => "request",
        }
    }
}
