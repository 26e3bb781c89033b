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

/// The pacer against tenants that limit, in virtual time.
pub fn pace() -> Found {
    let output = cargo::output(PACE)?;
    let mut figures = Vec::new();
    for limit in LIMITS {
        figures.push(
            worst(limit, &output).ok_or_else(|| format!("the example printed no figures for `{limit}`."))?,
        );
    }
    Ok(Findings { figures, printed: Some((command(PACE), output)), note: None })
}

/// What one line says 60 s after the first refusal.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pacing {
    rate: f64,
    refused: f64,
    early: u64,
}

/// The worst of every line that begins so: a window may begin anywhere in the tenant's time.
fn worst(limit: &str, output: &str) -> Option<Figure> {
    let lines = output.lines().filter_map(|line| line.strip_prefix(limit));
    let read = lines.map(pacing).collect::<Option<Vec<Pacing>>>()?;
    let worst = read.into_iter().reduce(|a, b| Pacing {
        rate: a.rate.min(b.rate),
        refused: a.refused.max(b.refused),
        early: a.early.max(b.early),
    })?;
    let Pacing { rate, refused, early } = worst;
    let what = format!("pacing, {limit}, 60 s from the first refusal, virtual time, at worst");
    let told =
        format!("{rate:.1} % of the permitted rate, {refused:.1} % refused, {early} before `Retry-After`");
    let holds = rate >= LEAST_RATE && refused <= MOST_REFUSED && early == 0;
    let promise = format!("≥ {LEAST_RATE:.0} %, ≤ {MOST_REFUSED:.0} %, 0");
    Some(Figure::plain(&what, &told, &command(PACE)).promised(&promise, holds))
}

/// `…  95.3 % / 1.2 %  …  …  0`: rate and refused at 60 s first, last the number sent too early.
fn pacing(rest: &str) -> Option<Pacing> {
    let mut percents = rest.split('%').filter_map(|part| part.split_whitespace().next_back()?.parse().ok());
    let (rate, refused) = (percents.next()?, percents.next()?);
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
        let rest = ", 2500 ms gone        96.3 % / 1.1 %     97.0 % / 0.9 %    98.0 % / 0.5 %       3";
        assert_eq!(pacing(rest), Some(Pacing { rate: 96.3, refused: 1.1, early: 3 }));
        assert_eq!(pacing("      nothing of the kind"), None);
    }

    #[test]
    fn the_worst_line_of_a_limit_counts() {
        let output =
            "bucket 7   80.0 % / 0.1 %  0\nwindow 7, a  95.0 % / 0.2 %  0\nwindow 7, b  91.0 % / 2.5 %  0\n";
        let told = |limit| {
            let mut page = super::super::figure::Page::new(String::new());
            page.add(Findings { figures: vec![worst(limit, output).unwrap()], ..Findings::default() });
            page.broken().join("")
        };
        assert!(told("window 7").contains("91.0 % of the permitted rate, 2.5 % refused"));
        assert!(told("bucket 7").contains("80.0 %"));
        assert!(worst("sliding", output).is_none());
    }

    #[test]
    fn numbers_stand_behind_their_names() {
        let output = "read     0.41 s\ntotal    0.57 s\npeak     184 MB\n";
        assert_eq!((number(output, "total"), number(output, "peak")), (Some(0.57), Some(184.0)));
        assert_eq!(number(output, "check"), None);
    }
}
