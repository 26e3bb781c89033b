//! The name of a person.
//!
//! Owns: cleaning a user principal name, knowing a placeholder. Does not own: whether the name is well formed
//! ([`oathctl_core::check`]) or known to a tenant.

use std::borrow::Cow;

/// What people and vendors write where nobody is meant.
const PLACEHOLDERS: [&str; 16] = [
    "upn",
    "user",
    "username",
    "user name",
    "userprincipalname",
    "user principal name",
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "unassigned",
    "tbd",
    "empty",
    "-",
    "--",
];

/// The name in a cleaned cell; `None` for nobody. `doubled` says that the dialect writes `'` as `''`, as
/// Microsoft's description of its CSV does.
pub(crate) fn read(text: &str, doubled: bool) -> Option<Cow<'_, str>> {
    let text = without_mailto(text);
    if text.is_empty() || is_placeholder(text) {
        return None;
    }
    let typographic = !text.is_ascii() && text.contains(['\u{2019}', '\u{2018}', '\u{2bc}']);
    if typographic || (doubled && text.contains("''")) {
        let plain = text.replace(['\u{2019}', '\u{2018}', '\u{2bc}'], "'");
        return Some(Cow::Owned(if doubled { plain.replace("''", "'") } else { plain }));
    }
    Some(Cow::Borrowed(text))
}

/// Something before one `@` and a domain after it; whatever it is, it is no seed.
pub(crate) fn is_name(upn: &str) -> bool {
    let domain = upn.split_once('@').map_or("", |(_, domain)| domain);
    !domain.is_empty() && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
}

fn without_mailto(text: &str) -> &str {
    let (start, rest) = text.split_at_checked(7).unwrap_or(("", text));
    let text = if start.eq_ignore_ascii_case("mailto:") { rest } else { text };
    text.trim()
}

fn is_placeholder(text: &str) -> bool {
    text.len() <= 19 && PLACEHOLDERS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_nobody() {
        assert_eq!(read("mailto:ada@example.test", false).as_deref(), Some("ada@example.test"));
        assert_eq!(read("o\u{2019}hara@example.test", false).as_deref(), Some("o'hara@example.test"));
        assert_eq!(read("my''user@example.test", true).as_deref(), Some("my'user@example.test"));
        assert_eq!(read("my''user@example.test", false).as_deref(), Some("my''user@example.test"));
        for nobody in ["", "upn", "UPN", "user", "n/a", "-", "N/A"] {
            assert_eq!(read(nobody, true), None, "{nobody}");
        }
    }
}
