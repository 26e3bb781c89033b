//! Which words may stand in which source files. Comments, test modules and test files don't count.

use std::fs;
use std::path::{Path, PathBuf};

use crate::rooms::{NAMINGS, Naming};

/// A source file: its path below the workspace root, and its text.
struct Source {
    path: String,
    text: String,
}

/// Every word that stands where it may not, below a workspace root.
pub fn violations(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for (room, word, naming) in NAMINGS {
        let sources = read(root, room)?;
        found.extend(fault(room, word, *naming, &sources));
    }
    Ok(found)
}

fn fault(room: &str, word: &str, naming: Naming, sources: &[Source]) -> Option<String> {
    let named = files_naming(word, sources);
    let list = named.join(", ");
    match naming {
        Naming::Nowhere if !named.is_empty() => Some(format!("{room} may not name {word}: {list}.")),
        Naming::InOneFile if named.len() != 1 => {
            Some(format!("{room} names {word} in {} files instead of one: [{list}].", named.len()))
        }
        Naming::Beside(other) if !named.iter().all(|path| files_naming(other, sources).contains(path)) => {
            Some(format!("{room} may name {word} only where it names {other}: {list}."))
        }
        _ => None,
    }
}

fn files_naming<'a>(word: &str, sources: &'a [Source]) -> Vec<&'a str> {
    let naming = sources.iter().filter(|source| shipped(&source.text).any(|line| has_word(line, word)));
    naming.map(|source| source.path.as_str()).collect()
}

/// The lines that are shipped: no comment lines, nothing from `#[cfg(test)]` to the end of the item below it.
fn shipped(text: &str) -> impl Iterator<Item = &str> {
    let mut in_test = false;
    text.lines().filter(move |line| {
        if line.starts_with("#[cfg(test)]") {
            in_test = true;
            return false;
        }
        let was_in_test = in_test;
        // rustfmt puts the end of a top-level item at the left margin
        in_test &= !(line.starts_with('}') || (line.ends_with(';') && !line.starts_with(' ')));
        !was_in_test && !line.trim_start().starts_with("//")
    })
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The room's source files but those of tests, by path.
fn read(root: &Path, room: &str) -> Result<Vec<Source>, String> {
    let paths = rust_files(&root.join("crates").join(room).join("src"))?;
    let below = |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).to_path_buf();
    let load = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}.", path.display()))?;
        Ok(Source { path: below(&path).display().to_string(), text })
    };
    paths.into_iter().filter(|path| !is_test_file(&below(path))).map(load).collect()
}

/// Every Rust file below a folder, in order.
pub fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    paths.sort();
    Ok(paths)
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> Result<(), String> {
    let unreadable = |why: std::io::Error| format!("{}: {why}.", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

fn is_test_file(path: &Path) -> bool {
    let is_test = |name: &str| name == "tests" || name.ends_with("_tests");
    path.with_extension("").components().any(|part| part.as_os_str().to_str().is_some_and(is_test))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Vec<Source> {
        files.iter().map(|(path, text)| Source { path: (*path).into(), text: (*text).into() }).collect()
    }

    #[test]
    fn a_word_counts_in_code_only() {
        let text = "//! no tokio\nuse mytokio;\nlet tokio_like = 1;\n    // tokio\n";
        assert!(files_naming("tokio", &sources(&[("a", text)])).is_empty());
        assert_eq!(files_naming("tokio", &sources(&[("a", "fn f() { tokio::spawn(g()); }")])), ["a"]);
    }

    #[test]
    fn tests_may_name_what_they_like_and_code_below_them_may_not() {
        let module = "#[cfg(test)]\nmod tests {\n    #[tokio::test]\n    fn f() {\n    }\n}\n";
        assert!(files_naming("tokio", &sources(&[("a", module)])).is_empty());
        let below = format!("{module}use tokio::task;\n");
        assert_eq!(files_naming("tokio", &sources(&[("a", &below)])), ["a"]);
        let elsewhere = "#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests;\nuse tokio::task;\n";
        assert_eq!(files_naming("tokio", &sources(&[("a", elsewhere)])), ["a"]);
    }

    #[test]
    fn one_file_means_one() {
        let one = sources(&[("a", "use reqwest::Client;\nuse tokio::time;"), ("b", "")]);
        assert_eq!(fault("r", "reqwest", Naming::InOneFile, &one), None);
        assert_eq!(fault("r", "tokio", Naming::Beside("reqwest"), &one), None);
        assert!(fault("r", "tokio", Naming::Nowhere, &one).is_some());
        let two = sources(&[("a", "use reqwest::Client;"), ("b", "use reqwest::Error;\nuse tokio::time;")]);
        assert!(fault("r", "reqwest", Naming::InOneFile, &two).is_some());
        assert!(fault("r", "reqwest", Naming::InOneFile, &sources(&[("a", "")])).is_some());
        let apart = sources(&[("a", "use reqwest::Client;"), ("b", "use tokio::time;")]);
        assert!(fault("r", "tokio", Naming::Beside("reqwest"), &apart).is_some());
    }

    #[test]
    fn test_files_are_known_by_name() {
        assert!(is_test_file(Path::new("src/otp_tests.rs")) && is_test_file(Path::new("src/tests/a.rs")));
        assert!(!is_test_file(Path::new("src/latests.rs")));
    }
}
