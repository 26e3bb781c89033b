//! One element of a document.
//!
//! Owns: [`Element`], [`Text`] and the ways to look into them. Does not own: reading them ([`super::walk`]).

use zeroize::Zeroizing;

/// An element: its local name, its attributes, what is in it, the line its tag begins on.
#[derive(Clone)]
pub(crate) struct Element<'t> {
    pub(crate) name: &'t str,
    pub(crate) line: u64,
    pub(super) attributes: Vec<(&'t str, Text<'t>)>,
    pub(super) text: Text<'t>,
    pub(crate) children: Vec<Element<'t>>,
}

/// A text of the document; a copy, wiped, only where it stands in pieces or with entities.
#[derive(Clone)]
pub(super) enum Text<'t> {
    Within(&'t str),
    Made(Zeroizing<String>),
}

impl<'t> Element<'t> {
    /// The attribute of this local name, in exactly this spelling.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The first of several names an attribute may go by.
    pub(crate) fn any_attribute(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.attribute(name))
    }

    /// The local names of all attributes.
    pub(crate) fn attribute_names(&self) -> impl Iterator<Item = &'t str> {
        self.attributes.iter().map(|(name, _)| *name)
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child that goes by one of these names.
    pub(crate) fn any_child(&self, names: &[&str]) -> Option<&Self> {
        self.children.iter().find(|child| names.contains(&child.name))
    }

    /// Down from child to child.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// Its own text, without blanks around it; empty where there is none.
    pub(crate) fn text(&self) -> &str {
        self.text.as_str().trim()
    }

    /// The text of a child, where it has any.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }

    /// True when children that go by these names say different things.
    pub(crate) fn disagrees(&self, names: &[&str]) -> bool {
        let named = self.children.iter().filter(|child| names.contains(&child.name));
        let mut texts = named.map(Self::text).filter(|text| !text.is_empty());
        texts.next().is_some_and(|first| texts.any(|other| !other.eq_ignore_ascii_case(first)))
    }
}

impl<'t> Text<'t> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Within(text) => text,
            Self::Made(text) => text,
        }
    }

    /// Appends a piece. Blanks alone before any text are the indentation of the document.
    pub(super) fn push(&mut self, piece: &'t str) {
        match self {
            Self::Within("") if piece.trim().is_empty() => {}
            Self::Within("") => *self = Self::Within(piece),
            _ => self.append(piece),
        }
    }

    /// Appends a piece that doesn't stand in the document as it is. Grows by hand, so that outgrown buffers are wiped.
    pub(super) fn append(&mut self, piece: &str) {
        let needed = self.as_str().len() + piece.len();
        if !matches!(self, Self::Made(made) if made.capacity() >= needed) {
            let mut made = Zeroizing::new(String::with_capacity(needed * 2));
            made.push_str(self.as_str());
            *self = Self::Made(made);
        }
        if let Self::Made(made) = self {
            made.push_str(piece);
        }
    }
}
