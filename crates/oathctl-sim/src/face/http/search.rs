//! A small reader of `$search` over people: clauses in quotes, `AND`, `OR`, brackets.
//! <https://learn.microsoft.com/en-us/graph/search-query-parameter>

use serde_json::Value;

use crate::world::finds;

/// A search, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Search {
    /// A property in lower case, and what is looked for in it.
    Clause(String, String),
    And(Box<Search>, Box<Search>),
    Or(Box<Search>, Box<Search>),
}

impl Search {
    /// `None` for what is no search.
    pub fn read(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let search = or(&mut rest)?;
        rest.is_empty().then_some(search)
    }

    /// Every property named.
    pub fn properties(&self) -> Vec<String> {
        match self {
            Self::Clause(name, _) => vec![name.clone()],
            Self::And(a, b) | Self::Or(a, b) => [a.properties(), b.properties()].concat(),
        }
    }

    /// Whether an object meets it: `displayName` by its words, everything else by its beginning.
    pub fn meets(&self, item: &Value) -> bool {
        match self {
            Self::Clause(name, wanted) => {
                let found =
                    item.as_object().and_then(|o| o.iter().find(|(key, _)| key.to_lowercase() == *name));
                found.and_then(|(_, value)| value.as_str()).is_some_and(|have| match name.as_str() {
                    "displayname" => finds(wanted, have),
                    _ => have.to_lowercase().starts_with(&wanted.to_lowercase()),
                })
            }
            Self::And(a, b) => a.meets(item) && b.meets(item),
            Self::Or(a, b) => a.meets(item) || b.meets(item),
        }
    }
}

fn or(rest: &mut &str) -> Option<Search> {
    let mut left = and(rest)?;
    while takes(rest, "OR") {
        left = Search::Or(Box::new(left), Box::new(and(rest)?));
    }
    Some(left)
}

fn and(rest: &mut &str) -> Option<Search> {
    let mut left = term(rest)?;
    while takes(rest, "AND") {
        left = Search::And(Box::new(left), Box::new(term(rest)?));
    }
    Some(left)
}

fn term(rest: &mut &str) -> Option<Search> {
    if takes(rest, "(") {
        let inner = or(rest)?;
        return takes(rest, ")").then_some(inner);
    }
    let (clause, after) = quoted(rest)?;
    *rest = after.trim_start();
    let (name, wanted) = clause.split_once(':')?;
    Some(Search::Clause(name.trim().to_lowercase(), wanted.to_owned()))
}

fn takes(rest: &mut &str, word: &str) -> bool {
    let after = rest.strip_prefix(word).map(str::trim_start);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

/// What stands in quotes at the start, and what follows; a backslash takes the next character as it is.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &inside[at + 1..])),
            '\\' => out.push(chars.next()?.1),
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_and_judges() {
        let item = json!({"displayName": "Anna \"Ann\" Müller", "userPrincipalName": "anna@x.example"});
        for (search, meets) in [
            (r#""displayName:müll""#, true),
            (r#""displayName:\"ann\"""#, true),
            (r#""displayName:zoe" OR "userPrincipalName:anna@""#, true),
            (r#"("displayName:zoe" OR "displayName:anna") AND "userPrincipalName:b""#, false),
            (r#""userPrincipalName:nna""#, false),
        ] {
            assert_eq!(Search::read(search).unwrap().meets(&item), meets, "{search}");
        }
    }

    #[test]
    fn refuses_what_is_no_search() {
        for text in ["anna", "\"anna\"", "\"displayName:anna", "\"displayName:a\" or \"displayName:b\"", ""] {
            assert_eq!(Search::read(text), None, "{text}");
        }
    }
}
