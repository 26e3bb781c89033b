//! SPDX licence expressions: `AND`, `OR`, `WITH`, brackets, and the older `/` for `OR`.
//! <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>

use std::iter::Peekable;
use std::vec::IntoIter;

/// A parsed expression. A licence with an exception is one name: `Apache-2.0 WITH LLVM-exception`.
#[derive(Debug, PartialEq, Eq)]
pub enum Expression {
    Licence(String),
    All(Vec<Expression>),
    Any(Vec<Expression>),
}

impl Expression {
    /// Reads an expression; an error says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
        let mut words = words.into_iter().peekable();
        let expression = any(&mut words)?;
        match words.next() {
            None => Ok(expression),
            Some(left) => Err(format!("`{text}`: `{left}` stands where the expression should end")),
        }
    }

    /// Whether the expression can be met with licences that `is_allowed` accepts.
    pub fn is_met(&self, is_allowed: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Licence(name) => is_allowed(name),
            Self::All(parts) => parts.iter().all(|part| part.is_met(is_allowed)),
            Self::Any(parts) => parts.iter().any(|part| part.is_met(is_allowed)),
        }
    }
}

type Words = Peekable<IntoIter<String>>;

/// `OR` binds loosest.
fn any(words: &mut Words) -> Result<Expression, String> {
    let parts = joined(words, "OR", all)?;
    Ok(single_or(parts, Expression::Any))
}

fn all(words: &mut Words) -> Result<Expression, String> {
    let parts = joined(words, "AND", one)?;
    Ok(single_or(parts, Expression::All))
}

fn joined(
    words: &mut Words,
    operator: &str,
    part: fn(&mut Words) -> Result<Expression, String>,
) -> Result<Vec<Expression>, String> {
    let mut parts = vec![part(words)?];
    while words.next_if(|word| word == operator).is_some() {
        parts.push(part(words)?);
    }
    Ok(parts)
}

fn single_or(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// A bracket, or a licence with or without an exception.
fn one(words: &mut Words) -> Result<Expression, String> {
    let name = words.next().ok_or("a licence is missing at the end")?;
    if name == "(" {
        let inner = any(words)?;
        return words.next_if(|word| word == ")").map(|_| inner).ok_or_else(|| "`)` is missing".to_owned());
    }
    if matches!(name.as_str(), ")" | "AND" | "OR" | "WITH") {
        return Err(format!("a licence was expected, not `{name}`"));
    }
    if words.next_if(|word| word == "WITH").is_none() {
        return Ok(Expression::Licence(name));
    }
    let exception = words.next().ok_or("an exception is missing after WITH")?;
    Ok(Expression::Licence(format!("{name} WITH {exception}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(text: &str, allowed: &[&str]) -> bool {
        Expression::parse(text).unwrap().is_met(&|name| allowed.contains(&name))
    }

    #[test]
    fn either_side_of_or_is_enough_and_both_of_and_are_needed() {
        assert!(met("MIT OR GPL-3.0-only", &["MIT"]));
        assert!(met("Apache-2.0/MIT", &["MIT"]));
        assert!(!met("MIT AND GPL-3.0-only", &["MIT"]));
        assert!(met("(Apache-2.0 OR MIT) AND BSD-3-Clause", &["MIT", "BSD-3-Clause"]));
        assert!(!met("(Apache-2.0 OR MIT) AND BSD-3-Clause", &["MIT"]));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(met("MIT OR ISC AND GPL-3.0-only", &["MIT"]));
        assert!(!met("(MIT OR ISC) AND GPL-3.0-only", &["MIT"]));
    }

    #[test]
    fn an_exception_belongs_to_its_licence() {
        assert!(met(
            "GPL-2.0-only WITH Classpath-exception-2.0",
            &["GPL-2.0-only WITH Classpath-exception-2.0"]
        ));
        assert!(!met("Apache-2.0 WITH LLVM-exception", &["Apache-2.0"]));
    }

    #[test]
    fn what_is_not_an_expression_is_an_error() {
        for text in ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT Apache-2.0", "MIT WITH"] {
            assert!(Expression::parse(text).is_err(), "{text:?}");
        }
    }
}
