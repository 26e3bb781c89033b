//! Reads and checks a generated CSV of a million rows and prints how long that took and how much memory.
//!
//! ```text
//! cargo run --release -p oathctl-files --example read_million [ROWS]
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example tells its figures")]
#![expect(clippy::disallowed_methods, reason = "it measures time and takes an argument")]

mod measure;

use std::fmt::Write as _;

use measure::next;
use oathctl_files::NoKeys;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn main() {
    let rows = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000u64);
    let text = generate(rows);
    measure::read_and_check("million.csv", text.into_bytes(), rows, &mut NoKeys);
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
