//! The page behind `oathctl explain WORD`.
//!
//! Owns: the order of all pages, [`explain`], [`index`], [`all_words`], and who a reason is about. Does not own: any page.

use oathctl_core::reason::{Class, Reason, ReasonInfo};
use serde_json::{Value, json};

use super::page::{Explanation, Source};
use super::{file, file_notes, own, parameters, person, row, sealed, seed, tenant, wrapping};

/// Pages that belong together.
pub(super) struct Group {
    /// Its heading.
    pub title: &'static str,
    /// They are about the file as a whole.
    pub whole_file: bool,
    /// Its pages.
    pub pages: &'static [&'static Explanation],
}

/// All pages, in the order of the documentation.
pub(super) static GROUPS: &[Group] = &[
    Group { title: "The file as a whole: refused", whole_file: true, pages: file::ALL },
    Group { title: "The file as a whole: noted", whole_file: true, pages: file_notes::ALL },
    Group { title: "What the file is wrapped in", whole_file: true, pages: wrapping::ALL },
    Group { title: "One row: cells, serial, person", whole_file: false, pages: row::ALL },
    Group { title: "One row: the seed", whole_file: false, pages: seed::ALL },
    Group { title: "One row: sealed or restricted", whole_file: false, pages: sealed::ALL },
    Group { title: "One row: period, digits, hash, make", whole_file: false, pages: parameters::ALL },
    Group { title: "People, and what was left out", whole_file: false, pages: person::ALL },
    Group { title: "What the tenant has or answered", whole_file: false, pages: tenant::ALL },
    Group { title: "The way, the clocks, oathctl itself", whole_file: false, pages: own::ALL },
];

/// Every word that [`explain`] knows, in the order of the documentation.
pub fn all_words() -> Vec<&'static str> {
    GROUPS.iter().flat_map(|group| group.pages).map(|page| page.word).collect()
}

/// Every word under the heading of its group: what `oathctl explain` prints without a word.
pub fn index() -> String {
    let group = |group: &Group| {
        let words: Vec<String> = group.pages.iter().map(|page| format!("  {}\n", page.word)).collect();
        format!("{}\n{}", group.title, words.concat())
    };
    GROUPS.iter().map(group).collect::<Vec<_>>().join("\n")
}

/// The page of a reason: lines of text for a terminal; `None` for a word that is no reason. Case, blanks around it
/// and dashes for underscores don't matter.
pub fn explain(word: &str) -> Option<String> {
    let word = word.trim().to_ascii_lowercase().replace('-', "_");
    let (group, page) = find(&word)?;
    let info = info(page.word)?;
    let mut lines = vec![
        page.word.to_owned(),
        String::new(),
        page.meaning.to_owned(),
        String::new(),
        format!("Seen when   {}", page.evidence),
        format!("About       {}", about(info, group)),
        format!("Effect      {}", effect(info, group)),
        format!("Again       {}", again(info)),
        format!("Do          {}", page.advice),
    ];
    lines.extend(page.source.iter().map(|source| format!("Source      {}", cite(source))));
    lines.push(String::new());
    Some(lines.join("\n"))
}

/// The same for scripts: `reason`, `class`, `blocking`, `retryable`, `meaning`, `evidence`, `advice`, `sources`. Without
/// a word, all pages.
pub fn explain_value(word: Option<&str>) -> Option<Value> {
    match word {
        Some(word) => value(find(&word.trim().to_ascii_lowercase().replace('-', "_"))?.1),
        None => GROUPS.iter().flat_map(|group| group.pages).map(|page| value(page)).collect(),
    }
}

fn value(page: &Explanation) -> Option<Value> {
    let ReasonInfo { word, class, blocking, retryable } = info(page.word)?;
    let source = |source: &Source| json!({"fact": source.fact, "certainty": source.certainty.word(), "url": source.url});
    Some(json!({
        "reason": word,
        "class": class,
        "blocking": blocking,
        "retryable": retryable,
        "meaning": page.meaning,
        "evidence": page.evidence,
        "advice": page.advice,
        "sources": page.source.iter().map(source).collect::<Vec<_>>(),
    }))
}

fn find(word: &str) -> Option<(&'static Group, &'static Explanation)> {
    GROUPS.iter().find_map(|group| Some((group, *group.pages.iter().find(|page| page.word == word)?)))
}

/// The catalogue's line for a word.
pub(super) fn info(word: &str) -> Option<ReasonInfo> {
    Reason::CATALOGUE.iter().find(|info| info.word == word).copied()
}

/// Whom it is about.
pub(super) fn about(info: ReasonInfo, group: &Group) -> &'static str {
    match info.class {
        Class::File if group.whole_file => "The file.",
        Class::File => "One row of the file.",
        Class::Person => "The person, not the token.",
        Class::Policy => "A rule of the tenant, or of this command.",
        Class::Tenant => "What the tenant has or answered.",
        Class::Network => "The way to the tenant.",
        Class::Clock => "A clock: this computer's, the tenant's or the token's.",
        Class::Own => "oathctl itself, or its machine.",
    }
}

/// What it stops.
pub(super) fn effect(info: ReasonInfo, group: &Group) -> &'static str {
    match (info.blocking, group.whole_file) {
        (true, true) => "The file is refused (exit 6), and nothing is sent.",
        (true, false) => "The row doesn't reach what was asked; the others go on.",
        (false, _) => "Nothing fails because of it.",
    }
}

/// Whether a rerun helps.
pub(super) fn again(info: ReasonInfo) -> &'static str {
    if info.retryable {
        "The same again later may help."
    } else {
        "The same again won't help until something has changed."
    }
}

/// A source with its certainty.
pub(super) fn cite(source: &Source) -> String {
    let Source { fact, certainty, url } = source;
    match *url {
        "" => format!("{fact} ({})", certainty.word()),
        url => format!("{fact} ({}) {url}", certainty.word()),
    }
}
