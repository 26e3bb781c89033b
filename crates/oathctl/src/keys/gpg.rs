//! The user's own gpg.
//!
//! Owns: starting `gpg --decrypt` with a scrubbed environment (H21), message and plaintext by pipes, what its
//! status says. Does not own: where gpg's keys are, nor its questions: its agent asks them.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use oathctl_files::Input;
use zeroize::Zeroizing;

use crate::host::Environment;
use crate::words::en::foreign::clean;

/// The most it may give, in bytes: what may come out of any layer.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// The most that is read of what it tells.
const MOST_TOLD: u64 = 64 * 1024;

/// What gpg, its agent and a pinentry need; nothing that is ours goes to them.
const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "GNUPGHOME",
    "GPG_TTY",
    "GPG_AGENT_INFO",
    "PINENTRY_USER_DATA",
    "SSH_AUTH_SOCK",
    "TERM",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
    "SystemRoot",
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramFiles",
    "PATHEXT",
];

/// Decrypts a message. The error is gpg's own last word.
pub(super) fn decrypt(env: &Environment, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut child = command(env).spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no program gpg here".to_owned(),
        _ => crate::failure::io_words(&error),
    })?;
    let (plain, told) = exchange(&mut child, message);
    let ended = child.wait().map_err(|error| crate::failure::io_words(&error))?;
    let told = String::from_utf8_lossy(&told).into_owned();
    // Its exit code also tells of a signer it doesn't know; whether decrypting went well is a status of its own.
    let status = |word: &str| {
        told.lines().any(|line| line.strip_prefix("[GNUPG:] ").is_some_and(|s| s.starts_with(word)))
    };
    let is_whole = status("DECRYPTION_OKAY") && !status("DECRYPTION_FAILED") && !status("BADSIG");
    match plain {
        Some(plain) if is_whole => Ok(plain),
        None if is_whole => Err("it gives more than any seed file holds".into()),
        _ if status("BADSIG") => Err("the signature is wrong: the message was altered".into()),
        _ => Err(last_word(&told).unwrap_or_else(|| format!("it ended with {ended}"))),
    }
}

fn command(env: &Environment) -> Command {
    let mut command = Command::new("gpg");
    command.env_clear();
    for name in PASSED {
        if let Some(value) = env.get(*name) {
            command.env(name, value.as_str());
        }
    }
    command.args(["--batch", "--quiet", "--status-fd", "2", "--max-output"]);
    command.arg(MOST_BYTES.to_string()).arg("--decrypt");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Feeds it and listens to both of its voices at once, so that none of the pipes fills up.
fn exchange(child: &mut Child, message: &[u8]) -> (Option<Zeroizing<Vec<u8>>>, Zeroizing<Vec<u8>>) {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // One that ends early says why itself.
            stdin.map(|mut stdin| stdin.write_all(message))
        });
        let told = scope.spawn(move || stderr.map(|stderr| wiped(stderr.take(MOST_TOLD), MOST_TOLD)));
        let plain = stdout.and_then(|stdout| wiped(stdout, MOST_BYTES));
        (plain, told.join().ok().flatten().flatten().unwrap_or_default())
    })
}

/// Everything it says; `None` beyond the limit. Outgrown buffers are wiped.
fn wiped(from: impl Read, most: u64) -> Option<Zeroizing<Vec<u8>>> {
    Input::read_from(None, from, 0, most).ok().map(|input| input.bytes)
}

fn last_word(told: &str) -> Option<String> {
    let said = told.lines().rfind(|line| !line.starts_with("[GNUPG:]") && !line.trim().is_empty())?;
    Some(clean(said.trim().trim_start_matches("gpg: ")))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    /// A program of this name that does as told.
    fn stand_in(script: &str) -> (TempDir, Environment) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("gpg");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let search = format!("{}:/usr/bin:/bin", folder.path().display());
        let value = |text: &str| Zeroizing::new(text.to_owned());
        let env = [("PATH", value(&search)), ("AZURE_CLIENT_SECRET", value("hunter2"))];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        (folder, env)
    }

    #[test]
    fn a_status_decides_and_not_the_exit_code() {
        let (_folder, env) = stand_in(
            "cat; echo '[GNUPG:] DECRYPTION_OKAY' >&2; echo \"gpg: Can't check signature\" >&2; exit 2",
        );
        let plain = decrypt(&env, &vec![7; 300_000]).unwrap();
        assert_eq!(plain.as_slice(), vec![7; 300_000]);
        let (_folder, env) = stand_in("cat; exit 0");
        assert!(decrypt(&env, b"x").is_err());
        let (_folder, env) =
            stand_in("cat; echo '[GNUPG:] DECRYPTION_OKAY' >&2; echo '[GNUPG:] BADSIG 1 x' >&2; exit 1");
        assert!(decrypt(&env, b"x").unwrap_err().contains("signature"));
    }

    #[test]
    fn its_last_word_is_told() {
        let (_folder, env) = stand_in(
            "echo 'gpg: encrypted with rsa2048 key' >&2; echo '[GNUPG:] DECRYPTION_FAILED' >&2; \
             echo 'gpg: decryption failed: No secret key' >&2; exit 2",
        );
        assert_eq!(decrypt(&env, b"x").unwrap_err(), "decryption failed: No secret key");
        let nowhere = [("PATH".to_owned(), Zeroizing::new("/nonexistent".to_owned()))].into_iter().collect();
        assert_eq!(decrypt(&nowhere, b"x").unwrap_err(), "there is no program gpg here");
    }

    #[test]
    fn h21_nothing_of_ours_is_in_its_environment() {
        let (_folder, env) = stand_in("env; echo '[GNUPG:] DECRYPTION_OKAY' >&2");
        let seen = String::from_utf8(decrypt(&env, b"").unwrap().to_vec()).unwrap();
        assert!(seen.contains("PATH=") && !seen.contains("hunter2"), "{seen}");
    }
}
