//! JSON as borrowed pieces of its text, so that each element knows its line, and its names as often as they stand there.
//!
//! Owns: [`Document`], [`Node`], [`Object`]. The text is checked as a whole before anything of it is taken; a piece is
//! looked into only when it is asked for. Does not own: what the names mean.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// Names of one object that are looked at.
const MOST_NAMES: usize = 200;

/// A text, and how far its lines are counted.
pub(super) struct Document<'t> {
    text: &'t str,
    counted: Cell<(usize, u64)>,
}

/// Where a text stops being JSON.
pub(super) struct Damage {
    pub(super) line: u64,
    pub(super) truncated: bool,
}

impl<'t> Document<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, counted: Cell::new((0, 1)) }
    }

    /// The values at the top (one, but for lists of one document a line), up to any damage.
    pub(super) fn roots(&self) -> (Vec<Node<'t>>, Option<Damage>) {
        let mut roots = Vec::new();
        for root in serde_json::Deserializer::from_str(self.text).into_iter::<&'t RawValue>() {
            match root {
                Ok(raw) => roots.push(Node(raw.get())),
                Err(error) => {
                    let line = u64::try_from(error.line()).unwrap_or(u64::MAX);
                    return (roots, Some(Damage { line, truncated: error.is_eof() }));
                }
            }
        }
        (roots, None)
    }

    /// The physical line a piece of this text begins on.
    pub(super) fn line(&self, node: &Node<'_>) -> u64 {
        let offset = node.0.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let (from, line) = Some(self.counted.get()).filter(|(from, _)| *from <= offset).unwrap_or((0, 1));
        let passed = self.text.as_bytes().get(from..offset).unwrap_or_default();
        let line = line + u64::try_from(memchr::memchr_iter(b'\n', passed).count()).unwrap_or(0);
        self.counted.set((offset, line));
        line
    }
}

/// What kind of value a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Object,
    Array,
    Text,
    Number,
    Null,
    Bool,
}

impl Shape {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::Text => "text",
            Self::Number => "number",
            Self::Null => "null",
            Self::Bool => "boolean",
        }
    }
}

/// One value as it stands in the text.
#[derive(Clone, Copy)]
pub(super) struct Node<'t>(&'t str);

/// A text without its quotes; a copy, wiped, only where it has escapes.
pub(super) enum Value<'t> {
    Within(&'t str),
    Made(Zeroizing<String>),
}

impl Deref for Value<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Within(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl<'t> Node<'t> {
    pub(super) fn shape(&self) -> Shape {
        match self.0.as_bytes().first() {
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::Array,
            Some(b'"') => Shape::Text,
            Some(b't' | b'f') => Shape::Bool,
            Some(b'n') | None => Shape::Null,
            Some(_) => Shape::Number,
        }
    }

    /// The elements of an array; none of anything else.
    pub(super) fn elements(&self) -> Vec<Node<'t>> {
        let raw: Vec<&'t RawValue> = serde_json::from_str(self.0).unwrap_or_default();
        raw.into_iter().map(|raw| Node(raw.get())).collect()
    }

    pub(super) fn object(&self) -> Option<Object<'t>> {
        serde_json::from_str(self.0).ok()
    }

    /// A text or, spelled as it stands, a number.
    pub(super) fn value(&self) -> Option<Value<'t>> {
        match self.shape() {
            Shape::Number => Some(Value::Within(self.0)),
            Shape::Text => match serde_json::from_str(self.0).ok()? {
                Key(Cow::Borrowed(text)) => Some(Value::Within(text)),
                Key(Cow::Owned(text)) => Some(Value::Made(Zeroizing::new(text))),
            },
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.shape() == Shape::Null
    }
}

#[derive(Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

/// The names and values of an object in their order, doubled ones too.
pub(super) struct Object<'t>(Vec<(Cow<'t, str>, Node<'t>)>);

impl<'t> Object<'t> {
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, Node<'t>)> {
        self.0.iter().map(|(name, node)| (&**name, *node))
    }

    /// The value of a name, whatever the case of its letters.
    pub(super) fn get(&self, name: &str) -> Option<Node<'t>> {
        self.pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, node)| node)
    }

    /// A name that stands more than once. Which of its values is meant, nobody can know.
    pub(super) fn doubled(&self) -> Option<&str> {
        let mut names = self.0.iter().enumerate();
        let is_doubled =
            |n: usize, name: &str| self.0.iter().take(n).any(|(before, _)| before.eq_ignore_ascii_case(name));
        names.find(|(n, (name, _))| is_doubled(*n, name)).map(|(_, (name, _))| &**name)
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs)
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((Key(name), raw)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            // More names than any format has: looking for doubled ones must not take quadratic time.
            if pairs.len() < MOST_NAMES {
                pairs.push((name, Node(raw.get())));
            }
        }
        Ok(Object(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_know_their_lines_in_any_order() {
        let document = Document::new("{\n \"a\": [1,\n 2,\r\n {\"b\": 3}]}");
        let (roots, damage) = document.roots();
        assert!(damage.is_none());
        let elements = roots[0].object().unwrap().get("A").unwrap().elements();
        let lines: Vec<u64> = elements.iter().map(|element| document.line(element)).collect();
        assert_eq!((lines, document.line(&elements[0])), (vec![2, 3, 4], 2));
    }

    #[test]
    fn doubled_names_are_seen_in_any_case() {
        let (roots, _) = Document::new(r#"{"a":1,"b":2,"A":3}"#).roots();
        assert_eq!(roots[0].object().unwrap().doubled(), Some("A"));
    }

    #[test]
    fn damage_has_a_line_and_says_whether_the_end_is_missing() {
        let damage = |text| Document::new(text).roots().1.map(|damage| (damage.line, damage.truncated));
        assert_eq!(damage("{\n\"a\": [1"), Some((2, true)));
        assert_eq!(damage("{\n\"a\"; 1}"), Some((2, false)));
        assert_eq!(damage("{}\n{}"), None);
    }

    #[test]
    fn a_text_that_is_no_unicode_is_no_value() {
        let (roots, _) = Document::new(r#"["\ud800", "\u0041", 1e3]"#).roots();
        let values: Vec<_> = roots[0].elements().iter().map(|e| e.value().map(|v| v.to_string())).collect();
        assert_eq!(values, [None, Some("A".into()), Some("1e3".into())]);
    }
}
