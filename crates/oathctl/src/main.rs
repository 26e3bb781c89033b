//! The program: sets the process up, hands everything to the library.

use std::process::ExitCode;

use oathctl::host::Host;

fn main() -> ExitCode {
    oathctl::os::harden();
    oathctl::os::quiet_panics();
    oathctl::run(std::env::args_os(), Host::real())
}
