//! The part of `cargo metadata` (format version 1) that the chores read.

use serde::Deserialize;

use crate::cargo;

/// The answer of `cargo metadata`.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
}

/// One package: ours, or one we depend on for any platform.
#[derive(Debug, Default, Deserialize)]
pub struct Package {
    pub name: String,
    #[serde(default)]
    pub version: String,
    /// An SPDX expression, as its manifest states it.
    pub license: Option<String>,
    /// Where it comes from; `None` for a package of this workspace.
    pub source: Option<String>,
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependency tables.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `None`: needed by the shipped code.
    pub kind: Option<Kind>,
}

/// The other two kinds of dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Dev,
    Build,
}

/// Every package of the dependency graph, on all platforms.
pub fn whole_graph() -> Result<Metadata, String> {
    read(&["metadata", "--format-version", "1"])
}

/// The packages of this workspace only, with what their manifests ask for. Needs no network.
pub fn our_manifests() -> Result<Metadata, String> {
    read(&["metadata", "--format-version", "1", "--no-deps"])
}

fn read(args: &[&str]) -> Result<Metadata, String> {
    serde_json::from_str(&cargo::output(args)?).map_err(|why| format!("cargo metadata: {why}."))
}
