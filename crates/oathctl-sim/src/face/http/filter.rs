//! A small reader of OData `$filter`: `eq`, `ne`, `in`, `startswith`, `and`, `or`, `not`, brackets.

use serde_json::Value;

use super::answer::{Answer, bad_request};

/// A filter, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    Eq(String, Value),
    Ne(String, Value),
    In(String, Vec<Value>),
    StartsWith(String, String),
    Not(Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
}

#[derive(Debug, Clone, PartialEq)]
enum Word {
    Name(String),
    Literal(Value),
    Open,
    Close,
    Comma,
}

impl Filter {
    pub fn read(text: &str) -> Result<Self, Answer> {
        let invalid = || bad_request("Invalid filter clause.");
        let words = words(text).ok_or_else(invalid)?;
        let mut reader = Reader { words: &words, at: 0 };
        let filter = reader.or().ok_or_else(invalid)?;
        if reader.at == words.len() { Ok(filter) } else { Err(invalid()) }
    }

    /// Whether an object meets it; strings without regard to case, `a/b` looks into `a`.
    pub fn meets(&self, item: &Value) -> bool {
        match self {
            Self::Eq(name, value) => same(property(item, name), value),
            Self::Ne(name, value) => !same(property(item, name), value),
            Self::In(name, values) => values.iter().any(|value| same(property(item, name), value)),
            Self::StartsWith(name, start) => property(item, name)
                .and_then(Value::as_str)
                .is_some_and(|text| text.to_lowercase().starts_with(&start.to_lowercase())),
            Self::Not(inner) => !inner.meets(item),
            Self::And(a, b) => a.meets(item) && b.meets(item),
            Self::Or(a, b) => a.meets(item) || b.meets(item),
        }
    }

    /// Every property named, lower case.
    pub fn properties(&self) -> Vec<String> {
        match self {
            Self::Eq(name, _) | Self::Ne(name, _) | Self::In(name, _) | Self::StartsWith(name, _) => {
                vec![name.to_lowercase()]
            }
            Self::Not(inner) => inner.properties(),
            Self::And(a, b) | Self::Or(a, b) => [a.properties(), b.properties()].concat(),
        }
    }

    /// Whether only `eq`, `and` and `or` are used.
    pub fn only_equality(&self) -> bool {
        match self {
            Self::Eq(..) => true,
            Self::And(a, b) | Self::Or(a, b) => a.only_equality() && b.only_equality(),
            _ => false,
        }
    }

    /// Whether it needs the advanced query capabilities of the directory.
    pub fn advanced(&self) -> bool {
        match self {
            Self::Ne(..) | Self::Not(_) => true,
            Self::And(a, b) | Self::Or(a, b) => a.advanced() || b.advanced(),
            _ => false,
        }
    }

    /// Alternatives joined by `or`, counting each value of an `in`.
    pub fn alternatives(&self) -> usize {
        match self {
            Self::In(_, values) => values.len(),
            Self::Or(a, b) => a.alternatives() + b.alternatives(),
            Self::And(a, b) => a.alternatives().max(b.alternatives()),
            Self::Not(inner) => inner.alternatives(),
            _ => 1,
        }
    }

    /// If it asks for certain values of one property: which.
    pub fn keys(&self) -> Option<(String, Vec<&str>)> {
        let (name, values) = match self {
            Self::Eq(name, value) => (name, std::slice::from_ref(value)),
            Self::In(name, values) => (name, values.as_slice()),
            _ => return None,
        };
        let texts = values.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
        Some((name.to_lowercase(), texts))
    }
}

fn property<'a>(item: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/').try_fold(item, |at, name| {
        at.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn same(have: Option<&Value>, want: &Value) -> bool {
    match (have, want) {
        (None | Some(Value::Null), Value::Null) => true,
        (Some(Value::String(a)), Value::String(b)) => a.to_lowercase() == b.to_lowercase(),
        // `assignedTo eq '<id>'`: an identity is compared by its id.
        (Some(Value::Object(identity)), Value::String(b)) => {
            identity.get("id").and_then(Value::as_str).is_some_and(|id| id.eq_ignore_ascii_case(b))
        }
        (Some(a), b) => a == b,
        (None, _) => false,
    }
}

struct Reader<'a> {
    words: &'a [Word],
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Word> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    fn takes(&mut self, name: &str) -> bool {
        let yes = matches!(self.words.get(self.at), Some(Word::Name(n)) if n.eq_ignore_ascii_case(name));
        self.at += usize::from(yes);
        yes
    }

    fn expect(&mut self, word: &Word) -> Option<()> {
        (self.next()? == *word).then_some(())
    }

    fn or(&mut self) -> Option<Filter> {
        let mut left = self.and()?;
        while self.takes("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Filter> {
        let mut left = self.term()?;
        while self.takes("and") {
            left = Filter::And(Box::new(left), Box::new(self.term()?));
        }
        Some(left)
    }

    fn term(&mut self) -> Option<Filter> {
        if self.takes("not") {
            return Some(Filter::Not(Box::new(self.term()?)));
        }
        match self.next()? {
            Word::Open => {
                let inner = self.or()?;
                self.expect(&Word::Close)?;
                Some(inner)
            }
            Word::Name(name) if name.eq_ignore_ascii_case("startswith") => self.starts_with(),
            Word::Name(name) => self.comparison(name),
            _ => None,
        }
    }

    fn starts_with(&mut self) -> Option<Filter> {
        self.expect(&Word::Open)?;
        let (Word::Name(name), Word::Comma, Word::Literal(Value::String(start)), Word::Close) =
            (self.next()?, self.next()?, self.next()?, self.next()?)
        else {
            return None;
        };
        Some(Filter::StartsWith(name, start))
    }

    fn comparison(&mut self, name: String) -> Option<Filter> {
        if self.takes("in") {
            return self.list().map(|values| Filter::In(name, values));
        }
        let equal = self.takes("eq");
        if !equal && !self.takes("ne") {
            return None;
        }
        let Word::Literal(value) = self.next()? else { return None };
        Some(if equal { Filter::Eq(name, value) } else { Filter::Ne(name, value) })
    }

    fn list(&mut self) -> Option<Vec<Value>> {
        self.expect(&Word::Open)?;
        let mut values = Vec::new();
        loop {
            let Word::Literal(value) = self.next()? else { return None };
            values.push(value);
            match self.next()? {
                Word::Comma => {}
                Word::Close => return Some(values),
                _ => return None,
            }
        }
    }
}

fn words(text: &str) -> Option<Vec<Word>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '(' => push(&mut out, Word::Open, 1),
            ')' => push(&mut out, Word::Close, 1),
            ',' => push(&mut out, Word::Comma, 1),
            '\'' => {
                let (value, length) = quoted(rest)?;
                push(&mut out, Word::Literal(Value::String(value)), length)
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "(),'".contains(c)).unwrap_or(rest.len());
                push(&mut out, bare(&rest[..end]), end)
            }
        };
        rest = rest[taken..].trim_start();
    }
    Some(out)
}

fn push(out: &mut Vec<Word>, word: Word, length: usize) -> usize {
    out.push(word);
    length
}

/// A string literal at the start of `text`; a doubled apostrophe is one.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut at = 1;
    loop {
        at += text[at..].find('\'')?;
        if !text[at + 1..].starts_with('\'') {
            return Some((text[1..at].replace("''", "'"), at + 1));
        }
        at += 2;
    }
}

fn bare(word: &str) -> Word {
    match word {
        "true" => Word::Literal(Value::Bool(true)),
        "false" => Word::Literal(Value::Bool(false)),
        "null" => Word::Literal(Value::Null),
        _ => match word.parse::<i64>() {
            Ok(number) => Word::Literal(Value::from(number)),
            Err(_) => Word::Name(word.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn meets(filter: &str, item: &Value) -> bool {
        Filter::read(filter).unwrap().meets(item)
    }

    #[test]
    fn reads_and_judges() {
        let item = json!({"serialNumber": "O'Neil-1", "n": 30, "assignedTo": {"id": "ab"}, "x": null});
        assert!(meets("serialNumber eq 'o''neil-1'", &item));
        assert!(meets("n eq 30 and not (serialNumber eq 'q')", &item));
        assert!(meets("assignedTo/id eq 'AB' and assignedTo eq 'ab'", &item));
        assert!(meets("x eq null or n eq 31", &item));
        assert!(meets("serialNumber in ('a', 'O''Neil-1')", &item));
        assert!(meets("startswith(serialNumber,'o''n')", &item));
        assert!(!meets("serialNumber ne 'o''neil-1'", &item));
    }

    #[test]
    fn refuses_what_is_cut_off() {
        for text in ["a eq", "a eq 'b", "a eq 'b' and", "(a eq 'b'", "a in ()", "eq 'b'", "a gt 3"] {
            assert!(Filter::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_alternatives() {
        assert_eq!(Filter::read("a in ('1','2') or b eq '3'").unwrap().alternatives(), 3);
    }
}
