//! The store at its size: seeds of a whole delivery into the vault, and lists out of the inventory, each as a whole process,
//! on SQLite and on the PostgreSQL of the tests.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::child::{self, Ran};
use super::figure::{Figure, Findings, Found, median, thousands};
use super::folder::Folder;
use super::program;
use crate::{cargo, postgres};

const TOKENS: u32 = 100_000;
const LONGEST_IMPORT_S: f64 = 10.0;
const LONGEST_LIST_MS: f64 = 100.0;
const MOST_MB: f64 = 300.0;
/// How much a server may take more.
const ON_A_SERVER: f64 = 2.0;
const LISTS_EACH: usize = 5;

/// Fills an inventory as a tenant's look does; it and the lists are of the store's own example.
const FILL: &[&str] = &["run", "--release", "-p", "oathctl-store", "--example", "inventory_load"];

/// Lists of 1,000 rows or fewer out of 100,000.
const LISTS: [&str; 4] = [
    "tokens list --cached --serial 2308700042",
    "tokens list --cached --model xt-2",
    "tokens list --cached --batch box-7",
    "tokens list --cached --status activated --never-used",
];

/// Where the store lies, and what may be asked of it.
struct Place<'a> {
    program: &'a Path,
    on: &'a str,
    factor: f64,
    /// As `OATHCTL_STORE` has it, for a store of this name.
    store: &'a dyn Fn(&str) -> String,
}

/// Import, lists and memory on both databases.
pub fn figures() -> Found {
    let program = program::built()?;
    let folder = Folder::beside(&program)?;
    folder.write("tokens.csv", &delivery())?;
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).join("oathctl.db").display());
    let mut figures =
        measured(&folder, &Place { program: &program, on: "SQLite", factor: 1.0, store: &file })?;
    let server = postgres::start()?;
    let schema = |name: &str| format!("{}?schema=bench_{name}", server.address);
    let place = Place { program: &program, on: "PostgreSQL", factor: ON_A_SERVER, store: &schema };
    figures.extend(measured(&folder, &place)?);
    let note = "The store: the vault's key file opens it; the server is the one of the tests, on the same machine, \
        which does not wait for the disk.";
    Ok(Findings { figures, note: Some(note.into()), printed: None })
}

fn measured(folder: &Folder, place: &Place<'_>) -> Result<Vec<Figure>, String> {
    let mut figures = import(folder, place)?;
    let store = (place.store)("lists");
    let args: Vec<String> =
        FILL.iter().map(ToString::to_string).chain(["--".into(), TOKENS.to_string()]).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    std::fs::create_dir_all(folder.path().join("lists")).map_err(|why| format!("a folder: {why}."))?;
    let mut fill = cargo::command(&args);
    let filled = fill.env("OATHCTL_STORE", &store).stdout(Stdio::null()).status();
    if !filled.is_ok_and(|status| status.success()) {
        return Err(format!("`cargo {}` did not come to its end.", args.join(" ")));
    }
    for line in LISTS {
        figures.push(list(folder, place, &store, line)?);
    }
    Ok(figures)
}

fn import(folder: &Folder, place: &Place<'_>) -> Result<Vec<Figure>, String> {
    let store = (place.store)("vault");
    let key = format!("desk-{}.key", place.on);
    let run = |line: &str| run(folder, place.program, &store, line);
    run(&format!("vault init --new-key-file {key}"))?;
    let ran = run(&format!("vault import tokens.csv --vault-key-file {key}"))?;
    let peak = ran.peak_kb.unwrap_or(u64::MAX) as f64 / 1e3;
    let (on, tokens) = (place.on, thousands(TOKENS.into()));
    let (longest, most) = (LONGEST_IMPORT_S * place.factor, MOST_MB * place.factor);
    let command = "oathctl vault import tokens.csv";
    Ok(vec![
        Figure::plain(
            &format!("{tokens} seeds into vault and inventory, whole process, {on}"),
            &format!("{:.1} s", ran.wall_s),
            command,
        )
        .promised(&format!("≤ {longest:.0} s"), ran.wall_s <= longest),
        Figure::plain(&format!("its peak memory, {on}"), &format!("{peak:.0} MB"), command)
            .promised(&format!("≤ {most:.0} MB"), ran.peak_kb.is_some() && peak <= most),
    ])
}

fn list(folder: &Folder, place: &Place<'_>, store: &str, line: &str) -> Result<Figure, String> {
    run(folder, place.program, store, line)?; // the first one reads the file from disk
    let ran = (0..LISTS_EACH).map(|_| run(folder, place.program, store, line));
    let ran = ran.collect::<Result<Vec<Ran>, String>>()?;
    let times: Vec<f64> = ran.iter().map(|ran| ran.wall_s * 1e3).collect();
    let peak = ran.iter().filter_map(|ran| ran.peak_kb).max().unwrap_or(u64::MAX) as f64 / 1e3;
    let middle = median(&times).unwrap_or(f64::INFINITY);
    let (longest, most) = (LONGEST_LIST_MS * place.factor, MOST_MB * place.factor);
    let what = format!("a list out of {}, whole process, {}", thousands(TOKENS.into()), place.on);
    let figure = Figure::plain(&what, &format!("{middle:.0} ms, {peak:.0} MB"), &format!("oathctl {line}"));
    Ok(figure.promised(&format!("≤ {longest:.0} ms, ≤ {most:.0} MB"), middle <= longest && peak <= most))
}

fn run(folder: &Folder, program: &Path, store: &str, line: &str) -> Result<Ran, String> {
    let mut command = Command::new(program);
    let state: PathBuf = folder.path().join("state");
    command.args(line.split_whitespace()).current_dir(folder.path()).env_clear();
    command.env("OATHCTL_STORE", store).env("OATHCTL_STATE_DIR", state);
    let said = std::fs::File::create(folder.path().join("said")).map_err(|why| format!("a file: {why}."))?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said);
    let ran = child::run(&mut command)?;
    if ran.status.success() {
        return Ok(ran);
    }
    Err(format!("`oathctl {line}` ended with {}: {}", ran.status, folder.read("said")?))
}

/// A vendor's file with seeds that nobody has.
fn delivery() -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::from("upn,serial number,secret key,time interval,manufacturer,model\n");
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for n in 0..TOKENS {
        let seed: String = (0..32)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                char::from(ALPHABET[usize::try_from(state >> 59).unwrap_or(0)])
            })
            .collect();
        let _ = writeln!(text, ",23{n:08},{seed},30,Examplar,XT-1");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_has_its_rows_and_no_seed_twice() {
        let text = delivery();
        let seeds: std::collections::BTreeSet<&str> =
            text.lines().skip(1).filter_map(|row| row.split(',').nth(2)).collect();
        assert_eq!(seeds.len(), TOKENS as usize);
        assert!(seeds.iter().all(|seed| seed.len() == 32));
    }
}
