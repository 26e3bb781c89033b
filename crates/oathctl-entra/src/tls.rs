//! Whose certificates we believe, and whether somebody reads along (H20).
//!
//! Owns: the check of a host's certificate and what it found ([`Trust`]). The operating system's store decides
//! whether there is a connection at all, and nothing here can soften that. Mozilla's list then says whether the
//! chain also ends in a *public* root: one that does not belongs to an inspecting proxy, or to an own authority.
//! Does not own: what follows from it. Reads and sign-in go on; a request marked
//! [`PublicRootOnly`](crate::transport::PublicRootOnly) does not leave.

mod issuer;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

/// What the certificates of this process's connections have shown so far. Clones share it. Once a host has come
/// with a private root it counts as inspected until the process ends.
#[derive(Clone, Debug, Default)]
pub struct Trust(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// Hosts that requests were meant for; any other name is a proxy's own.
    asked: BTreeSet<String>,
    /// Hosts whose chain ends in no public root, and who issued their certificate.
    private: BTreeMap<String, String>,
    /// Hosts with requests under way that only a public root may receive, and how many.
    held: BTreeMap<String, usize>,
}

impl Trust {
    /// Who issued the certificate of a host we asked something of, where its chain ends in no public root: a name
    /// as it stands in the certificate, stripped of control characters. `None` while all is public, or unknown
    /// because nothing was asked yet.
    pub fn inspected(&self) -> Option<String> {
        let seen = self.lock();
        seen.private.iter().find(|(host, _)| seen.asked.contains(*host)).map(|(_, issuer)| issuer.clone())
    }

    /// A request is about to go to `host`.
    pub(crate) fn ask(&self, host: &str) {
        self.lock().asked.insert(key(host));
    }

    /// Until the guard is dropped, no connection to `host` comes about whose chain ends in no public root. `None`
    /// when there may be such a connection already.
    pub(crate) fn hold(&self, host: &str) -> Option<Hold> {
        let (trust, host) = (self.clone(), key(host));
        {
            let mut seen = self.lock();
            if seen.private.contains_key(&host) {
                return None;
            }
            *seen.held.entry(host.clone()).or_default() += 1;
        }
        Some(Hold { trust, host })
    }

    /// A chain of `host` ends in no public root. The error: there must be no connection to it now. Judging and
    /// noting are one step, so that no request slips between them.
    fn private_root(&self, host: &str, issuer: String) -> Result<(), PrivateRoot> {
        let host = key(host);
        let mut seen = self.lock();
        let is_held = seen.held.contains_key(&host);
        seen.private.insert(host, issuer);
        if is_held { Err(PrivateRoot) } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Trust::hold`].
pub(crate) struct Hold {
    trust: Trust,
    host: String,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut seen = self.trust.lock();
        if let Some(count) = seen.held.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                seen.held.remove(&self.host);
            }
        }
    }
}

/// A host in one spelling, whether it comes from a URL or from the handshake.
fn key(host: &str) -> String {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(ip) => ip.to_string(),
        Err(_) => bare.trim_end_matches('.').to_ascii_lowercase(),
    }
}

/// The handshake was given up because the chain ends in no public root and the request needs one.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("private root")]
pub(crate) struct PrivateRoot;

impl PrivateRoot {
    /// True when this is why a certificate was not accepted.
    pub(crate) fn is_cause_of(why: &CertificateError) -> bool {
        matches!(why, CertificateError::Other(OtherError(other)) if other.is::<Self>())
    }
}

impl From<PrivateRoot> for Error {
    fn from(why: PrivateRoot) -> Self {
        Self::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(why))))
    }
}

/// The two judges of a chain.
#[derive(Clone, Debug)]
pub(crate) struct Judges {
    /// Decides whether there is a connection.
    pub(crate) system: Arc<dyn ServerCertVerifier>,
    /// Decides whether the root is a public one.
    pub(crate) public: Arc<dyn ServerCertVerifier>,
}

impl Judges {
    /// The operating system's store, and Mozilla's list as this build carries it.
    ///
    /// # Errors
    /// The system's store cannot be read or is empty.
    pub(crate) fn of_this_system() -> Result<Self, Error> {
        let provider = provider();
        let public = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Ok(Self {
            system: Arc::new(rustls_platform_verifier::Verifier::new(Arc::clone(&provider))?),
            public: over_roots(public, provider)?,
        })
    }
}

/// A judge that knows exactly these roots.
pub(crate) fn over_roots(
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    match WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build() {
        Ok(judge) => Ok(judge),
        Err(why) => Err(Error::Other(OtherError(Arc::new(why)))),
    }
}

/// What does our cryptography for TLS.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// How we speak TLS to hosts elsewhere: TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1, no key log.
///
/// # Errors
/// The provider lacks what those versions need.
pub(crate) fn client_config(judges: Judges, trust: Trust) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { judges, trust }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Never more lenient than the system: all it adds is a note, or a refusal.
#[derive(Debug)]
struct Verifier {
    judges: Judges,
    trust: Trust,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ask = |judge: &dyn ServerCertVerifier| {
            judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let verified = ask(&*self.judges.system)?;
        // Whatever the list's judge objects to, the root is not known to be public.
        if ask(&*self.judges.public).is_err() {
            let host = server_name.to_str();
            let issuer = issuer::name(end_entity).unwrap_or_else(|| host.clone().into_owned());
            self.trust.private_root(&host, issuer)?;
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judges.system.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judges.system.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judges.system.supported_verify_schemes()
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
