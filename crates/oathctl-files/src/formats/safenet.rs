//! SafeNet (Aladdin) XML: `Tokens/Token@serial/Applications/Application/{Seed, MovingFactor}`.
//!
//! Owns: these elements. Seeds are hex; every token counts events, unless it says how long a step is. The hash is not
//! stated anywhere, and not taken from the length of a seed. Does not own: XML itself ([`crate::xml`]).

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use oathctl_core::table::SourceId;
use oathctl_core::token::OtpKind;

use super::row::Row;
use crate::options::SeedEncoding;
use crate::session::Session;
use crate::xml::{Damage, Element, Xml};

/// What an application says once, and the names it goes by.
const DOUBLED: [(&[&str], Field); 3] = [
    (&["Seed"], Field::Seed),
    (&["TimeInterval", "Interval"], Field::Period),
    (&["MovingFactor"], Field::Counter),
];

/// Reads a list.
pub(super) fn read(origin: &Source, text: &str, session: &mut Session<'_>) {
    session.builder.decision("format", "SafeNet XML", "content", true);
    session.builder.decision("seed_encoding", SeedEncoding::Hex.word(), "definition", true);
    let source = session.builder.source(origin.clone());
    let before = session.builder.len();
    if let Err(damage) = tokens(text, source, session) {
        session.builder.fault(Severity::Error, damage.reason(), damage.place(origin), None);
    } else if session.builder.len() == before {
        session.refuse(origin, Reason::NoSeeds { format: "SafeNet XML".into() });
    }
}

fn tokens(text: &str, source: SourceId, session: &mut Session<'_>) -> Result<(), Damage> {
    let (mut xml, root) = Xml::open(text)?;
    let mut n = 0;
    while let Some(head) = xml.next()? {
        if head.name != "Token" {
            continue;
        }
        n += 1;
        let token = xml.whole(head)?;
        for row in rows(&token, &format!("/{}/Token[{n}]", root.name)) {
            row.push(source, session);
        }
    }
    Ok(())
}

/// One row an application; a token without any is a row without a seed.
fn rows(token: &Element<'_>, path: &str) -> Vec<Row> {
    let lists = token.children.iter().filter(|list| list.name == "Applications");
    let within = lists.flat_map(|list| &list.children);
    let mut applications: Vec<_> = within.filter(|one| one.name == "Application").collect();
    if applications.is_empty() {
        applications.push(token);
    }
    let several = applications.len() > 1;
    let row = |(n, application): (usize, &Element<'_>)| {
        let mut row = Row::at_path(token.line, path.to_owned());
        if several {
            row.key_id(&n.to_string());
        }
        row.serial(token.any_attribute(&["serial", "Serial"]).unwrap_or(""));
        serial_disagrees(&mut row, token);
        row.doubled_in(application, &DOUBLED);
        row.doubled_in(token, &[(&["ProductName"], Field::Model)]);
        row.model(token.text_of("ProductName").or(token.text_of("Model")).unwrap_or(""));
        row.seed(application.text_of("Seed").unwrap_or(""), SeedEncoding::Hex);
        match application.text_of("TimeInterval").or(application.text_of("Interval")) {
            Some(period) => {
                row.kind = Some(OtpKind::Totp);
                row.period(period);
            }
            None => {
                row.kind = Some(OtpKind::Hotp);
                row.counter(application.text_of("MovingFactor").unwrap_or(""));
            }
        }
        row
    };
    (1..).zip(applications).map(row).collect()
}

/// Both spellings of the attribute, with different serials in them.
fn serial_disagrees(row: &mut Row, token: &Element<'_>) {
    let both = token.attribute("serial").zip(token.attribute("Serial"));
    if both.is_some_and(|(one, other)| !one.trim().eq_ignore_ascii_case(other.trim())) {
        row.doubled("attribute", "serial", Some(Field::Serial));
    }
}
