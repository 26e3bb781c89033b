//! The machine in one sentence: a figure without it says little.

use std::fs;
use std::process::Command;

/// Processor, cores, system, compiler, and how busy the machine was already.
pub fn line() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut line = format!("Machine: {}, {cores} cores, {}, {}", processor(), system(), compiler());
    if let Some(load) = load() {
        line.push_str(&format!("; load {load} before the first measurement"));
    }
    line.push('.');
    line
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = model(&text).unwrap_or("processor of unknown make");
    format!("{named} ({})", std::env::consts::ARCH)
}

fn model(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim()).filter(|name| !name.is_empty())
}

fn system() -> String {
    match fs::read_to_string("/proc/sys/kernel/osrelease") {
        Ok(release) => format!("Linux {}", release.trim()),
        Err(_) => std::env::consts::OS.to_owned(),
    }
}

fn compiler() -> String {
    let asked = Command::new("rustc").arg("--version").current_dir(crate::cargo::root()).output();
    let told = asked.ok().and_then(|out| String::from_utf8(out.stdout).ok());
    told.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).unwrap_or("rustc unknown".into())
}

/// Runnable processes, averaged over the last minute.
fn load() -> Option<String> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_found_or_missing() {
        assert_eq!(
            model("vendor_id\t: X\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: other\n"),
            Some("Some CPU @ 2 GHz")
        );
        assert_eq!(model("Features\t: fp asimd\n"), None);
    }
}
