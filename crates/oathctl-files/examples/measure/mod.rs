//! What the examples here share: reading and judging a generated input, with its time and memory.

use std::time::Instant;

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::table::Verdict;
use oathctl_files::{Input, KeyRing, ReadOptions, read};

/// Reads and checks an input, prints how long that took and how much memory; every row must be usable.
pub fn read_and_check(name: &str, bytes: Vec<u8>, rows: u64, keys: &mut dyn KeyRing) {
    println!("file     {rows} rows, {:.1} MB", bytes.len() as f64 / 1e6);
    println!("before   {} MB", peak_mb());
    let start = Instant::now();
    let mut table = read(Input::new(Some(name.into()), bytes), &ReadOptions::default(), keys);
    let read_secs = start.elapsed().as_secs_f64();
    check(&mut table, &CheckOptions::default());
    let secs = start.elapsed().as_secs_f64();
    let usable = table.rows().filter(|row| row.verdict() == Verdict::Usable).count();
    println!("read     {read_secs:.2} s");
    println!("check    {:.2} s", secs - read_secs);
    println!("total    {secs:.2} s");
    println!("rows     {} read, {usable} usable, {} faults", table.len(), table.faults().len());
    println!("peak     {} MB", peak_mb());
    if usable as u64 != rows {
        eprintln!("every row should be usable");
        std::process::exit(1);
    }
}

/// xorshift64*; enough to make seeds differ.
pub fn next(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

/// The most memory this process ever held, in MB; 0 where the system does not say.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) / 1024
}
