//! Verified TLS: a door with a certificate of our making stands before the tests' server, which itself speaks plainly.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use oathctl_core::journal::Journal;
use oathctl_store::{Store, StoreError, StoreLocation};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::both;
use crate::desk::Desk;
use crate::fixture;

/// What a client sends to ask for TLS: <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL>.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A root, as the file that `sslrootcert` names, and a door with a certificate of it for `name`.
async fn door(folder: &Path, name: &str) -> (PathBuf, u16) {
    let (root_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let path = folder.join(format!("{name}.pem"));
    let text = data_encoding::BASE64.encode(root.self_signed(&root_key).unwrap().der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    std::fs::write(&path, pem).unwrap();
    let issuer = Issuer::new(root, root_key);
    let certificate =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = address();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(through(client, acceptor.clone(), server.clone()));
        }
    });
    (path, port)
}

/// `HOST:PORT` of the tests' server.
fn address() -> String {
    let server = both::server().unwrap();
    server.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned()
}

async fn through(mut client: TcpStream, acceptor: TlsAcceptor, server: String) -> Option<()> {
    let mut request = [0; 8];
    client.read_exact(&mut request).await.ok()?;
    if request != SSL_REQUEST {
        return None; // somebody who would go on without
    }
    client.write_all(b"S").await.ok()?;
    let mut inside = acceptor.accept(client).await.ok()?;
    let mut server = TcpStream::connect(server).await.ok()?;
    tokio::io::copy_bidirectional(&mut inside, &mut server).await.ok()?;
    Some(())
}

fn location(desk: &Desk, port: u16, more: &str) -> StoreLocation {
    let text = desk.text().replace(&address(), &format!("127.0.0.1:{port}"));
    StoreLocation::parse(&format!("{text}&sslmode=verify-full{more}")).unwrap()
}

async fn unverified(location: StoreLocation) {
    let error = Store::open(&location).await.unwrap_err();
    assert!(matches!(error, StoreError::Unverified { .. }), "{error:?}");
}

#[tokio::test]
async fn h20_a_server_is_spoken_to_when_its_certificate_is_its_own() {
    let Some(desk) = Desk::postgres() else { return };
    let (root, port) = door(desk.folder.path(), "127.0.0.1").await;
    let store =
        Store::open(&location(&desk, port, &format!("&sslrootcert={}", root.display()))).await.unwrap();
    let store = crate::desk::audited(store, desk.folder.path());
    Journal::open(&store, &fixture::head("r1", 1)).await.unwrap();
    assert_eq!(store.runs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn h20_a_certificate_of_nobody_or_of_somebody_else_is_refused() {
    let Some(desk) = Desk::postgres() else { return };
    let (_, port) = door(desk.folder.path(), "127.0.0.1").await;
    unverified(location(&desk, port, "")).await;
    let (root, _) = door(desk.folder.path(), "localhost").await;
    unverified(location(&desk, port, &format!("&sslrootcert={}", root.display()))).await;
    let (root, port) = door(desk.folder.path(), "db.example").await;
    unverified(location(&desk, port, &format!("&sslrootcert={}", root.display()))).await;
}
