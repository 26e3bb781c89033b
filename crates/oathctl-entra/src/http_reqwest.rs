//! The [`Transport`] of the real world: reqwest over rustls with ring. The only file that names reqwest.
//!
//! Owns: the clients and the reading of their errors. Does not own: what a reply means, or which certificates
//! are believed ([`crate::tls`]). Never prints a request or a library's error; both can carry secrets.

use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::CertificateError;

use crate::tls::{self, Hold, Judges, PrivateRoot, Trust};
use crate::transport::{Broke, INSPECTED, PublicRootOnly, Transport, TransportError};

/// The most of a reply's body that is read, in bytes.
pub const MAX_REPLY: usize = 16 * 1024 * 1024;
/// Below the idle time of the servers, so that a reused connection is rarely a dead one.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// Real HTTP. Two clients, each built when first needed: one for hosts elsewhere (HTTPS only, system proxy) and
/// one for loopback (never through a proxy).
#[derive(Debug)]
pub struct HttpTransport {
    connect_timeout: Duration,
    trust: Trust,
    remote: OnceLock<Option<Client>>,
    loopback: OnceLock<Option<Client>>,
}

impl HttpTransport {
    /// A transport that gives up connecting after `connect_timeout`.
    pub fn new(connect_timeout: Duration) -> Self {
        Self { connect_timeout, trust: Trust::default(), remote: OnceLock::new(), loopback: OnceLock::new() }
    }

    /// What the certificates have shown so far, and will show: the clone sees later findings too.
    pub fn trust(&self) -> Trust {
        self.trust.clone()
    }

    fn client_for(&self, uri: &http::Uri) -> Result<&Client, TransportError> {
        let client = if is_loopback(uri) {
            self.loopback.get_or_init(|| self.builder().no_proxy().build().ok())
        } else {
            self.remote.get_or_init(|| self.remote_builder(Judges::of_this_system().ok()?)?.build().ok())
        };
        client.as_ref().ok_or(TransportError::NotSent { kind: Broke::Tls, detail: "no_client" })
    }

    /// The client for hosts elsewhere: HTTPS only, each certificate judged.
    fn remote_builder(&self, judges: Judges) -> Option<ClientBuilder> {
        let tls = tls::client_config(judges, self.trust()).ok()?;
        Some(self.builder().https_only(true).tls_backend_preconfigured(tls))
    }

    /// Tells the trust what is about to leave, and where to. The guard, where the request needs one, lasts as
    /// long as the request.
    fn announce(&self, request: &mut http::Request<Bytes>) -> Result<Option<Hold>, TransportError> {
        let is_marked = request.extensions_mut().remove::<PublicRootOnly>().is_some();
        if is_loopback(request.uri()) {
            return Ok(None);
        }
        let host = request.uri().host().unwrap_or_default();
        self.trust.ask(host);
        if !is_marked {
            return Ok(None);
        }
        let refusal = TransportError::NotSent { kind: Broke::Tls, detail: INSPECTED };
        self.trust.hold(host).map(Some).ok_or(refusal)
    }

    /// What both clients share. A pooled connection that turns out dead before anything was written on it is
    /// replaced by hyper; everything else, HTTP/2 refusals included, comes back to us.
    fn builder(&self) -> ClientBuilder {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .user_agent(concat!("oathctl/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .pool_idle_timeout(POOL_IDLE)
            .connect_timeout(self.connect_timeout)
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(
        &self,
        mut request: http::Request<Bytes>,
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let client = self.client_for(request.uri())?;
        let _hold = self.announce(&mut request)?;
        let mut request = reqwest::Request::try_from(request)
            .map_err(|_| TransportError::NotSent { kind: Broke::Request, detail: "" })?;
        *request.timeout_mut() = Some(timeout);
        let reply = client.execute(request).await.map_err(|error| classify(&error))?;
        read_whole(reply).await
    }

    fn inspected(&self) -> Option<String> {
        self.trust.inspected()
    }
}

/// Collects the body, up to [`MAX_REPLY`].
async fn read_whole(mut reply: reqwest::Response) -> Result<http::Response<Bytes>, TransportError> {
    let mut body = BytesMut::new();
    while let Some(part) = reply.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + part.len() > MAX_REPLY {
            return Err(TransportError::Lost { kind: Broke::TooLarge, detail: "" });
        }
        body.extend_from_slice(&part);
    }
    let mut whole = http::Response::new(body.freeze());
    *whole.status_mut() = reply.status();
    *whole.headers_mut() = std::mem::take(reply.headers_mut());
    Ok(whole)
}

/// Everything up to a standing connection is "not sent"; all the rest may have left.
fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_builder() {
        return TransportError::NotSent { kind: Broke::Request, detail: "" };
    }
    if !error.is_connect() {
        return lost(error);
    }
    let (kind, detail) = if error.is_dns() {
        (Broke::Dns, "")
    } else if let Some(detail) = chain(error).find_map(tls_word) {
        (Broke::Tls, detail)
    } else if chain(error).any(is_tunnel) {
        (Broke::Proxy, "")
    } else if error.is_timeout() {
        (Broke::Timeout, "connect")
    } else {
        (Broke::Connect, chain(error).find_map(io_word).unwrap_or(""))
    };
    TransportError::NotSent { kind, detail }
}

fn lost(error: &reqwest::Error) -> TransportError {
    let kind = if error.is_timeout() { Broke::Timeout } else { Broke::Reset };
    TransportError::Lost { kind, detail: "" }
}

/// An error and its causes; an I/O error's payload is a cause too, which `source` skips.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        let payload = this.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match payload {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => this.source(),
        };
        Some(this)
    })
}

/// A word for a TLS failure; `None` when the error is none.
fn tls_word(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return (io.to_string() == "tls handshake eof").then_some("closed");
    }
    Some(match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::UnknownIssuer => "unknown_issuer",
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "not_valid_yet",
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "wrong_name"
            }
            CertificateError::Revoked => "revoked",
            why if PrivateRoot::is_cause_of(why) => INSPECTED,
            _ => "bad_certificate",
        },
        rustls::Error::InvalidMessage(_) => "not_tls",
        _ => "handshake",
    })
}

/// True for hyper's "tunnel error", whose type is not public: the proxy refused to connect us.
fn is_tunnel(error: &(dyn StdError + 'static)) -> bool {
    let text = error.to_string();
    text.starts_with("tunnel error") || text.starts_with("SOCKS error")
}

fn io_word(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    Some(match error.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionRefused => "refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => "reset",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "no_route",
        _ => return None,
    })
}

/// True for a loopback address written as a number.
fn is_loopback(uri: &http::Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
#[path = "http_reqwest_tests.rs"]
mod tests;
#[cfg(test)]
#[path = "http_reqwest_tls_tests.rs"]
mod tls_tests;
