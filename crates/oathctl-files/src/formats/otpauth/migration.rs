//! One `otpauth-migration://offline?data=…`: what an authenticator app shows to move its seeds to another phone.
//!
//! Owns: the message inside, and which parts of an export were met. The message has no field for the step, which is
//! always 30 seconds. Does not own: the wire format ([`super::protobuf`]).

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::{BASE64_NOPAD, Encoding};
use oathctl_core::place::Field;
use oathctl_core::reason::Reason;
use oathctl_core::table::SourceId;
use oathctl_core::token::OtpKind;
use zeroize::Zeroizing;

use super::percent::decode;
use super::protobuf::{Fields, Malformed, Value};
use crate::formats::label;
use crate::formats::row::Row;
use crate::session::Session;

/// Seconds per step of every token in such a link.
const PERIOD: u32 = 30;

/// Parts met and parts there are, by export.
#[derive(Default)]
pub(super) struct Batches(BTreeMap<u64, (BTreeSet<u64>, u64)>);

impl Batches {
    fn met(&mut self, message: &Message<'_>) {
        let (parts, of) = self.0.entry(message.batch_id).or_default();
        parts.insert(message.batch_index);
        *of = (*of).max(message.batch_size);
    }

    /// Parts met and parts there are, of every export that is not whole.
    pub(super) fn incomplete(&self) -> impl Iterator<Item = (u32, u32)> {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let counts = self.0.values().map(|(parts, of)| (u64::try_from(parts.len()).unwrap_or(u64::MAX), *of));
        counts.filter(|(parts, of)| parts < of).map(move |(parts, of)| (number(parts), number(of)))
    }
}

/// Reads a link with all its tokens.
pub(super) fn read(
    line: u64,
    link: &str,
    source: SourceId,
    batches: &mut Batches,
    session: &mut Session<'_>,
) {
    let bytes = data(link);
    let message = bytes.as_ref().ok_or(Malformed).and_then(|bytes| Message::of(bytes));
    let Ok(message) = message else {
        let mut row = Row::at(line);
        let shown = format!("<{} characters>", link.chars().count());
        row.broken(Reason::ValueMalformed { field: "link".into(), shown });
        return row.push(source, session);
    };
    batches.met(&message);
    for (n, token) in (1..).zip(&message.tokens) {
        let mut row = Row::at_path(line, format!("/otp_parameters[{n}]"));
        row.soft(session);
        if fields(&mut row, token).is_err() {
            let shown = format!("<{} bytes>", token.len());
            row.broken(Reason::ValueMalformed { field: "token".into(), shown });
        }
        row.period_always(PERIOD);
        row.push(source, session);
    }
}

/// The bytes of `data`. A `+` that somebody took for a blank is put back.
fn data(link: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, query) = link.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("data="))?;
    let text = decode(value);
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.trim().trim_end_matches('=').chars().map(|c| match c {
        ' ' | '-' => '+',
        '_' => '/',
        c => c,
    }));
    encoding()?.decode(plain.as_bytes()).ok().map(Zeroizing::new)
}

/// Base64 that doesn't mind spare bits at the end.
fn encoding() -> Option<Encoding> {
    let mut specification = BASE64_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().ok()
}

/// The outer message.
#[derive(Default)]
struct Message<'b> {
    tokens: Vec<&'b [u8]>,
    batch_size: u64,
    batch_index: u64,
    batch_id: u64,
}

impl<'b> Message<'b> {
    fn of(bytes: &'b [u8]) -> Result<Self, Malformed> {
        let mut message = Self::default();
        for field in Fields::of(bytes) {
            match field? {
                (1, Value::Bytes(token)) => message.tokens.push(token),
                (3, Value::Number(size)) => message.batch_size = size,
                (4, Value::Number(index)) => message.batch_index = index,
                (5, Value::Number(id)) => message.batch_id = id,
                _ => {}
            }
        }
        Ok(message)
    }
}

/// One token: 1 secret, 2 name, 3 issuer, 4 algorithm, 5 digits, 6 type, 7 counter.
fn fields(row: &mut Row, token: &[u8]) -> Result<(), Malformed> {
    let (mut name, mut issuer) = (String::new(), String::new());
    let (mut kind, mut counter) = (0, None);
    for field in Fields::of(token) {
        match field? {
            (1, Value::Bytes(secret)) => row.seed_bytes(secret),
            (2, Value::Bytes(text)) => name = String::from_utf8_lossy(text).into_owned(),
            (3, Value::Bytes(text)) => issuer = String::from_utf8_lossy(text).into_owned(),
            (4, Value::Number(hash)) => algorithm(row, hash),
            (5, Value::Number(digits)) => row.digits(if digits == 2 { "8" } else { "6" }),
            (6, Value::Number(number)) => kind = number,
            (7, Value::Number(number)) => counter = Some(number),
            _ => {}
        }
    }
    match kind {
        1 => (row.kind, row.counter) = (Some(OtpKind::Hotp), counter),
        2 => row.kind = Some(OtpKind::Totp),
        0 => row.fault(Reason::NotTotp { kind: "unspecified".into() }, Some(Field::Kind)),
        other => row.fault(Reason::NotTotp { kind: other.to_string() }, Some(Field::Kind)),
    }
    label::apply(row, &name, Some(issuer.as_str()).filter(|issuer| !issuer.is_empty()));
    Ok(())
}

fn algorithm(row: &mut Row, number: u64) {
    match number {
        0 => {}
        1 => row.hash("sha1"),
        2 => row.hash("sha256"),
        3 => row.hash("sha512"),
        4 => row.hash("md5"),
        other => row.fault(Reason::HashUnsupported { shown: other.to_string() }, Some(Field::Hash)),
    }
}
