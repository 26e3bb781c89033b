//! A disk that fills while the journal is written: the real binary in a mount namespace with a tiny file system.
//!
//! Needs `unshare` with user namespaces; where there is none, the conversion of the error is covered by the store's
//! own tests.

use std::process::{Command, Stdio};

use crate::tenant::{Tenant, csv};

const IN_A_SMALL_ROOM: &str = r#"mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@""#;

fn can_unshare() -> bool {
    let tried = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

#[test]
fn the_run_stops_and_nothing_is_lost() {
    if !can_unshare() {
        return;
    }
    let tenant = Tenant::new();
    let people: Vec<String> = (44..67).map(|n| tenant.upn(n)).collect();
    let room = tenant.folder.path().join("room");
    std::fs::create_dir(&room).unwrap();
    tenant.write("tokens.csv", &csv(&people));
    for size in ["60k", "140k", "170k"] {
        let ran = Command::new("unshare")
            .args(["-rm", "sh", "-c", IN_A_SMALL_ROOM, "sh", size])
            .args([room.as_os_str(), env!("CARGO_BIN_EXE_oathctl").as_ref()])
            .args(["activate", "tokens.csv", "--yes", "--state-dir", "room/state"])
            .current_dir(tenant.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .envs(tenant.env())
            .output()
            .unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{size}: {err}");
        assert!(err.contains("No space is left") || err.contains("disk is full"), "{size}: {err}");
    }
    // The journal of those runs is gone with its disk; what they did is found in the tenant.
    let rest = tenant.run("oathctl activate tokens.csv --yes");
    assert_eq!(rest.code, 0, "{}{}", rest.out, rest.err);
    assert_eq!(tenant.active(), people.len());
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn a_limit_of_file_sizes_is_an_error_and_no_sudden_end() {
    let tenant = Tenant::new();
    tenant.write("tokens.csv", &csv(&[tenant.upn(1)]));
    let ran = Command::new("sh")
        .args(["-c", "ulimit -f 16; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_oathctl")])
        .args(["activate", "tokens.csv", "--yes", "--state-dir", "state"])
        .current_dir(tenant.folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(tenant.env())
        .output()
        .unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(1), "{err}");
    assert!(err.contains("store"), "{err}");
    assert!(tenant.state().is_empty());
}
