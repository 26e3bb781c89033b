//! Deepnet DualShield XML: a header with everything the tokens share, then serials and seeds.
//!
//! Owns: these elements. The encrypted form is not described anywhere and refused by name. Does not own: XML itself
//! ([`crate::xml`]).

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use oathctl_core::table::SourceId;

use super::row::Row;
use crate::cells::shown::shown;
use crate::options::SeedEncoding;
use crate::session::Session;
use crate::xml::{Damage, Element, Xml};

/// What the header says for every token, unless the token says it of itself.
const SHARED: [(&[&str], Field); 6] = [
    (&["manufacturerCode"], Field::Manufacturer),
    (&["productCode"], Field::Model),
    (&["digits"], Field::Digits),
    (&["crypto"], Field::Hash),
    (&["timeWindow"], Field::Period),
    (&["counter"], Field::Counter),
];

/// Reads a list.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "Deepnet DualShield XML", "content", true);
    let source = session.builder.source(origin.clone());
    match tokens(text, source, session) {
        Ok(()) => {}
        Err(End::Damaged(damage)) => {
            session.builder.fault(Severity::Error, damage.reason(), damage.place(origin), None);
        }
        Err(End::Refused(reason)) => session.refuse(origin, reason),
    }
}

enum End {
    Damaged(Damage),
    Refused(Reason),
}

impl From<Damage> for End {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

fn tokens(text: &str, source: SourceId, session: &mut Session<'_>) -> Result<(), End> {
    let (mut xml, root) = Xml::open(text)?;
    let mut header: Option<(Element<'_>, SeedEncoding)> = None;
    let (mut n, mut before) = (0, 0);
    while let Some(head) = xml.next()? {
        match head.name {
            "header" => {
                let mut element = xml.whole(head)?;
                // Two headers of the same tokens are one: where they disagree, each row says so.
                if let Some((earlier, _)) = header.take().filter(|_| n == before) {
                    element.children.extend(earlier.children);
                }
                let encoding = encoding(&element, session)?;
                header = Some((element, encoding));
                before = n;
            }
            "tokens" => {
                let Some((header, encoding)) = &header else { break };
                xml.enter(&head);
                while let Some(head) = xml.next()? {
                    if head.name == "token" {
                        n += 1;
                        let token = xml.whole(head)?;
                        let path = format!("/{}/tokens/token[{n}]", root.name);
                        row(&token, header, *encoding, path).push(source, session);
                    }
                }
            }
            _ => {}
        }
    }
    let nothing = Reason::NoSeeds { format: "Deepnet DualShield XML".into() };
    if n == 0 { Err(End::Refused(nothing)) } else { Ok(()) }
}

/// How the seeds are spelled, if they are not encrypted.
fn encoding(header: &Element<'_>, session: &mut Session<'_>) -> Result<SeedEncoding, End> {
    let mut encrypt = header.children.iter().filter(|child| child.name == "encrypt").map(Element::text);
    if let Some(encrypt) = encrypt.find(|text| !text.is_empty() && !text.eq_ignore_ascii_case("none")) {
        return Err(End::Refused(Reason::WrappingUnsupported {
            what: format!("DualShield {}", shown(encrypt)),
        }));
    }
    let stated = header.text_of("encode");
    let encoding = stated.map_or(Some(SeedEncoding::Hex), SeedEncoding::parse);
    let Some(encoding) = session.options.secret_encoding.or(encoding) else {
        return Err(End::Refused(Reason::SeedEncodingUndecidable { rows: 0 }));
    };
    let why = match (session.options.secret_encoding, stated) {
        (Some(_), _) => "stated_by_flag",
        (None, Some(_)) => "stated_by_file",
        (None, None) => "definition",
    };
    session.builder.decision("seed_encoding", encoding.word(), why, true);
    Ok(encoding)
}

fn row(token: &Element<'_>, header: &Element<'_>, encoding: SeedEncoding, path: String) -> Row {
    // What a token says of itself stands above the header.
    let of = |name: &str| token.text_of(name).or(header.text_of(name)).unwrap_or("").to_owned();
    let mut row = Row::at_path(token.line, path);
    row.doubled_in(token, &[(&["serial"], Field::Serial), (&["seed"], Field::Seed)]);
    row.doubled_in(header, &[(&["encode"], Field::Seed)]);
    for shared in SHARED {
        // A header may disagree with itself about what the token says.
        let said = shared.0.iter().any(|name| token.text_of(name).is_some());
        row.doubled_in(if said { token } else { header }, &[shared]);
    }
    row.serial(token.text_of("serial").unwrap_or(""));
    row.manufacturer(&of("manufacturerCode"));
    row.model(&of("productCode"));
    row.digits(&of("digits"));
    row.hash(&of("crypto"));
    let window = of("timeWindow");
    // Without a step, or with one of zero seconds, it counts events.
    if window.is_empty() || window == "0" {
        row.kind = Some(oathctl_core::token::OtpKind::Hotp);
        row.counter(&of("counter"));
    } else {
        row.period(&window);
    }
    row.seed(token.text_of("seed").unwrap_or(""), encoding);
    row
}
