//! Text that is wiped: a string that grows without leaving its outgrown buffers behind.
//!
//! Owns: [`WipedText`]. Does not own: what is written into it.

use zeroize::Zeroizing;

/// A growing text that may hold a seed.
pub(crate) struct WipedText(Zeroizing<String>);

impl WipedText {
    /// With room for `bytes` bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(String::with_capacity(bytes)))
    }

    /// Appends one character.
    pub(crate) fn push(&mut self, c: char) {
        let needed = self.0.len() + c.len_utf8();
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity(needed * 2));
            larger.push_str(&self.0);
            self.0 = larger;
        }
        self.0.push(c);
    }

    /// What was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of it that `keep` returns, as a text of its own.
    pub(crate) fn narrowed(self, keep: impl Fn(&str) -> &str) -> Zeroizing<String> {
        let kept = keep(self.as_str());
        if kept.len() == self.0.len() {
            return self.0;
        }
        Zeroizing::new(kept.to_owned())
    }
}
