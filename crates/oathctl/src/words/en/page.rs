//! What is written once about each reason.
//!
//! Owns: [`Explanation`], [`Source`], the `explanations!` table. Does not own: any page.

/// One page: what `oathctl explain` and the documentation say about a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The stable word.
    pub word: &'static str,
    /// What it means, one sentence. Of a reason without parameters it is also the message.
    pub meaning: &'static str,
    /// What has to be seen before it is said.
    pub evidence: &'static str,
    /// What to do, one or two sentences. Also the advice of a row or a fault, unless parameters allow a better one.
    pub advice: &'static str,
    /// Where the rules behind it come from; empty when they are ours.
    pub source: &'static [Source],
}

/// A fact somebody else lays down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The fact.
    pub fact: &'static str,
    /// How certain it is.
    pub certainty: Certainty,
    /// Where it stands; empty when it stands nowhere.
    pub url: &'static str,
}

/// How certain a fact is, as in `docs/graph.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Its owner says so.
    Documented,
    /// Seen in public, no contract.
    Observed,
    /// Our conclusion.
    Inferred,
    /// Found nowhere.
    Unknown,
}

impl Certainty {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Unknown => "unknown",
        }
    }
}

/// What is said about one reason with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// What is.
    pub message: String,
    /// What to do next.
    pub advice: String,
}

impl Explanation {
    /// The meaning is the message: for reasons without parameters.
    pub(super) fn plain(&self) -> Said {
        self.says(self.meaning)
    }

    /// A message with parameters, and the page's advice.
    pub(super) fn says(&self, message: impl Into<String>) -> Said {
        Said { message: message.into(), advice: self.advice.into() }
    }
}

impl Said {
    /// A better advice than the page's.
    pub(super) fn advising(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }
}

/// Declares pages and the list `ALL` of them, in this order.
macro_rules! explanations {
    ($($name:ident $word:literal {
        means: $means:literal,
        seen: $seen:literal,
        advice: $advice:literal,
        $(source: [$($source:expr),+ $(,)?],)?
    })*) => {
        $(pub(super) static $name: $crate::words::en::page::Explanation = $crate::words::en::page::Explanation {
            word: $word,
            meaning: $means,
            evidence: $seen,
            advice: $advice,
            source: &[$($($source),+)?],
        };)*

        /// Every page of this file.
        pub(super) static ALL: &[&$crate::words::en::page::Explanation] = &[$(&$name),*];
    };
}

pub(super) use explanations;

/// `1 row`, `2 rows`: for nouns whose plural ends in s.
pub(super) fn count(n: impl Into<u64>, noun: &str) -> String {
    let n = n.into();
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
