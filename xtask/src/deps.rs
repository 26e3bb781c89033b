//! `cargo xtask deps`: the licence of every dependency, what may not be linked, and where it all comes from.

use std::collections::BTreeMap;

use crate::metadata::{self, Package};
use crate::spdx::Expression;
use crate::{Done, rooms};

/// Licences that any dependency may carry: permissive ones, which ask for no more than to be named.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Package, licence: allowed for this one package alone.
const ALLOWED_FOR: &[(&str, &str)] = &[
    ("libbz2-rs-sys", "bzip2-1.0.6"), // like BSD with a clause against claiming authorship; bzip2 in Rust
    ("option-ext", "MPL-2.0"),        // used unchanged, and so no duty beyond naming it
    ("webpki-root-certs", "CDLA-Permissive-2.0"), // a list of certificates, no code; Windows and Android only
    ("webpki-roots", "CDLA-Permissive-2.0"), // a list too: it tells whether TLS is inspected
];

/// Package, why it may not be linked.
const BANNED: &[(&str, &str)] = &[
    ("aws-lc-sys", "a second TLS provider makes rustls stop at start; ring is ours"),
    ("aws-lc-rs", "a second TLS provider makes rustls stop at start; ring is ours"),
    ("openssl", "the program is one file without a system library to match"),
    ("openssl-sys", "the program is one file without a system library to match"),
    ("native-tls", "certificates are checked in one way on every system: rustls"),
];

/// Checks the whole graph and prints a summary; any violation fails.
pub fn run() -> Done {
    let packages = metadata::whole_graph()?.packages;
    let violations = violations(&packages);
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for package in packages.iter().filter(|package| package.source.is_some()) {
        *used.entry(package.license.as_deref().unwrap_or("none stated")).or_default() += 1;
    }
    for (licence, count) in &used {
        println!("{count:5}  {licence}");
    }
    let foreign: usize = used.values().sum();
    println!(
        "deps: {foreign} packages of others, {} of ours, {} banned names.",
        packages.len() - foreign,
        BANNED.len()
    );
    rooms::report("deps", &violations)
}

/// Everything wrong with a set of packages, in their order.
fn violations(packages: &[Package]) -> Vec<String> {
    packages.iter().filter(|package| package.source.is_some()).flat_map(faults_of).collect()
}

fn faults_of(package: &Package) -> Vec<String> {
    [licence_fault(package), ban_fault(package), origin_fault(package)].into_iter().flatten().collect()
}

fn licence_fault(package: &Package) -> Option<String> {
    let name = package.name.as_str();
    let Some(licence) = &package.license else {
        return Some(format!("{name} {} states no licence.", package.version));
    };
    let is_allowed = |one: &str| ALLOWED.contains(&one) || ALLOWED_FOR.contains(&(name, one));
    match Expression::parse(licence) {
        Ok(expression) if expression.is_met(&is_allowed) => None,
        Ok(_) => Some(format!("{name} {}: `{licence}` is not allowed.", package.version)),
        Err(why) => Some(format!("{name} {}: its licence can't be read: {why}.", package.version)),
    }
}

fn ban_fault(package: &Package) -> Option<String> {
    let (name, why) = BANNED.iter().find(|(name, _)| *name == package.name)?;
    Some(format!("{name} is banned ({why}); `cargo tree -i {name}` shows who brings it."))
}

fn origin_fault(package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    let is_registry = source.starts_with("registry+") || source.starts_with("sparse+");
    (!is_registry).then(|| format!("{} comes from {source}, not from the registry.", package.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, license: Option<&str>, source: &str) -> Package {
        let (license, source) = (license.map(str::to_owned), Some(source.to_owned()));
        Package { name: name.into(), license, source, ..Package::default() }
    }

    fn first_fault(name: &str, license: Option<&str>) -> Option<String> {
        violations(&[package(name, license, "registry+x")]).into_iter().next()
    }

    #[test]
    fn a_permissive_choice_is_enough() {
        assert_eq!(first_fault("a", Some("MIT OR Apache-2.0 OR LGPL-2.1-or-later")), None);
    }

    #[test]
    fn copyleft_silence_and_nonsense_are_faults() {
        for licence in [Some("GPL-3.0-only"), Some("MIT AND MPL-2.0"), None, Some("MIT OR")] {
            assert!(first_fault("a", licence).is_some(), "{licence:?}");
        }
    }

    #[test]
    fn an_exemption_is_for_one_package() {
        assert_eq!(first_fault("option-ext", Some("MPL-2.0")), None);
        assert!(first_fault("another", Some("MPL-2.0")).is_some());
    }

    #[test]
    fn banned_names_and_git_sources_are_faults() {
        assert!(first_fault("native-tls", Some("MIT")).is_some_and(|fault| fault.contains("cargo tree -i")));
        assert_eq!(violations(&[package("a", Some("MIT"), "git+https://example.com/a")]).len(), 1);
    }
}
