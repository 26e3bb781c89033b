//! Where PostgreSQL's programs are, how they come there, and who may run them: it refuses to run as root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of `initdb`, `postgres` and `pg_ctl`.
pub struct Programs(PathBuf);

const NEEDED: &[&str] = &["initdb", "postgres", "pg_ctl"];

/// Debian's place; it holds one folder a version.
const PLACE: &str = "/usr/lib/postgresql";

impl Programs {
    /// Finds them, or installs Debian's package as root.
    pub fn find_or_install() -> Result<Self, String> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        let missing = "PostgreSQL's programs (initdb, postgres, pg_ctl) are not on this machine";
        if !is_root() || !answers("apt-get") {
            return Err(format!(
                "{missing}. Install them (Debian: `apt-get install postgresql`), or name a server for tests with \
                 {}=postgres://USER@HOST/DATABASE.",
                super::VARIABLE
            ));
        }
        println!("{missing}: installing the package postgresql.");
        let install = ["install", "--yes", "--no-install-recommends", "postgresql"];
        if !apt(&install) {
            let _ = apt(&["update"]);
            if !apt(&install) {
                return Err(format!("{missing}, and `apt-get install postgresql` failed."));
            }
        }
        Self::find().ok_or_else(|| format!("{missing}, even after installing the package postgresql."))
    }

    fn find() -> Option<Self> {
        let versions = fs::read_dir(PLACE).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
        folders.sort_by_key(|folder| version_in(folder));
        folders.reverse();
        let path = std::env::var_os("PATH").unwrap_or_default();
        folders.extend(std::env::split_paths(&path));
        folders.into_iter().find(|folder| NEEDED.iter().all(|name| folder.join(name).is_file())).map(Self)
    }

    /// One of them.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// `postgres (PostgreSQL) 15.18`.
    pub fn version(&self) -> String {
        let out = Command::new(self.path("postgres")).arg("--version").output();
        out.map_or_else(
            |_| "version unknown".into(),
            |out| String::from_utf8_lossy(&out.stdout).trim().to_owned(),
        )
    }
}

fn version_in(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// Whom a process of root becomes.
pub struct User {
    /// Its name.
    pub name: &'static str,
    uid: u32,
    gid: u32,
}

impl User {
    /// `None` when we are not root and need nobody else.
    pub fn without_rights() -> Result<Option<Self>, String> {
        if !is_root() {
            return Ok(None);
        }
        let known = ["postgres", "nobody"].into_iter().find_map(Self::named);
        known.map(Some).ok_or_else(|| {
            "PostgreSQL does not run as root, and there is neither a user postgres nor nobody.".to_owned()
        })
    }

    fn named(name: &'static str) -> Option<Self> {
        Some(Self { name, uid: id(&["-u", name])?, gid: id(&["-g", name])? })
    }

    /// Makes a folder theirs.
    #[cfg(unix)]
    pub fn give(&self, folder: &Path) -> Result<(), String> {
        std::os::unix::fs::chown(folder, Some(self.uid), Some(self.gid))
            .map_err(|why| format!("{} can't be given to {}: {why}.", folder.display(), self.name))
    }

    /// Lets a command run as them.
    #[cfg(unix)]
    pub fn run_as(&self, command: &mut Command) {
        use std::os::unix::process::CommandExt;
        command.uid(self.uid).gid(self.gid);
    }

    /// There is no root elsewhere.
    #[cfg(not(unix))]
    pub fn give(&self, _folder: &Path) -> Result<(), String> {
        Ok(())
    }

    /// There is no root elsewhere.
    #[cfg(not(unix))]
    pub fn run_as(&self, _command: &mut Command) {}
}

fn is_root() -> bool {
    cfg!(unix) && id(&["-u"]) == Some(0)
}

fn id(args: &[&str]) -> Option<u32> {
    let out = Command::new("id").args(args).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(out.stdout).ok()?.trim().parse().ok()
}

fn apt(args: &[&str]) -> bool {
    println!("$ apt-get {}", args.join(" "));
    let mut apt = Command::new("apt-get");
    apt.args(args).env("DEBIAN_FRONTEND", "noninteractive").status().is_ok_and(|status| status.success())
}

fn answers(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_a_number_and_not_a_word() {
        let folder = |version: &str| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
        assert!(version_in(&folder("9")) < version_in(&folder("15")));
        assert_eq!(version_in(Path::new("/usr/bin")), 0);
    }
}
