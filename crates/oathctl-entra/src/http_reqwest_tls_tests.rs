//! The real transport against a TLS server with certificates of its own making: who is believed, who is noted,
//! and what does not leave.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::tls::{over_roots, provider};

const PLENTY: Duration = Duration::from_secs(30);
const HOST: &str = "graph.example";

/// A root of our own, and a chain for one host under it.
struct Authority {
    root: CertificateDer<'static>,
    leaf: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    fn new(host: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test Inspection CA");
        params.distinguished_name.push(DnType::OrganizationName, "Example\u{202e} Ltd");
        let root_key = KeyPair::generate().unwrap();
        let root = params.self_signed(&root_key).unwrap().der().clone();
        let issuer = Issuer::new(params, root_key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        Self { root, leaf: leaf.der().clone(), key }
    }

    /// The system's store with this root added to it.
    fn in_the_system(&self) -> Arc<dyn ServerCertVerifier> {
        let roots = [self.root.clone()];
        Arc::new(rustls_platform_verifier::Verifier::new_with_extra_roots(roots, provider()).unwrap())
    }

    /// A list of public roots with this one on it.
    fn as_public(&self) -> Arc<dyn ServerCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        over_roots(roots, provider()).unwrap()
    }
}

/// What a server has seen.
#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    /// What arrived, request by request.
    texts: Mutex<Vec<Vec<u8>>>,
}

/// A server with this chain that answers every request with 204 and speaks `protocols`.
async fn server(authority: &Authority, protocols: &[&str]) -> (SocketAddr, Arc<Seen>) {
    let key = PrivateKeyDer::Pkcs8(authority.key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![authority.leaf.clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Seen::default()));
    let noted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, noted) = (acceptor.clone(), Arc::clone(&noted));
            tokio::spawn(async move {
                let Ok(mut socket) = acceptor.accept(socket).await else { return };
                let mut part = [0; 4096];
                // The requests of these tests arrive whole: they are smaller than a TLS record.
                while let Ok(read @ 1..) = socket.read(&mut part).await {
                    noted.texts.lock().unwrap().push(part[..read].to_vec());
                    noted.requests.fetch_add(1, Ordering::SeqCst);
                    let _ = socket.write_all(b"HTTP/1.1 204 No\r\n\r\n").await;
                }
            });
        }
    });
    (address, seen)
}

/// A transport that finds [`HOST`] at `address`, with these judges.
fn transport(address: SocketAddr, judges: Judges) -> HttpTransport {
    let transport = HttpTransport::new(PLENTY);
    let builder = transport.remote_builder(judges).unwrap().no_proxy().resolve(HOST, address);
    transport.remote.set(Some(builder.build().unwrap())).unwrap();
    transport
}

fn get(address: SocketAddr) -> http::Request<Bytes> {
    http::Request::get(format!("https://{HOST}:{}/x", address.port())).body(Bytes::new()).unwrap()
}

/// A request with a seed.
fn confidential(address: SocketAddr) -> http::Request<Bytes> {
    let mut request = get(address);
    request.extensions_mut().insert(PublicRootOnly);
    request
}

async fn send(transport: &HttpTransport, request: http::Request<Bytes>) -> Result<u16, TransportError> {
    transport.send(request, PLENTY).await.map(|reply| reply.status().as_u16())
}

const KEPT_BACK: Result<u16, TransportError> =
    Err(TransportError::NotSent { kind: Broke::Tls, detail: INSPECTED });

/// The list of public roots is the real one.
fn privately(authority: &Authority) -> Judges {
    Judges { system: authority.in_the_system(), ..Judges::of_this_system().unwrap() }
}

#[tokio::test]
async fn h20_a_certificate_the_system_does_not_know_is_not_sent() {
    let authority = Authority::new(HOST);
    let (address, seen) = server(&authority, &[]).await;
    let transport = transport(address, Judges::of_this_system().unwrap());
    let refused = Err(TransportError::NotSent { kind: Broke::Tls, detail: "unknown_issuer" });
    assert_eq!(send(&transport, get(address)).await, refused);
    assert_eq!(transport.inspected(), None);
    assert_eq!(seen.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn h20_a_known_root_does_not_excuse_the_wrong_name() {
    let authority = Authority::new("other.example");
    let (address, _) = server(&authority, &[]).await;
    let transport = transport(address, privately(&authority));
    let refused = Err(TransportError::NotSent { kind: Broke::Tls, detail: "wrong_name" });
    assert_eq!(send(&transport, get(address)).await, refused);
}

#[tokio::test]
async fn h20_a_private_root_works_and_is_told() {
    let authority = Authority::new(HOST);
    let (address, seen) = server(&authority, &[]).await;
    let transport = transport(address, privately(&authority));
    let trust = transport.trust();
    assert_eq!(trust.inspected(), None);
    assert_eq!(send(&transport, get(address)).await, Ok(204));
    assert_eq!(trust.inspected().as_deref(), Some("Test Inspection CA, Example Ltd"));
    assert_eq!(send(&transport, confidential(address)).await, KEPT_BACK);
    assert_eq!(send(&transport, get(address)).await, Ok(204), "the rest goes on");
    assert_eq!(seen.requests.load(Ordering::SeqCst), 2);
}

/// Nothing is known before the first handshake, and that one is the request's own.
#[tokio::test]
async fn h20_a_seed_that_would_open_the_connection_stays_here() {
    let authority = Authority::new(HOST);
    let (address, seen) = server(&authority, &[]).await;
    let transport = transport(address, privately(&authority));
    assert_eq!(send(&transport, confidential(address)).await, KEPT_BACK);
    assert!(transport.inspected().is_some());
    assert_eq!(send(&transport, confidential(address)).await, KEPT_BACK);
    assert_eq!(seen.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn h20_over_a_public_root_seeds_leave() {
    let authority = Authority::new(HOST);
    let (address, seen) = server(&authority, &[]).await;
    let judges = Judges { system: authority.in_the_system(), public: authority.as_public() };
    let transport = transport(address, judges);
    assert_eq!(send(&transport, confidential(address)).await, Ok(204));
    assert_eq!(transport.inspected(), None);
    assert_eq!(seen.requests.load(Ordering::SeqCst), 1);
}

/// The server agrees to HTTP/2 and then does not speak it; how the client begins is enough.
#[tokio::test]
async fn http_2_is_spoken_where_the_server_knows_it() {
    let authority = Authority::new(HOST);
    for (protocols, begins) in
        [(["h2", "http/1.1"], b"PRI * HTTP/2.0".as_slice()), (["http/1.1", "h3"], b"GET /x HTTP/1.1")]
    {
        let (address, seen) = server(&authority, &protocols).await;
        let judges = Judges { system: authority.in_the_system(), public: authority.as_public() };
        let _ = transport(address, judges).send(get(address), PLENTY).await;
        assert!(seen.texts.lock().unwrap()[0].starts_with(begins), "{protocols:?}");
    }
}

/// A tenant's creation from end to end: back end, transport, handshake.
mod creation {
    use oathctl_core::offset::ServerClock;
    use oathctl_core::pace::{Permits, Settings};
    use oathctl_core::seed::{SeedError, SeedKey, SeedSource};
    use oathctl_core::stop::Stop;
    use oathctl_core::tenant::{Create, CreateHow, Reply, TenantWrite};
    use oathctl_core::time::Clock;
    use oathctl_core::token::Hash;

    use super::*;
    use crate::counters::Counters;
    use crate::endpoint::{Cloud, Endpoint};
    use crate::graph::{GraphBackend, GraphParts, GraphSettings};
    use crate::testing::{Counting, TestClock};

    struct Seeds;

    impl SeedSource for Seeds {
        fn with_seed(&self, _: SeedKey, f: &mut dyn FnMut(&[u8])) -> Result<(), SeedError> {
            f(b"12345678901234567890");
            Ok(())
        }
    }

    fn graph(transport: &Arc<HttpTransport>, address: SocketAddr, allow_inspected_tls: bool) -> GraphBackend {
        let (clock, stop) = (TestClock::new() as Arc<dyn Clock>, Stop::new());
        let url = format!("https://{HOST}:{}", address.port());
        GraphBackend::new(GraphParts {
            transport: Arc::clone(transport) as Arc<dyn Transport>,
            credential: Arc::new(Counting::new()),
            endpoint: Endpoint::new(&url, &url, Cloud::Global, Some(HOST)).unwrap(),
            tenant: None,
            permits: Permits::new(Arc::clone(&clock), stop.clone(), &Settings::default()),
            server_clock: Arc::new(ServerClock::new()),
            clock,
            stop,
            counters: Arc::new(Counters::new()),
            settings: GraphSettings { allow_inspected_tls, ..GraphSettings::default() },
        })
    }

    async fn codes_of(graph: &GraphBackend) -> Option<String> {
        let item = Create {
            serial: "sn-1".into(),
            manufacturer: "M".into(),
            model: "X".into(),
            hash: Hash::Sha1,
            period_secs: 30,
            assign_to: None,
            seed: SeedKey(1),
        };
        match graph.create(&[item], CreateHow::Bulk, &Seeds).await.pop().unwrap() {
            Reply::NotSent { remote, .. } | Reply::Refused { remote, .. } => remote.code,
            _ => None,
        }
    }

    #[tokio::test]
    async fn h20_no_seed_leaves_under_inspection_unless_allowed() {
        let authority = Authority::new(HOST);
        let (address, seen) = server(&authority, &[]).await;
        let transport = Arc::new(transport(address, privately(&authority)));
        let refusing = graph(&transport, address, false);
        // Met by the handshake, then by what it has shown.
        assert_eq!(codes_of(&refusing).await.as_deref(), Some("tls_inspected"));
        assert_eq!(codes_of(&refusing).await.as_deref(), Some("tls_inspected"));
        assert_eq!(seen.requests.load(Ordering::SeqCst), 0);
        assert_eq!(codes_of(&graph(&transport, address, true)).await, None);
        assert!(seen.requests.load(Ordering::SeqCst) > 0);
    }
}
