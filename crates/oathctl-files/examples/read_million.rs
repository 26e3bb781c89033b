//! Reads and checks a generated CSV of a million rows and prints how long that took and how much memory.
//!
//! ```text
//! cargo run --release -p oathctl-files --example read_million [ROWS]
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example tells its figures")]
#![expect(clippy::disallowed_methods, reason = "it measures time and takes an argument")]

use std::fmt::Write as _;
use std::time::Instant;

use oathctl_core::check::{CheckOptions, check};
use oathctl_core::table::Verdict;
use oathctl_files::{Input, NoKeys, ReadOptions, read};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn main() {
    let rows = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000u64);
    let text = generate(rows);
    println!("file     {} rows, {:.1} MB", rows, text.len() as f64 / 1e6);
    println!("before   {} MB", peak_mb());
    let start = Instant::now();
    let mut table =
        read(Input::new(Some("million.csv".into()), text.into_bytes()), &ReadOptions::default(), &mut NoKeys);
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

/// Microsoft's CSV with one token a person.
fn generate(rows: u64) -> String {
    let mut text = String::with_capacity(rows as usize * 96 + 128);
    text.push_str("upn,serial number,secret key,time interval,manufacturer,model\r\n");
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    for n in 0..rows {
        let _ = write!(text, "person{n:07}@example.test,12{n:011},");
        for _ in 0..32 {
            text.push(char::from(BASE32[(next(&mut state) >> 59) as usize]));
        }
        let _ = write!(text, ",{},Examplar,XT-1\r\n", if n % 2 == 0 { 30 } else { 60 });
    }
    text
}

/// xorshift64*; enough to make seeds differ.
fn next(state: &mut u64) -> u64 {
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
