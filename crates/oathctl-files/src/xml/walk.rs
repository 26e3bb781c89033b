//! The walk over a document.
//!
//! Owns: [`Xml`]: events to elements, limits, lines, what counts as truncated. Does not own: splitting text into
//! events (quick-xml does).

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, Event};

use super::element::{Element, Text};
use super::{Damage, Kind, LONGEST_NAME, LONGEST_TEXT, MOST_ATTRIBUTES, MOST_DEPTH, MOST_ELEMENTS};

/// A document being read. A clone looks ahead.
#[derive(Clone)]
pub(crate) struct Xml<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    /// Elements entered and not left yet.
    depth: usize,
    /// The last head given was neither taken whole nor entered.
    pending: bool,
    counted: Counted,
}

/// How many lines end before an offset.
#[derive(Clone, Copy)]
struct Counted {
    offset: usize,
    line: u64,
    ending: u8,
}

/// What comes next.
enum Found<'t> {
    Open(Element<'t>),
    Close,
    Text(&'t str),
    Made(String),
    End,
}

impl<'t> Xml<'t> {
    /// Begins a document and enters its root, which is given without what is in it.
    ///
    /// # Errors
    /// No root, or damage before it.
    pub(crate) fn open(text: &'t str) -> Result<(Self, Element<'t>), Damage> {
        // Exporters and mail put blanks and marks before the declaration, where XML permits none.
        let start = text.find('<').unwrap_or(text.len());
        let ending = if memchr::memchr(b'\n', text.as_bytes()).is_some() { b'\n' } else { b'\r' };
        let mut counted = Counted { offset: 0, line: 1, ending };
        let before = counted.advance(text, start);
        let text = &text[start..];
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let counted = Counted { offset: 0, line: before, ending };
        let mut xml = Self { text, reader, depth: 0, pending: false, counted };
        match xml.next_head()? {
            Found::Open(root) => {
                xml.depth = 1;
                Ok((xml, root))
            }
            _ => Err(xml.damage(Kind::Truncated, xml.text.len())),
        }
    }

    /// The next child of the element entered last; `None` at its end, which is then left. After the root's end
    /// only blanks and comments may follow.
    ///
    /// # Errors
    /// Damage before the child.
    pub(crate) fn next(&mut self) -> Result<Option<Element<'t>>, Damage> {
        self.pass_over()?;
        if self.depth == 0 {
            return Ok(None);
        }
        match self.next_head()? {
            Found::Open(head) => {
                self.pending = true;
                Ok(Some(head))
            }
            Found::End => Err(self.damage(Kind::Truncated, self.text.len())),
            _ => {
                self.depth -= 1;
                if self.depth == 0 { self.finish() } else { Ok(None) }
            }
        }
    }

    /// Enters the element whose head was just given.
    pub(crate) fn enter(&mut self, _: &Element<'t>) {
        self.depth += usize::from(std::mem::take(&mut self.pending));
    }

    /// The element whose head was just given, with all that is in it.
    ///
    /// # Errors
    /// Damage in it, or more in it than any format has.
    pub(crate) fn whole(&mut self, head: Element<'t>) -> Result<Element<'t>, Damage> {
        let line = head.line;
        let mut open = vec![head];
        let mut elements = 0;
        while let Some(inner) = open.last_mut() {
            match self.event()? {
                Found::Open(element) => {
                    elements += 1;
                    let deep = self.depth + open.len() >= MOST_DEPTH;
                    if deep || elements > MOST_ELEMENTS {
                        return Err(Damage { kind: Kind::Malformed, line: element.line });
                    }
                    open.push(element);
                }
                Found::Text(piece) => inner.text.push(piece),
                Found::Made(piece) => inner.text.append(&piece),
                Found::Close => {
                    if inner.text.as_str().len() > LONGEST_TEXT {
                        return Err(Damage { kind: Kind::Malformed, line });
                    }
                    let Some(done) = open.pop() else { break };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => {
                            self.pending = false;
                            return Ok(done);
                        }
                    }
                }
                Found::End => break,
            }
        }
        Err(self.damage(Kind::Truncated, self.text.len()))
    }

    /// To the end of an element nobody asked for.
    fn pass_over(&mut self) -> Result<(), Damage> {
        let mut open = usize::from(std::mem::take(&mut self.pending));
        while open > 0 {
            match self.raw()? {
                Event::Start(_) => open += 1,
                Event::End(_) => open -= 1,
                Event::DocType(_) => return Err(self.damage_here(Kind::Doctype)),
                Event::Eof => return Err(self.damage(Kind::Truncated, self.text.len())),
                _ => {}
            }
            if open + self.depth > MOST_DEPTH {
                return Err(self.damage_here(Kind::Malformed));
            }
        }
        Ok(())
    }

    /// What follows the root.
    fn finish(&mut self) -> Result<Option<Element<'t>>, Damage> {
        loop {
            match self.event()? {
                Found::End => return Ok(None),
                Found::Text(text) if text.chars().all(|c| c.is_whitespace() || c.is_control()) => {}
                _ => return Err(self.damage_here(Kind::Malformed)),
            }
        }
    }

    /// The next start or end of an element, past text.
    fn next_head(&mut self) -> Result<Found<'t>, Damage> {
        loop {
            match self.event()? {
                Found::Text(_) | Found::Made(_) => {}
                Found::Open(_) if self.depth >= MOST_DEPTH => return Err(self.damage_here(Kind::Malformed)),
                found => return Ok(found),
            }
        }
    }

    fn event(&mut self) -> Result<Found<'t>, Damage> {
        loop {
            let start = self.position();
            match self.raw()? {
                Event::Start(_) => return self.element(start).map(Found::Open),
                Event::End(_) => return Ok(Found::Close),
                Event::Text(text) => return Ok(piece(text.into_inner())),
                Event::CData(text) => return Ok(piece(text.into_inner())),
                Event::GeneralRef(name) => {
                    let text = entity(&name).map(Found::Made);
                    return text.ok_or_else(|| self.damage(Kind::Malformed, start));
                }
                Event::DocType(_) => return Err(self.damage(Kind::Doctype, start)),
                Event::Eof => return Ok(Found::End),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }

    fn raw(&mut self) -> Result<Event<'t>, Damage> {
        match self.reader.read_event() {
            Ok(event) => Ok(event),
            Err(error) => {
                let at = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
                Err(match error {
                    // quick-xml gives these at the end of its input only.
                    Error::Syntax(_) | Error::IllFormed(IllFormedError::MissingEndTag(_)) => {
                        self.damage(Kind::Truncated, self.text.len())
                    }
                    Error::IllFormed(IllFormedError::MissingDoctypeName) => self.damage(Kind::Doctype, at),
                    _ => self.damage(Kind::Malformed, at),
                })
            }
        }
    }

    /// The element whose start tag stands from `start` to here.
    fn element(&mut self, start: usize) -> Result<Element<'t>, Damage> {
        let line = self.counted.advance(self.text, start);
        let damage = Damage { kind: Kind::Malformed, line };
        let tag = self.text.get(start + 1..self.position().saturating_sub(1)).ok_or(damage)?;
        let tag = tag.strip_suffix('/').unwrap_or(tag);
        let end = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
        let name = local(&tag[..end]);
        if name.is_empty() || end > LONGEST_NAME {
            return Err(damage);
        }
        let mut element =
            Element { name, line, attributes: Vec::new(), text: Text::Within(""), children: Vec::new() };
        for attribute in Attributes::new(tag, end) {
            let attribute = attribute.map_err(|_| damage)?;
            let key = attribute.key.into_inner();
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            if element.attributes.len() >= MOST_ATTRIBUTES || key.len() > LONGEST_NAME {
                return Err(damage);
            }
            let value = plain(attribute.value).ok_or(damage)?;
            element.attributes.push((local(key), value));
        }
        Ok(element)
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn damage_here(&self, kind: Kind) -> Damage {
        self.damage(kind, self.position())
    }

    fn damage(&self, kind: Kind, offset: usize) -> Damage {
        let mut counted = self.counted;
        Damage { kind, line: counted.advance(self.text, offset) }
    }
}

impl Counted {
    /// The line of an offset, which usually lies after the last one asked for.
    fn advance(&mut self, text: &str, offset: usize) -> u64 {
        let offset = offset.min(text.len());
        if let Some(passed) = text.as_bytes().get(self.offset..offset) {
            self.line += memchr::memchr_iter(self.ending, passed).count() as u64;
            self.offset = offset;
        }
        self.line
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn piece(text: Cow<'_, str>) -> Found<'_> {
    match text {
        Cow::Borrowed(text) => Found::Text(text),
        Cow::Owned(text) => Found::Made(text),
    }
}

/// A numeric reference or one of the five names.
fn entity(name: &BytesRef<'_>) -> Option<String> {
    match name.resolve_char_ref() {
        Ok(Some(c)) => Some(c.into()),
        Ok(None) => resolve_xml_entity(name).map(str::to_owned),
        Err(_) => None,
    }
}

/// The value of an attribute.
fn plain(value: Cow<'_, str>) -> Option<Text<'_>> {
    match value {
        Cow::Borrowed(value) if !value.contains('&') => Some(Text::Within(value)),
        value => Some(Text::Made(unescape(&value).ok()?.into_owned().into())),
    }
}
