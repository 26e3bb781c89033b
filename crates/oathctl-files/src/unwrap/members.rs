//! What archives have in common.
//!
//! Owns: which members are looked at, and their names. Does not own: any archive.

/// Left behind by file managers and looked at by nobody.
pub(super) fn is_noise(name: &str) -> bool {
    let mut parts = name.split('/');
    let last = parts.next_back().unwrap_or_default();
    let junk = |part: &str| part == "__MACOSX";
    last.is_empty()
        || last.starts_with("._")
        || junk(last)
        || parts.any(junk)
        || [".DS_Store", "Thumbs.db", "desktop.ini"].iter().any(|noise| last.eq_ignore_ascii_case(noise))
}

/// With `/` between its parts, as most archives write it.
pub(super) fn tidy(name: &str) -> String {
    name.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_told_by_name() {
        for name in ["a/", "__MACOSX/a/._b.csv", "a/.DS_Store", "Thumbs.db", "x/Desktop.ini", "._tokens.csv"]
        {
            assert!(is_noise(name), "{name}");
        }
        for name in ["tokens.csv", "a/b/tokens.csv", ".tokens", "MACOSX/tokens.csv"] {
            assert!(!is_noise(name), "{name}");
        }
        assert_eq!(tidy("a\\b.csv"), "a/b.csv");
    }
}
