//! Figures that an example of a crate measures and prints: the pacer's, and the readers'. They are read from what it
//! prints; a line that is missing is a failure, not a promise kept.

use super::figure::{Figure, Findings, Found};
use crate::cargo;

const PACE: &[&str] = &["run", "--release", "-p", "oathctl-core", "--example", "pace_figures"];
const MILLION: &[&str] = &["run", "--release", "-p", "oathctl-files", "--example", "read_million"];

/// The tenants of whom something is promised, as the example's lines begin.
const LIMITS: [&str; 2] = ["bucket 100 per 10 s", "window 100 per 10 s"];
const LEAST_RATE: f64 = 90.0;
const MOST_REFUSED: f64 = 2.0;
const NOTE: &str = "Pacing: simulated, no second of it is waited for. The rate is what was accepted since the first \
    refusal, against what the limit permits in that time; more than 100 % means that a window's worth was spent early \
    in it. Refused is the share of all operations sent until then.";

/// The pacer against tenants that limit, in virtual time. A window may begin anywhere in the tenant's time, so every
/// beginning that the example tries is a figure of its own.
pub fn pace() -> Found {
    let output = cargo::output(PACE)?;
    let mut figures = Vec::new();
    for limit in LIMITS {
        let begun = figures.len();
        for line in output.lines().filter(|line| line.starts_with(limit)) {
            figures.push(one_limit(line).ok_or_else(|| format!("the example's line can't be read: {line}"))?);
        }
        if figures.len() == begun {
            return Err(format!("the example printed no figures for `{limit}`."));
        }
    }
    Ok(Findings { figures, note: Some(NOTE.into()), printed: Some((command(PACE), output)) })
}

/// What one line says of the first 120 s after the first refusal. The promise is for at least 60 s; over 60 s alone the
/// one refusal nobody can foresee weighs too much where a window begins inside the ramp (the example shows both).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pacing {
    rate: f64,
    refused: f64,
    early: u64,
}

fn one_limit(line: &str) -> Option<Figure> {
    let (name, rest) = line.split_once("  ")?;
    let Pacing { rate, refused, early } = pacing(rest)?;
    let what = format!("pacing, {name}, 120 s from the first refusal, virtual time");
    let told =
        format!("{rate:.1} % of the permitted rate, {refused:.1} % refused, {early} before `Retry-After`");
    let holds = rate >= LEAST_RATE && refused <= MOST_REFUSED && early == 0;
    let promise = format!("≥ {LEAST_RATE:.0} %, ≤ {MOST_REFUSED:.0} %, 0");
    Some(Figure::plain(&what, &told, &command(PACE)).promised(&promise, holds))
}

/// `…  95.3 % / 1.2 %  …  …  0`: rate and refused at 60 s, at 120 s …, last the number sent too early.
fn pacing(rest: &str) -> Option<Pacing> {
    let mut percents = rest.split('%').filter_map(|part| part.split_whitespace().next_back()?.parse().ok());
    let (rate, refused) = (percents.nth(2)?, percents.next()?);
    let early = rest.split_whitespace().next_back()?.parse().ok()?;
    Some(Pacing { rate, refused, early })
}

const LONGEST_S: f64 = 2.0;
const MOST_MB: f64 = 300.0;

/// A million rows read and checked; the middle of three runs.
pub fn million() -> Found {
    let mut runs = Vec::new();
    for _ in 0..3 {
        let output = cargo::output(MILLION)?;
        let read =
            |name: &str| number(&output, name).ok_or_else(|| format!("the example printed no `{name}`."));
        runs.push((read("total")?, read("peak")?));
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let [(fastest, _), (middle, _), (slowest, _)] = runs[..] else {
        return Err("three runs were wanted.".into());
    };
    let peak = runs.iter().map(|run| run.1).fold(0.0, f64::max);
    let time = Figure::plain(
        "reading and checking a CSV of 1,000,000 rows",
        &format!("{middle:.2} s (of three: {fastest:.2} to {slowest:.2} s)"),
        &command(MILLION),
    );
    let memory = Figure::plain(
        "its peak memory, the file's bytes included",
        &format!("{peak:.0} MB"),
        &command(MILLION),
    );
    let figures = vec![
        time.promised(&format!("≤ {LONGEST_S:.0} s"), middle <= LONGEST_S),
        // 0 is what it prints where the system does not say.
        memory.promised(&format!("≤ {MOST_MB:.0} MB"), peak > 0.0 && peak <= MOST_MB),
    ];
    Ok(Findings { figures, ..Findings::default() })
}

/// The number behind a name at the beginning of a line.
fn number(output: &str, name: &str) -> Option<f64> {
    let mut words = output.lines().map(str::split_whitespace);
    let mut line = words.find(|line| line.clone().next() == Some(name))?;
    line.nth(1)?.parse().ok()
}

fn command(args: &[&str]) -> String {
    format!("cargo {}", args.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_pacing_is_read() {
        let rest = "      96.3 % / 1.1 %     97.0 % / 0.9 %    98.0 % / 0.5 %       3";
        assert_eq!(pacing(rest), Some(Pacing { rate: 97.0, refused: 0.9, early: 3 }));
        assert_eq!(pacing("      nothing of the kind"), None);
    }

    #[test]
    fn each_part_of_the_promise_can_be_broken() {
        let told = |line: &str| {
            let mut page = super::super::figure::Page::new(String::new());
            page.add(Findings { figures: vec![one_limit(line).unwrap()], ..Findings::default() });
            page.broken().join("")
        };
        assert_eq!(told("window 7, a   1.0 % / 9.9 %  90.0 % / 2.0 %   0"), "");
        assert!(
            told("window 7, a   1.0 % / 9.9 %   89.9 % / 2.0 %   0")
                .contains("89.9 % of the permitted rate, 2.0 % refused")
        );
        assert!(
            told("window 7, a   1.0 % / 9.9 %   90.0 % / 2.1 %   0").contains("pacing, window 7, a, 120 s")
        );
        assert!(told("window 7, a   1.0 % / 9.9 %   90.0 % / 2.0 %   1").contains("1 before `Retry-After`"));
        assert!(one_limit("window 7, a   of another kind").is_none());
    }

    #[test]
    fn numbers_stand_behind_their_names() {
        let output = "read     0.41 s\ntotal    0.57 s\npeak     184 MB\n";
        assert_eq!((number(output, "total"), number(output, "peak")), (Some(0.57), Some(184.0)));
        assert_eq!(number(output, "check"), None);
    }
}
