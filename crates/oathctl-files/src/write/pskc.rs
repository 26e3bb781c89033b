//! PSKC (RFC 6030): plain, or with every seed encrypted by a key that a passphrase gives (figure 7 of the RFC).
//!
//! Owns: the document, its encryption and its check values. Does not own: reading it ([`crate::pskc`]).
//! A person is not written: the `UserId` of the RFC is a distinguished name, which a user principal name is not.

use data_encoding::BASE64;
use oathctl_core::reason::Reason;
use oathctl_core::token::Hash;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use zeroize::Zeroizing;

mod lock;

pub use lock::{PskcCipher, PskcLock};

use self::lock::Locker;
use super::random::Random;
use super::sink::{Sink, spelled};
use super::token::Token;

/// Writes the whole container.
pub(super) fn write(
    tokens: &[Token<'_>],
    lock: Option<(&PskcLock, &dyn Random)>,
    out: &mut Sink,
) -> Result<(), Reason> {
    let locker = lock.map(|(lock, random)| Locker::new(lock, random)).transpose()?;
    let mut xml = Xml(Writer::new_with_indent(out, b' ', 1));
    xml.declaration()?;
    xml.open("KeyContainer", NAMESPACES)?;
    if let Some(locker) = &locker {
        locker.write_head(&mut xml)?;
    }
    for (n, token) in tokens.iter().enumerate() {
        package(&mut xml, n, token, locker.as_ref())?;
    }
    xml.close("KeyContainer")?;
    xml.event(Event::Text(BytesText::from_escaped("\n")))
}

/// RFC 6030 §4.1, XML encryption 1.1 and PKCS #5.
const NAMESPACES: &[(&str, &str)] = &[
    ("Version", "1.0"),
    ("xmlns", "urn:ietf:params:xml:ns:keyprov:pskc"),
    ("xmlns:pkcs5", "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#"),
    ("xmlns:xenc", "http://www.w3.org/2001/04/xmlenc#"),
    ("xmlns:xenc11", "http://www.w3.org/2009/xmlenc11#"),
];

fn package(
    xml: &mut Xml<'_>,
    number: usize,
    token: &Token<'_>,
    locker: Option<&Locker<'_>>,
) -> Result<(), Reason> {
    let row = token.row;
    xml.open("KeyPackage", &[])?;
    xml.open("DeviceInfo", &[])?;
    for (name, text) in
        [("Manufacturer", row.manufacturer()), ("SerialNo", row.serial()), ("Model", row.model())]
    {
        if !text.is_empty() {
            xml.leaf(name, &[], text)?;
        }
    }
    xml.close("DeviceInfo")?;
    let id = row.key_id().filter(|id| !id.chars().any(char::is_control)).map_or_else(
        // Ids are unique in a container, serials need not be.
        || format!("{}-{}", row.serial(), number + 1),
        str::to_owned,
    );
    let algorithm = format!("urn:ietf:params:xml:ns:keyprov:pskc:{}", token.kind_word());
    xml.open("Key", &[("Id", &id), ("Algorithm", &algorithm)])?;
    xml.open("AlgorithmParameters", &[])?;
    // Stated always, so that nobody has to guess it from the length of the seed.
    xml.leaf("Suite", &[], suite(token.hash))?;
    xml.empty("ResponseFormat", &[("Length", &token.digits.to_string()), ("Encoding", "DECIMAL")])?;
    xml.close("AlgorithmParameters")?;
    data(xml, token, locker)?;
    xml.close("Key")?;
    xml.close("KeyPackage")
}

const fn suite(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "HMAC-SHA1",
        Hash::Sha256 => "HMAC-SHA256",
        Hash::Sha512 => "HMAC-SHA512",
    }
}

fn data(xml: &mut Xml<'_>, token: &Token<'_>, locker: Option<&Locker<'_>>) -> Result<(), Reason> {
    xml.open("Data", &[])?;
    xml.open("Secret", &[])?;
    match locker {
        Some(locker) => locker.write_seed(xml, token.expose_seed())?,
        None => xml.secret("PlainValue", &spelled(&BASE64, token.expose_seed()))?,
    }
    xml.close("Secret")?;
    if token.is_totp() {
        value(xml, "Time", 0)?;
        value(xml, "TimeInterval", u64::from(token.period_secs))?;
    } else {
        value(xml, "Counter", token.counter)?;
    }
    xml.close("Data")
}

fn value(xml: &mut Xml<'_>, name: &str, number: u64) -> Result<(), Reason> {
    xml.open(name, &[])?;
    xml.leaf("PlainValue", &[], &number.to_string())?;
    xml.close(name)
}

/// A few words for the writer of the library.
pub(super) struct Xml<'o>(Writer<&'o mut Sink>);

impl Xml<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), Reason> {
        self.0.write_event(event).map_err(|_| Reason::OwnFault { what: "writing XML".into() })
    }

    fn declaration(&mut self) -> Result<(), Reason> {
        self.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), Reason> {
        self.event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    pub(super) fn close(&mut self, name: &str) -> Result<(), Reason> {
        self.event(Event::End(BytesEnd::new(name)))
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Result<(), Reason> {
        self.event(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    pub(super) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> Result<(), Reason> {
        self.open(name, attributes)?;
        self.event(Event::Text(BytesText::new(text)))?;
        self.close(name)
    }

    /// Base64 has nothing to escape, so the library makes no copy of it.
    pub(super) fn secret(&mut self, name: &str, text: &Zeroizing<String>) -> Result<(), Reason> {
        self.open(name, &[])?;
        self.event(Event::Text(BytesText::from_escaped(text.as_str())))?;
        self.close(name)
    }
}
