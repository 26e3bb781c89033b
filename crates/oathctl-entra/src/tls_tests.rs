//! The decision over two judges that say what they are told to, and what is remembered of it.

use super::*;

/// A judge of one opinion.
#[derive(Debug)]
struct Says(bool);

impl ServerCertVerifier for Says {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.0 {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::DecryptError)
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::DecryptError)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        Vec::new()
    }
}

/// What the handshake with `host` comes to. The certificate is unreadable, so its host stands for its issuer.
fn judge(trust: &Trust, host: &str, system: bool, public: bool) -> Result<(), Error> {
    let judges = Judges { system: Arc::new(Says(system)), public: Arc::new(Says(public)) };
    let verifier = Verifier { judges, trust: trust.clone() };
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let certificate = CertificateDer::from(vec![0_u8]);
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_800_000_000));
    verifier.verify_server_cert(&certificate, &[], &name, &[], now).map(|_| ())
}

fn asked(hosts: &[&str]) -> Trust {
    let trust = Trust::default();
    for host in hosts {
        trust.ask(host);
    }
    trust
}

#[test]
fn h20_a_public_chain_passes_and_nothing_is_noted() {
    let trust = asked(&["graph.example"]);
    assert_eq!(judge(&trust, "graph.example", true, true), Ok(()));
    assert_eq!(trust.inspected(), None);
    let _hold = trust.hold("graph.example").unwrap();
    assert_eq!(judge(&trust, "graph.example", true, true), Ok(()));
}

#[test]
fn h20_the_system_has_the_first_and_last_word() {
    for public in [true, false] {
        let trust = asked(&["graph.example"]);
        let refusal = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(judge(&trust, "graph.example", false, public), Err(refusal));
        assert_eq!(trust.inspected(), None, "no connection, nobody reads along");
    }
}

#[test]
fn h20_a_private_chain_passes_and_is_noted_for_good() {
    let trust = asked(&["graph.example"]);
    assert_eq!(judge(&trust, "Graph.Example", true, false), Ok(()));
    assert_eq!(trust.clone().inspected().as_deref(), Some("Graph.Example"));
    assert_eq!(judge(&trust, "graph.example", true, true), Ok(()));
    assert!(trust.inspected().is_some());
    assert!(trust.hold("graph.example").is_none());
}

#[test]
fn h20_a_private_chain_does_not_pass_while_a_seed_is_on_its_way() {
    let trust = asked(&["graph.example"]);
    let (first, second) = (trust.hold("graph.example"), trust.hold("GRAPH.example."));
    drop(first);
    let Err(Error::InvalidCertificate(why)) = judge(&trust, "graph.example", true, false) else {
        panic!("it passed");
    };
    assert!(PrivateRoot::is_cause_of(&why));
    assert!(trust.inspected().is_some());
    drop(second);
    assert_eq!(judge(&trust, "graph.example", true, false), Ok(()), "reads go on");
}

#[test]
fn h20_the_certificate_of_the_proxy_itself_is_no_inspection() {
    let trust = asked(&["graph.example"]);
    let _hold = trust.hold("graph.example").unwrap();
    assert_eq!(judge(&trust, "proxy.corp.example", true, false), Ok(()));
    assert_eq!(trust.inspected(), None);
}

#[test]
fn hosts_have_one_spelling() {
    for (one, other) in [("Graph.Example.", "graph.example"), ("[::1]", "0:0::1"), ("10.0.0.1", "10.0.0.1")] {
        assert_eq!(key(one), key(other));
    }
}

#[test]
fn h20_microsofts_roots_are_on_the_list() {
    let judges = Judges { system: Arc::new(Says(true)), public: Arc::new(Says(true)) };
    let config = client_config(judges, Trust::default()).unwrap();
    assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    // DigiCert Global Root G2, of the chains listed for Microsoft's services:
    // <https://learn.microsoft.com/en-us/azure/security/fundamentals/azure-certificate-authority-details>
    let has = |words: &str| {
        webpki_roots::TLS_SERVER_ROOTS
            .iter()
            .any(|root| root.subject.as_ref().windows(words.len()).any(|part| part == words.as_bytes()))
    };
    assert!(has("DigiCert Global Root G2"));
    assert!(!has("Nobody's Root"));
}
