//! Writes `docs/reasons.md` from the pages, and fails when the file says something else.
//!
//! `OATHCTL_BLESS=1 cargo nextest run -p oathctl docs_reasons` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use super::explain::{GROUPS, Group, about, again, cite, effect, info};
use super::page::{Certainty, Explanation, Source};

const HEAD: &str = "# Reasons

Every row that isn't where it was asked to be, and every fault of a file, carries one of these words. They
stand in reports, in `--failed` files and in events, and don't change within a major version.
`oathctl explain WORD` prints the same pages.

Certainty of sources as in [graph.md](graph.md): documented, observed, inferred, unknown. This page is written
from the program's own table by a test: change the table, then bless it (`crates/oathctl/src/words/en/docs.rs`).
";

#[test]
fn docs_reasons_md_says_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reasons.md");
    let wanted = document();
    if bless() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let differs = wanted.lines().zip(found.lines()).find(|(wanted, found)| wanted != found);
    assert!(
        wanted == found,
        "docs/reasons.md is out of date (OATHCTL_BLESS=1 writes it), first at {differs:?}"
    );
}

#[expect(clippy::disallowed_methods, reason = "a test that writes documentation when asked to")]
fn bless() -> bool {
    std::env::var_os("OATHCTL_BLESS").is_some()
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    for group in GROUPS {
        write!(text, "\n## {}\n", group.title).unwrap();
        for page in group.pages {
            section(&mut text, group, page);
        }
    }
    text
}

fn section(text: &mut String, group: &Group, page: &Explanation) {
    let info = info(page.word).unwrap();
    write!(text, "\n### `{}`\n\n{}\n\n", page.word, page.meaning).unwrap();
    writeln!(text, "- *Seen when:* {}", page.evidence).unwrap();
    writeln!(text, "- *About:* {} {} {}", about(info, group), effect(info, group), again(info)).unwrap();
    writeln!(text, "- *Do:* {}", page.advice).unwrap();
    for source in page.source {
        writeln!(text, "- *Source:* {}", linked(source)).unwrap();
    }
}

fn linked(source: &Source) -> String {
    match source.url {
        "" => cite(source),
        url => format!("[{}]({url}) ({})", source.fact, source.certainty.word()),
    }
}

#[test]
fn only_the_unknown_has_no_source() {
    for source in GROUPS.iter().flat_map(|group| group.pages).flat_map(|page| page.source) {
        assert_eq!(source.url.is_empty(), source.certainty == Certainty::Unknown, "{source:?}");
    }
}
