//! The examples of RFC 6030, figures 2 to 10, and what they hold by the RFC's own words.

use oathctl_core::token::OtpKind;

use crate::pskc_support::{Ring, read_pskc};
use crate::support::{errors, fault, hex, remarks};

/// `12345678901234567890`, the seed of nearly all figures.
const SEED: &str = "3132333435363738393031323334353637383930";

fn package(serial: &str, key: &str) -> String {
    format!(
        "  <KeyPackage>\n    <DeviceInfo>\n      <Manufacturer>TokenVendorAcme</Manufacturer>\n      \
         <SerialNo>{serial}</SerialNo>\n    </DeviceInfo>\n    <CryptoModuleInfo>\n      <Id>CM_ID_001</Id>\n    \
         </CryptoModuleInfo>\n{key}  </KeyPackage>\n"
    )
}

fn container(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<KeyContainer Version=\"1.0\" Id=\"exampleID1\"\n  \
         xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"\n  xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"\n  \
         xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">\n{inner}</KeyContainer>\n"
    )
}

fn key(id: &str, length: u8, inner: &str) -> String {
    format!(
        "    <Key Id=\"{id}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:hotp\">\n      <Issuer>Issuer</Issuer>\n      \
         <AlgorithmParameters>\n        <ResponseFormat Length=\"{length}\" Encoding=\"DECIMAL\"/>\n      \
         </AlgorithmParameters>\n{inner}    </Key>\n"
    )
}

const PLAIN: &str = "      <Data>\n        <Secret>\n          <PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\n          \
                     </PlainValue>\n        </Secret>\n        <Counter>\n          <PlainValue>0</PlainValue>\n        \
                     </Counter>\n      </Data>\n";

#[test]
fn figure_2_a_key_and_nothing_else() {
    let text = container(
        "  <KeyPackage>\n    <Key Id=\"12345678\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:hotp\">\n      \
         <Issuer>Issuer-A</Issuer>\n      <Data>\n        <Secret>\n          <PlainValue>MTIzNA==\n          \
         </PlainValue>\n        </Secret>\n      </Data>\n    </Key>\n  </KeyPackage>\n",
    );
    let table = read_pskc(&text, &mut Ring::default());
    let row = table.rows().next().unwrap();
    assert_eq!((row.serial(), row.key_id(), row.kind()), ("12345678", Some("12345678"), OtpKind::Hotp));
    assert_eq!((hex(row).as_str(), row.digits(), row.counter()), ("31323334", Some(6), None));
    assert_eq!(remarks(&table), ["parameter_defaulted", "parameter_defaulted"]);
}

#[test]
fn figure_3_supplementary_data() {
    let person = "      <UserId>UID=jsmith,DC=example-bank,DC=net</UserId>\n";
    let text = container(&package("987654321", &key("12345678", 8, &format!("{PLAIN}{person}"))));
    let table = read_pskc(&text, &mut Ring::default());
    let row = table.rows().next().unwrap();
    assert_eq!((row.serial(), row.manufacturer(), hex(row).as_str()), ("987654321", "TokenVendorAcme", SEED));
    assert_eq!((row.digits(), row.counter(), row.upn()), (Some(8), Some(0), None));
    let hint = serde_json::to_value(&fault(&table, "person_hinted").reason).unwrap();
    assert_eq!(hint["shown"], "UID=jsmith,DC=example-bank,DC=net");
    let place = &fault(&table, "person_hinted").place;
    assert_eq!(place.path.as_deref(), Some("/KeyContainer/KeyPackage[1]/Key[1]"));
    assert_eq!(place.line, Some(14));
}

#[test]
fn figure_4_a_seed_derived_elsewhere() {
    let inner = "      <KeyProfileId>keyProfile1</KeyProfileId>\n      <KeyReference>MasterKeyLabel\n      </KeyReference>\n      \
                 <Data>\n        <Counter>\n          <PlainValue>0</PlainValue>\n        </Counter>\n      </Data>\n      \
                 <Policy>\n        <KeyUsage>OTP</KeyUsage>\n      </Policy>\n";
    let table =
        read_pskc(&container(&package("987654321", &key("12345678", 8, inner))), &mut Ring::default());
    assert_eq!(errors(&table), [("seed_not_in_file", Some(14), None)]);
    assert_eq!(table.len(), 1);
}

#[test]
fn figure_5_the_pin_is_no_token() {
    let policy = "      <Policy>\n        <PINPolicy MinLength=\"4\" MaxLength=\"4\" PINKeyId=\"123456781\" \
                  PINEncoding=\"DECIMAL\" PINUsageMode=\"Local\"/>\n        <KeyUsage>OTP</KeyUsage>\n      </Policy>\n";
    let pin = "    <Key Id=\"123456781\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:pin\">\n      \
               <Issuer>Issuer</Issuer>\n      <AlgorithmParameters>\n        <ResponseFormat Length=\"4\" \
               Encoding=\"DECIMAL\"/>\n      </AlgorithmParameters>\n      <Data>\n        <Secret>\n          \
               <PlainValue>MTIzNA==</PlainValue>\n        </Secret>\n      </Data>\n    </Key>\n";
    let token = package("987654321", &key("12345678", 8, &format!("{PLAIN}{policy}")));
    let table = read_pskc(&container(&format!("{token}{}", package("987654321", pin))), &mut Ring::default());
    assert_eq!(table.rows().map(hex).collect::<Vec<_>>(), [SEED]);
    assert_eq!(errors(&table), []);
    // The algorithm need not say so: the reference to it does.
    let other = pin.replace(":pin\"", ":hotp\"");
    let table =
        read_pskc(&container(&format!("{token}{}", package("987654321", &other))), &mut Ring::default());
    assert_eq!(table.len(), 1);
}

fn figure_6() -> String {
    let head = "  <EncryptionKey>\n    <ds:KeyName>Pre-shared-key</ds:KeyName>\n  </EncryptionKey>\n  <MACMethod \
        Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\">\n    <MACKey>\n      <xenc:EncryptionMethod\n        \
        Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>\n      <xenc:CipherData>\n        \
        <xenc:CipherValue>\n    ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX\n        \
        </xenc:CipherValue>\n      </xenc:CipherData>\n    </MACKey>\n  </MACMethod>\n";
    let data = "      <Data>\n        <Secret>\n          <EncryptedValue>\n            <xenc:EncryptionMethod\n              \
        Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>\n            <xenc:CipherData>\n              \
        <xenc:CipherValue>\n    AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv\n              \
        </xenc:CipherValue>\n            </xenc:CipherData>\n          </EncryptedValue>\n          \
        <ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=\n          </ValueMAC>\n        </Secret>\n        <Counter>\n          \
        <PlainValue>0</PlainValue>\n        </Counter>\n      </Data>\n";
    container(&format!("{head}{}", package("987654321", &key("12345678", 8, data))))
}

#[test]
fn figure_6_a_pre_shared_key() {
    for spelling in ["12345678901234567890123456789012", "12 34 56 78 90 12 34 56 78 90 12 34 56 78 90 12\n"]
    {
        let table = read_pskc(&figure_6(), &mut Ring::psk(spelling));
        assert_eq!(table.rows().map(hex).collect::<Vec<_>>(), [SEED]);
        assert_eq!(errors(&table), []);
    }
    let table = read_pskc(&figure_6(), &mut Ring::default());
    let reason = serde_json::to_value(&fault(&table, "key_needed").reason).unwrap();
    assert_eq!(reason["recipients"], serde_json::json!(["Pre-shared-key"]));
    let table = read_pskc(&figure_6(), &mut Ring::psk("12345678901234567890123456789013"));
    assert_eq!(errors(&table), [("key_wrong", None, None)]);
}

#[test]
fn figure_7_a_passphrase() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<pskc:KeyContainer\n  \
        xmlns:pskc=\"urn:ietf:params:xml:ns:keyprov:pskc\"\n  xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\"\n  \
        xmlns:pkcs5=\"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#\"\n  \
        xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" Version=\"1.0\">\n  <pskc:EncryptionKey>\n    \
        <xenc11:DerivedKey>\n      <xenc11:KeyDerivationMethod \
        Algorithm=\"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2\">\n        \
        <pkcs5:PBKDF2-params>\n          <Salt>\n            <Specified>Ej7/PEpyEpw=</Specified>\n          </Salt>\n          \
        <IterationCount>1000</IterationCount>\n          <KeyLength>16</KeyLength>\n          <PRF/>\n        \
        </pkcs5:PBKDF2-params>\n      </xenc11:KeyDerivationMethod>\n      <xenc:ReferenceList>\n        \
        <xenc:DataReference URI=\"#ED\"/>\n      </xenc:ReferenceList>\n      <xenc11:MasterKeyName>My Password \
        1</xenc11:MasterKeyName>\n    </xenc11:DerivedKey>\n  </pskc:EncryptionKey>\n  <pskc:MACMethod \
        Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\">\n    <pskc:MACKey>\n      <xenc:EncryptionMethod \
        Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>\n      <xenc:CipherData>\n        \
        <xenc:CipherValue>\n2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx\n        \
        </xenc:CipherValue>\n      </xenc:CipherData>\n    </pskc:MACKey>\n  </pskc:MACMethod>\n  <pskc:KeyPackage>\n    \
        <pskc:DeviceInfo>\n      <pskc:Manufacturer>TokenVendorAcme</pskc:Manufacturer>\n      \
        <pskc:SerialNo>987654321</pskc:SerialNo>\n    </pskc:DeviceInfo>\n    <pskc:Key \
        Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:hotp\" Id=\"123456\">\n      \
        <pskc:Issuer>Example-Issuer</pskc:Issuer>\n      <pskc:AlgorithmParameters>\n        <pskc:ResponseFormat \
        Length=\"8\" Encoding=\"DECIMAL\"/>\n      </pskc:AlgorithmParameters>\n      <pskc:Data>\n        \
        <pskc:Secret>\n          <pskc:EncryptedValue Id=\"ED\">\n            <xenc:EncryptionMethod \
        Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>\n            <xenc:CipherData>\n              \
        <xenc:CipherValue>\n      oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f\n              \
        </xenc:CipherValue>\n            </xenc:CipherData>\n          </pskc:EncryptedValue>\n          \
        <pskc:ValueMAC>LP6xMvjtypbfT9PdkJhBZ+D6O4w=\n          </pskc:ValueMAC>\n        </pskc:Secret>\n      \
        </pskc:Data>\n    </pskc:Key>\n  </pskc:KeyPackage>\n</pskc:KeyContainer>\n";
    let mut ring = Ring::passphrases(&["azerty", " qwerty\n"]);
    let table = read_pskc(text, &mut ring);
    assert_eq!(table.rows().map(hex).collect::<Vec<_>>(), [SEED], "{:?}", table.faults());
    assert_eq!(ring.hints, [Some("My Password 1".to_owned()), Some("My Password 1".to_owned())]);
    assert_eq!(
        errors(&read_pskc(text, &mut Ring::passphrases(&["azerty"]))),
        [("passphrase_wrong", None, None)]
    );
    assert_eq!(errors(&read_pskc(text, &mut Ring::default())), [("passphrase_needed", None, None)]);
}

/// The RFC gives no private key for it.
#[test]
fn figure_8_a_certificate() {
    let head = "  <EncryptionKey>\n    <ds:X509Data>\n      <ds:X509Certificate>\
        MIIB5zCCAVCgAwIBAgIESZp/vDANBgkqhkiG9w0BAQUFADA4M\nQ0wCwYDVQQKEwRJRVRGMRMwEQYDVQQLEwpLZXlQcm92IFdHMRIwEAYDVQQD\
        EwlQU0tDIF\nRlc3QwHhcNMDkwMjE3MDkxMzMyWhcNMTEwMjE3MDkxMzMyWjA4MQ0wCwYDVQQKEwRJRVR\nGMRMwEQYDVQQLEwpLZXlQcm92IFdH\
        MRIwEAYDVQQDEwlQU0tDIFRlc3QwgZ8wDQYJKoZI\nhvcNAQEBBQADgY0AMIGJAoGBALCWLDa2ItYJ6su80hd1gL4cggQYdyyKK17btt/aS6Q/e\n\
        DsKjsPyFIODsxeKVV/uA3wLT4jQJM5euKJXkDajzGGOy92+ypfzTX4zDJMkh61SZwlHNJ\nxBKilAM5aW7C+BQ0RvCxvdYtzx2LTdB+X/KMEBA7u\
        IYxLfXH2Mnub3WIh1AgMBAAEwDQY\nJKoZIhvcNAQEFBQADgYEAe875m84sYUJ8qPeZ+NG7REgTvlHTmoCdoByU0LBBLotUKuqf\nrnRuXJRMeZX\
        aaEGmzY1kLonVjQGzjAkU4dJ+RPmiDlYuHLZS41Pg6VMwY+03lhk6I5A/w\n4rnqdkmwZX/NgXg06alnc2pBsXWhL4O7nk0S2ZrLMsQZ6HcsXgdm\
        Ho=\n</ds:X509Certificate>\n    </ds:X509Data>\n  </EncryptionKey>\n";
    let data = "      <Data>\n        <Secret>\n          <EncryptedValue>\n            <xenc:EncryptionMethod \
        Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa_1_5\"/>\n            <xenc:CipherData>\n<xenc:CipherValue>\
        hJ+fvpoMPMO9BYpK2rdyQYGIxiATYHTHC7e/sPLKYo5/r1v+4\nxTYG3gJolCWuVMydJ7Ta0GaiBPHcWa8ctCVYmHKfSz5fdeV5nqbZApe6dofT\
        qhRwZK6\nYx4ufevi91cjN2vBpSxYafvN3c3+xIgk0EnTV4iVPRCR0rBwyfFrPc4=\n</xenc:CipherValue>\n            \
        </xenc:CipherData>\n          </EncryptedValue>\n        </Secret>\n        <Counter>\n          \
        <PlainValue>0</PlainValue>\n        </Counter>\n      </Data>\n";
    let text = container(&format!("{head}{}", package("987654321", &key("MBK000000001", 6, data))));
    let table = read_pskc(&text, &mut Ring::default());
    let reason = serde_json::to_value(&fault(&table, "key_needed").reason).unwrap();
    assert_eq!(reason["recipients"], serde_json::json!(["PSKC Test"]));
    let other = include_bytes!("../../../../fixtures/recipient.key.pem").to_vec();
    let table = read_pskc(&text, &mut Ring::file("other.pem", other));
    assert_eq!(errors(&table), [("key_wrong", None, None)]);
}

#[test]
fn figure_9_a_signature() {
    let signature = "  <ds:Signature>\n    <ds:SignedInfo>\n      <ds:CanonicalizationMethod \
        Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>\n      <ds:SignatureMethod \
        Algorithm=\"http://www.w3.org/2000/09/xmldsig#rsa-sha1\"/>\n      <ds:Reference URI=\"#Device\">\n        \
        <ds:DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"/>\n        <ds:DigestValue>\n          \
        j6lwx3rvEPO0vKtMup4NbeVu8nk=\n        </ds:DigestValue>\n      </ds:Reference>\n    </ds:SignedInfo>\n    \
        <ds:SignatureValue>\n      j6lwx3rvEPO0vKtMup4NbeVu8nk=\n    </ds:SignatureValue>\n    <ds:KeyInfo>\n      \
        <ds:X509Data>\n        <ds:X509IssuerSerial>\n          <ds:X509IssuerName>\n            CN=Example.com,C=US\n          \
        </ds:X509IssuerName>\n          <ds:X509SerialNumber>\n            12345678\n          </ds:X509SerialNumber>\n        \
        </ds:X509IssuerSerial>\n      </ds:X509Data>\n    </ds:KeyInfo>\n  </ds:Signature>\n";
    let text = container(&format!("{}{signature}", package("0755225266", &key("123", 6, PLAIN))));
    let table = read_pskc(&text, &mut Ring::default());
    assert_eq!(table.rows().map(hex).collect::<Vec<_>>(), [SEED]);
    assert_eq!(errors(&table), []);
    let signer = serde_json::to_value(&fault(&table, "signature_unverified").reason).unwrap();
    assert_eq!(signer["signer"], "CN=Example.com,C=US");
}

#[test]
fn figure_10_in_bulk() {
    let policy = |month: &str, last: &str| {
        format!(
            "      <Policy>\n        <StartDate>2006-{month}-01T00:00:00Z</StartDate>\n        \
             <ExpiryDate>2006-{month}-{last}T00:00:00Z</ExpiryDate>\n      </Policy>\n"
        )
    };
    let keys = [
        ("654321", "1", policy("05", "31")),
        ("123456", "2", policy("05", "31")),
        ("9999999", "3", policy("03", "31")),
        ("9999999", "4", policy("04", "30")),
    ];
    let packages = keys.map(|(serial, id, policy)| package(serial, &key(id, 8, &format!("{PLAIN}{policy}"))));
    let text = container(&packages.concat());
    let table = read_pskc(&text, &mut Ring::default());
    let rows: Vec<_> = table.rows().map(|row| (row.serial(), row.key_id().unwrap())).collect();
    assert_eq!(rows, [("654321", "1"), ("123456", "2"), ("9999999", "3"), ("9999999", "4")]);
    assert!(table.rows().all(|row| hex(row) == SEED && row.digits() == Some(8) && row.counter() == Some(0)));
    assert_eq!(
        remarks(&table),
        ["parameter_defaulted"],
        "dates are judged only where somebody says what day it is"
    );
}
