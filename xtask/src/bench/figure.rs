//! Figures, what was promised of them, and the page they are printed on. Does not own: how one is measured.

use std::fmt::Write as _;

/// What a bench comes back with, or one sentence that says why it did not come to its end.
pub type Found = Result<Findings, String>;

/// One line of the table.
pub struct Figure {
    what: String,
    measured: String,
    promise: Option<Promise>,
    command: String,
}

struct Promise {
    text: String,
    holds: bool,
}

impl Figure {
    /// A figure nothing was promised of.
    pub fn plain(what: &str, measured: &str, command: &str) -> Self {
        Self { what: what.into(), measured: measured.into(), promise: None, command: command.into() }
    }

    /// Says what was promised, and whether the measured value keeps it.
    pub fn promised(self, text: &str, holds: bool) -> Self {
        Self { promise: Some(Promise { text: text.into(), holds }), ..self }
    }
}

/// Figures of one bench, and what another program printed about them.
#[derive(Default)]
pub struct Findings {
    /// Lines of the table.
    pub figures: Vec<Figure>,
    /// How they were come by, in sentences.
    pub note: Option<String>,
    /// Command and output, shown as they are below the table.
    pub printed: Option<(String, String)>,
}

/// Everything that was found.
pub struct Page {
    machine: String,
    figures: Vec<Figure>,
    notes: Vec<String>,
    printed: Vec<(String, String)>,
}

impl Page {
    /// An empty one for this machine.
    pub fn new(machine: String) -> Self {
        Self { machine, figures: Vec::new(), notes: Vec::new(), printed: Vec::new() }
    }

    /// Takes the findings of a bench.
    pub fn add(&mut self, findings: Findings) {
        self.figures.extend(findings.figures);
        self.notes.extend(findings.note.filter(|note| !self.notes.contains(note)));
        self.printed.extend(findings.printed);
    }

    /// Notes a bench that did not come to its end.
    pub fn add_failure(&mut self, bench: &str, why: &str) {
        let command = format!("cargo xtask bench {bench}");
        self.figures.push(
            Figure::plain(&format!("bench {bench}"), why, &command).promised("comes to its end", false),
        );
    }

    /// The figures whose promise does not hold, with what was measured.
    pub fn broken(&self) -> Vec<String> {
        let fallen = self.figures.iter().filter(|figure| figure.promise.as_ref().is_some_and(|p| !p.holds));
        fallen.map(|figure| format!("{}: {}", figure.what, figure.measured.trim_end_matches('.'))).collect()
    }

    /// The page.
    pub fn markdown(&self) -> String {
        let mut page = format!("{}\n\n", self.machine);
        page.push_str("| figure | measured | promised | holds | command |\n|---|---|---|---|---|\n");
        for figure in &self.figures {
            let (promise, holds) = match &figure.promise {
                Some(promise) => (promise.text.as_str(), if promise.holds { "yes" } else { "**no**" }),
                None => ("", ""),
            };
            let [what, measured, promise] = [&figure.what, &figure.measured, promise].map(cell);
            let _ =
                writeln!(page, "| {what} | {measured} | {promise} | {holds} | `{}` |", cell(&figure.command));
        }
        for note in &self.notes {
            let _ = write!(page, "\n{note}\n");
        }
        for (command, output) in &self.printed {
            let _ = write!(page, "\n`{command}` prints:\n\n```text\n{}\n```\n", output.trim_end());
        }
        page
    }
}

/// A cell stands on one line, and a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// 12345 as 12,345.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The middle of some values, the upper one of two; `None` without values.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_is_told_in_the_table_and_apart() {
        let mut page = Page::new("A machine.".into());
        let figures = vec![
            Figure::plain("size", "9 MB", "ls").promised("≤ 30 MB", true),
            Figure::plain("start", "12 ms", "a|b").promised("≤ 10 ms", false),
            Figure::plain("told", "by the way", "echo"),
        ];
        page.add(Findings { figures, ..Findings::default() });
        assert_eq!(page.broken(), ["start: 12 ms"]);
        let text = page.markdown();
        assert!(text.contains("| size | 9 MB | ≤ 30 MB | yes | `ls` |"), "{text}");
        assert!(text.contains("| start | 12 ms | ≤ 10 ms | **no** | `a\\|b` |"), "{text}");
        assert!(text.contains("| told | by the way |  |  | `echo` |"), "{text}");
    }

    #[test]
    fn a_bench_that_did_not_end_is_a_broken_promise() {
        let mut page = Page::new(String::new());
        page.add_failure("pace", "it fell over.");
        assert_eq!(page.broken(), ["bench pace: it fell over"]);
    }

    #[test]
    fn numbers() {
        assert_eq!([7, 1_000, 123_456, 1_000_000].map(thousands), ["7", "1,000", "123,456", "1,000,000"]);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[]), None);
    }
}
