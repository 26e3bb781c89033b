//! Transcripts: what a command prints, with what changes from run to run made plain, held against a file.
//!
//! `OATHCTL_BLESS=1` writes the files anew; look at the difference before committing it.

use std::path::{Path, PathBuf};

use crate::everyday::scenes;
use crate::tenant::Ran;

/// Every transcript there is; a file without a line here is an orphan.
pub const ALL: &[&str] = &[
    "activate",
    "activate_failures",
    "audit",
    "check_asks",
    "check_codes",
    "check_codes_otherwise",
    "check_damaged",
    "check_locked",
    "check_workbook",
    "convert",
    "convert_left_out",
    "ctrl_c_resume",
    "demo",
    "gate_refused",
    "help",
    "html",
    "missing_permission",
    "no_terminal",
    "pair",
    "plan_apply",
    "redirect",
    "refused_gate_json",
    "refused_sign_in_json",
    "refused_strict_json",
    "runs",
    "stock",
    "store",
    "tokens",
    "tokens_leavers",
    "tokens_list",
    "tokens_lost",
    "tokens_replace",
    "tokens_show",
    "two_runs",
    "unreachable",
    "users",
    "vault",
    "vault_export",
    "wrong_secret",
];

/// Those of the scenes (`everyday::scenes`), in a folder of their own.
const SCENES: &str = "scenes";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/transcripts")
}

/// Holds runs against `transcripts/NAME.txt`.
pub fn holds(name: &str, runs: &[&Ran]) {
    assert!(ALL.contains(&name), "`{name}` is missing in the list of transcripts");
    let text: String = runs.iter().map(|ran| shown(ran)).collect::<Vec<_>>().join("\n");
    holds_text(name, &text);
}

/// Holds the text of a scene against `transcripts/scenes/NAME.txt`.
pub fn holds_scene(name: &str, text: &str) {
    assert!(scenes::ALL.contains(&name), "`{name}` is missing in the list of scenes");
    holds_text(&format!("{SCENES}/{name}"), text);
}

fn holds_text(name: &str, text: &str) {
    let path = folder().join(format!("{name}.txt"));
    if is_blessed() {
        std::fs::write(&path, text).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == wanted, "transcript `{name}` differs; now it is:\n{text}");
}

#[expect(clippy::disallowed_methods, reason = "a test is told from outside to write its files anew")]
fn is_blessed() -> bool {
    std::env::var("OATHCTL_BLESS").is_ok()
}

#[test]
fn no_transcript_is_an_orphan() {
    assert_eq!(texts_in(&folder()), ALL);
    let mut scenes = scenes::ALL.to_vec();
    scenes.sort_unstable();
    assert_eq!(texts_in(&folder().join(SCENES)), scenes);
}

/// Names of the texts of a folder, in order.
fn texts_in(folder: &Path) -> Vec<String> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = paths.filter(|path| path.extension().is_some_and(|end| end == "txt"));
    let mut names: Vec<String> =
        texts.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// A command and what it printed.
pub fn shown(ran: &Ran) -> String {
    let part = |name: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("--- {name}\n{}\n", redacted(text).trim_end()) }
    };
    format!(
        "$ {}\n{}{}--- exit {}\n",
        redacted(&ran.args.join(" ")),
        part("stdout", &ran.out),
        part("stderr", &ran.err),
        ran.code
    )
}

/// Run ids, ports, ids of requests, digests, durations and process ids differ from run to run.
pub fn redacted(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n').filter(|line| !is_progress(line)) {
        let line = replace(line, "127.0.0.1:", |c| c.is_ascii_digit(), "PORT");
        let line = replace(&line, "request id ", |c| c.is_ascii_alphanumeric() || c == '-', "REQUEST");
        let line = replace(&line, "Digest ", |c| c.is_ascii_hexdigit(), "DIGEST");
        let line = replace(&line, "(pid ", |c| c.is_ascii_digit(), "PID");
        let line = runs(&line);
        out.push_str(&times(&line));
    }
    out
}

/// `3 of 5 rows …`: said where a run takes its time.
fn is_progress(line: &str) -> bool {
    let line = line.strip_prefix("[PRACTICE TENANT] ").unwrap_or(line);
    line.split_once(" of ").is_some_and(|(done, of)| {
        done.bytes().all(|byte| byte.is_ascii_digit())
            && of.split_whitespace().nth(1).is_some_and(|word| word.starts_with("row"))
    })
}

fn replace(line: &str, after: &str, part: impl Fn(char) -> bool, by: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(after) {
        let (before, from) = rest.split_at(at + after.len());
        out.push_str(before);
        let end = from.find(|c| !part(c)).unwrap_or(from.len());
        out.push_str(if end > 0 { by } else { "" });
        rest = &from[end..];
    }
    out + rest
}

/// `20261122T120001-010101` becomes RUN, and a time of a day TIME.
fn runs(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("202") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end =
            from.find(|c: char| !(c.is_ascii_alphanumeric() || "-:.".contains(c))).unwrap_or(from.len());
        let word = from[..end].trim_end_matches(['.', ':', '-']);
        let moment = moment(word);
        rest = &from[word.len()..];
        // The full stop after a time goes with it.
        rest = rest.strip_prefix('.').filter(|_| moment.ends_with("TTIME")).unwrap_or(rest);
        out.push_str(&moment);
    }
    out + rest
}

/// A run id without what changes, a time without its time of day, another word as it is.
fn moment(word: &str) -> String {
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|byte| byte.is_ascii_digit());
    match word.split_once('T') {
        Some((day, _)) if digits(day, 8) => "RUN".to_owned(),
        Some((day, time))
            if digits(&day.replace('-', ""), 8) && time.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            let end = time.find('Z').map_or(time.len(), |at| at + 1);
            format!("{day}TTIME{}", &time[end..])
        }
        _ => word.to_owned(),
    }
}

/// The run's line has a duration, and counts that hang on timing.
fn times(line: &str) -> String {
    match line.strip_prefix("Run RUN · ").and_then(|rest| rest.split_once(" · ")) {
        Some((rows, _)) => format!("Run RUN · {rows} · FIGURES\n"),
        None => line.to_owned(),
    }
}
