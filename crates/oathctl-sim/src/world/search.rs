//! Which people a piece of a name finds. Names are cut into words as Microsoft's page on `$search` says: at spaces, at
//! marks (each a word of its own), between letters and digits, and where small letters are followed by a capital; words
//! that only marks divide are also one word together. A word looked for fits words that begin with it (inferred from
//! the page's examples; the whole rule is not public). Nothing is said about accents, so they count.

use super::{Person, World};

/// The words of a text, lower-cased, and those that only marks divide joined.
fn words(text: &str, joined: bool) -> Vec<String> {
    let mut out = Vec::new();
    for chunk in text.split_whitespace() {
        let parts = parts(chunk);
        let plain: Vec<&String> =
            parts.iter().filter(|part| part.chars().all(char::is_alphanumeric)).collect();
        if joined && plain.len() > 1 {
            out.push(plain.into_iter().map(String::as_str).collect());
        }
        out.extend(parts);
    }
    out
}

fn parts(chunk: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for c in chunk.chars() {
        let goes_on = last.is_some_and(|last| {
            last.is_alphanumeric()
                && c.is_alphanumeric()
                && last.is_numeric() == c.is_numeric()
                && !(last.is_lowercase() && c.is_uppercase())
        });
        match out.last_mut().filter(|_| goes_on) {
            Some(word) => word.extend(c.to_lowercase()),
            None => out.push(c.to_lowercase().collect()),
        }
        last = Some(c);
    }
    out
}

/// Whether every word looked for begins a word of the name, in any order.
#[must_use]
pub fn finds(wanted: &str, name: &str) -> bool {
    let (wanted, have) = (words(wanted, false), words(name, true));
    !wanted.is_empty() && wanted.iter().all(|word| have.iter().any(|have| have.starts_with(word.as_str())))
}

impl World {
    /// The first people, none of them deleted, with a name the text finds, or a user principal name that begins with it;
    /// either apostrophe will do.
    #[must_use]
    pub fn search(&self, text: &str, most: usize) -> Vec<&Person> {
        let plain = |text: &str| text.trim().replace('\u{2019}', "'");
        let wanted = plain(text);
        let fits = |person: &&Person| {
            person.deleted_at.is_none()
                && !wanted.is_empty()
                && (finds(&wanted, &plain(&person.display_name))
                    || person.upn.to_lowercase().starts_with(&wanted.to_lowercase()))
        };
        self.people.iter().map(|(_, person)| person).filter(fits).take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_as_the_page_says() {
        assert_eq!(words("hello.world", true), ["helloworld", "hello", ".", "world"]);
        assert_eq!(words("HelloWorld", true), ["helloworld", "hello", "world"]);
        assert_eq!(words("HELLOworld", true), ["helloworld"]);
        assert_eq!(words("hello123world", false), ["hello", "123", "world"]);
    }

    #[test]
    fn a_word_finds_what_begins_with_it() {
        for wanted in ["Mül", "müller", "anna m", "müller ANNA"] {
            assert!(finds(wanted, "Anna Müller"), "{wanted}");
        }
        for wanted in ["ller", "Muller", "anna b", ""] {
            assert!(!finds(wanted, "Anna Müller"), "{wanted}");
        }
        assert!(
            finds("o'brien", "Mina O'Brien")
                && finds("obrien", "Mina O'Brien")
                && finds("brien", "Mina O'Brien")
        );
        assert!(!finds("o'brien", "Mina O’Brien"), "another mark");
    }
}
