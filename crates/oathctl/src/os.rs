//! What differs by operating system, in one place.
//!
//! Owns: hardening of the process (H21), private files (H23), the name of the user. Does not own: what is written.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Core dumps off: a dump would hold seeds. Failing is no reason not to run.
pub fn harden() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

/// A write beyond the limit of a file's size (`ulimit -f`) then fails like one onto a full disk, where the system's
/// default is to end the process. The handler stays for as long as the process lives. Needs a runtime.
pub fn survive_size_limits() {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};
        let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    }
}

/// A panic tells its place and nothing of what it had in hand.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        use io::Write;
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let _ = writeln!(
            io::stderr(),
            "oathctl: a fault of oathctl itself, at {place}. Nothing that was sent is lost: the journal has it; \
             `oathctl resume` goes on. Please report this place."
        );
    }));
}

/// Creates a file for us alone, in place of one that is there.
///
/// # Errors
/// The operating system's.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

/// Opens a file to write at its end, made for us alone where there is none.
///
/// # Errors
/// The operating system's.
pub fn append_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a file for us alone where none is. A link that leads nowhere counts as one that is.
///
/// # Errors
/// `AlreadyExists`, or the operating system's.
pub fn create_new_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens what is behind an open descriptor of this process once more.
///
/// # Errors
/// The operating system's; `Unsupported` where descriptors have no names.
pub fn open_descriptor(number: u32) -> io::Result<File> {
    if cfg!(unix) { File::open(format!("/dev/fd/{number}")) } else { Err(io::ErrorKind::Unsupported.into()) }
}

/// True for a plain file that others than its owner may read.
#[cfg(unix)]
pub fn is_open_to_others(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o044 != 0)
}

/// True for a plain file that others than its owner may read; not known here.
#[cfg(not(unix))]
pub fn is_open_to_others(_: &File) -> bool {
    false
}

/// True for "no space left" and "quota reached".
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// The variable that names the user of the operating system. Self-asserted.
#[cfg(unix)]
pub const USER_VARIABLE: &str = "USER";
/// The variable that names the user of the operating system. Self-asserted.
#[cfg(not(unix))]
pub const USER_VARIABLE: &str = "USERNAME";
