//! `cargo xtask hazards`: sets the hazards of `THREAT-MODEL.md` against the tests named after their numbers.

use std::collections::BTreeMap;
use std::fs;

use crate::sources::rust_files;
use crate::{Done, cargo, rooms};

/// What the page says of one hazard.
#[derive(Debug, PartialEq, Eq)]
struct Hazard {
    number: u8,
    title: String,
    /// Its section promises a test of its name.
    has_promise: bool,
}

/// Lists every hazard with its tests; a promise without a test, or a test without a hazard, fails.
pub fn run() -> Done {
    let root = cargo::root();
    let page = root.join("THREAT-MODEL.md");
    let hazards = hazards(&fs::read_to_string(&page).map_err(|why| format!("{}: {why}.", page.display()))?);
    let mut tests: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for path in rust_files(&root.join("crates"))? {
        let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}.", path.display()))?;
        for (number, name) in text.lines().filter_map(numbered_test) {
            tests.entry(number).or_default().push(name.to_owned());
        }
    }
    for hazard in &hazards {
        let names = tests.get(&hazard.number).map_or_else(String::new, |names| names.join(", "));
        println!("H{:<3} {:45} {names}", hazard.number, hazard.title);
    }
    rooms::report("hazards", &violations(&hazards, &tests))
}

fn violations(hazards: &[Hazard], tests: &BTreeMap<u8, Vec<String>>) -> Vec<String> {
    let untested = hazards.iter().filter(|hazard| hazard.has_promise && !tests.contains_key(&hazard.number));
    let untested =
        untested.map(|hazard| format!("H{} {}: no test of its name.", hazard.number, hazard.title));
    let is_known = |number: &u8| hazards.iter().any(|hazard| hazard.number == *number);
    let homeless = tests.iter().filter(|(number, _)| !is_known(number));
    let homeless = homeless.map(|(number, names)| format!("H{number} has no section: {}.", names.join(", ")));
    untested.chain(homeless).collect()
}

/// The sections headed `### H7 Title`.
fn hazards(page: &str) -> Vec<Hazard> {
    let sections = page.split("\n### H").skip(1);
    sections.filter_map(hazard).collect()
}

fn hazard(section: &str) -> Option<Hazard> {
    let (heading, text) = section.split_once('\n')?;
    let (number, title) = heading.split_once(' ')?;
    let number = number.parse().ok()?;
    let has_promise = text.contains(&format!("`h{number:02}_`"));
    Some(Hazard { number, title: title.to_owned(), has_promise })
}

/// The number and name in a line such as `fn h07_a_late_effect() {`.
fn numbered_test(line: &str) -> Option<(u8, &str)> {
    let line = line.trim_start();
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    let name = rest.split('(').next()?;
    let (number, _) = name.strip_prefix('h')?.split_once('_')?;
    (number.len() == 2).then(|| number.parse().ok().map(|number| (number, name)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Page\n\n### H7 The late effect\n*Test.* `h07_`.\n\n### H11 Chance\n*Test.* later\n\n### H25 to H30\n";

    #[test]
    fn a_promise_is_read_from_its_own_section() {
        let found: Vec<(u8, bool)> = hazards(PAGE).iter().map(|h| (h.number, h.has_promise)).collect();
        assert_eq!(found, [(7, true), (11, false), (25, false)]);
    }

    #[test]
    fn tests_are_known_by_their_number() {
        assert_eq!(numbered_test("    async fn h07_late() {"), Some((7, "h07_late")));
        assert_eq!(numbered_test("fn h7_late() {"), None);
        assert_eq!(numbered_test("fn hash_of(x: u8) {"), None);
    }

    #[test]
    fn an_untested_promise_and_a_homeless_test_are_found() {
        let tests = BTreeMap::from([(9, vec!["h09_x".to_owned()])]);
        assert_eq!(violations(&hazards(PAGE), &tests).len(), 2);
        let tests = BTreeMap::from([(7, vec!["h07_x".to_owned()])]);
        assert!(violations(&hazards(PAGE), &tests).is_empty());
    }
}
