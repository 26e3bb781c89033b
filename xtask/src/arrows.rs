//! `cargo xtask arrows`: holds the arrows between the crates. The same check is a test, so the suite holds them too.

use crate::metadata::{self, Kind, Package};
use crate::rooms::{HOMES, ROOMS, Room};
use crate::{Done, cargo, rooms, sources};

/// Checks manifests, dependency trees and sources.
pub fn run() -> Done {
    rooms::report("arrows", &violations()?)
}

/// Every broken rule of this workspace; an error when cargo or a file can't be read.
fn violations() -> Result<Vec<String>, String> {
    let mut found = in_manifests(&metadata::our_manifests()?.packages);
    for room in ROOMS.iter().filter(|room| !room.never.is_empty()) {
        let tree = cargo::output(&["tree", "--edges", "normal", "--prefix", "none", "--package", room.name])?;
        found.extend(in_tree(room, &tree));
    }
    found.extend(sources::violations(&cargo::root())?);
    Ok(found)
}

/// Arrows that no rule allows, and packages without a rule.
fn in_manifests(packages: &[Package]) -> Vec<String> {
    let mut found = Vec::new();
    for package in packages {
        let Some(room) = ROOMS.iter().find(|room| room.name == package.name) else {
            found.push(format!("{} has no line among the rooms.", package.name));
            continue;
        };
        found.extend(package.dependencies.iter().filter_map(|to| arrow_fault(room, &to.name, to.kind)));
    }
    found
}

fn arrow_fault(room: &Room, to: &str, kind: Option<Kind>) -> Option<String> {
    let is_test = kind == Some(Kind::Dev);
    if ROOMS.iter().any(|other| other.name == to) {
        let is_allowed = room.uses.contains(&to) || (is_test && room.tests_use.contains(&to));
        let whose = if is_test { "the tests of " } else { "" };
        return (!is_allowed).then(|| format!("{whose}{} may not use {to}.", room.name));
    }
    let (_, homes) = HOMES.iter().find(|(library, _)| *library == to)?;
    let is_at_home = is_test || homes.contains(&room.name);
    (!is_at_home).then(|| format!("{} may not ask for {to}: its home is {}.", room.name, homes.join(", ")))
}

/// What a room reaches through others although it never may. `tree` has one `name version …` a line.
fn in_tree(room: &Room, tree: &str) -> Vec<String> {
    let reached = |name: &&&str| tree.lines().any(|line| line.split(' ').next() == Some(**name));
    let fault = |name: &&str| {
        format!("{0} reaches {name}; `cargo tree -e normal -p {0} -i {name}` shows how.", room.name)
    };
    room.never.iter().filter(reached).map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    /// The architecture test.
    #[test]
    fn the_arrows_hold() {
        assert_eq!(violations().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn every_room_is_in_the_workspace() {
        let packages = metadata::our_manifests().unwrap().packages;
        for room in ROOMS {
            assert!(packages.iter().any(|package| package.name == room.name), "{}", room.name);
        }
    }

    fn faults(from: &str, to: &str, kind: Option<Kind>) -> usize {
        let dependencies = vec![Dependency { name: to.into(), kind }];
        in_manifests(&[Package { name: from.into(), dependencies, ..Package::default() }]).len()
    }

    #[test]
    fn a_wrong_arrow_is_found() {
        assert_eq!(faults("oathctl-sim", "oathctl-core", None), 0);
        assert_eq!(faults("oathctl-sim", "oathctl-entra", None), 1);
        assert_eq!(faults("oathctl-sim", "oathctl-entra", Some(Kind::Build)), 1);
        assert_eq!(faults("oathctl-entra", "oathctl-store", None), 1);
        assert_eq!(faults("oathctl-core", "oathctl-files", Some(Kind::Dev)), 1);
        assert_eq!(faults("oathctl-nobody", "serde", None), 1);
    }

    #[test]
    fn only_the_simulator_s_tests_may_use_entra() {
        assert_eq!(faults("oathctl-sim", "oathctl-entra", Some(Kind::Dev)), 0);
        assert_eq!(faults("oathctl-store", "oathctl-entra", Some(Kind::Dev)), 1);
    }

    #[test]
    fn a_library_away_from_home_is_found() {
        assert_eq!(faults("oathctl-entra", "reqwest", None), 0);
        assert_eq!(faults("oathctl-sim", "reqwest", None), 1);
    }

    #[test]
    fn what_is_reached_through_others_is_found() {
        let tree = "oathctl-core v0.1.0 (/somewhere)\nrand_core v0.10.0\ntokio v1.54.0 (*)\n";
        assert_eq!(in_tree(&ROOMS[0], tree).len(), 1);
        assert_eq!(in_tree(&ROOMS[0], "oathctl-core v0.1.0\nrand_core v0.10.0\n"), Vec::<String>::new());
    }
}
