//! A program run once: how long it took, and the most memory it held.

use std::fs;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How often a running program is looked at; also how exact its time is.
const LOOK: Duration = Duration::from_millis(2);

/// How it went.
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// From before its start to after its end, in seconds.
    pub wall_s: f64,
    /// The most resident memory seen, in kB; `None` where the system does not say.
    pub peak_kb: Option<u64>,
}

/// Starts it and waits.
pub fn run(command: &mut Command) -> Result<Ran, String> {
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|why| format!("{command:?} could not be started: {why}."))?;
    let mut peak_kb = None;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Ran { status, wall_s: begun.elapsed().as_secs_f64(), peak_kb }),
            Ok(None) => peak_kb = peak_kb.max(peak(&child)),
            Err(why) => return Err(format!("{command:?} was lost: {why}.")),
        }
        thread::sleep(LOOK);
    }
}

/// The kernel keeps the highest value, so only what is touched in the last milliseconds can be missed.
fn peak(child: &Child) -> Option<u64> {
    high_water(&fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?)
}

/// See <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html>, `VmHWM`.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(high_water("VmPeak:\t  9 kB\nVmHWM:\t   12345 kB\nVmRSS:\t 1 kB\n"), Some(12_345));
        assert_eq!(high_water("Name:\tzombie\nState:\tZ (zombie)\n"), None);
    }
}
