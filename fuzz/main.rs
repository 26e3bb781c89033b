//! One program for all targets: `OATHCTL_FUZZ_TARGET` names the one to run, libFuzzer takes its own arguments.
#![no_main]

use std::sync::OnceLock;

mod targets;

static TARGET: OnceLock<&'static targets::Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let target = TARGET.get_or_init(|| {
        let name = std::env::var("OATHCTL_FUZZ_TARGET").unwrap_or_default();
        targets::TARGETS
            .iter()
            .find(|target| target.name == name)
            .expect("OATHCTL_FUZZ_TARGET names a target")
    });
    target.run(data);
});
