//! The decisions of a reading, for everybody to see.
//!
//! Owns: what is told about characters, separator, columns and spelling. Does not own: deciding.

use oathctl_core::fault::Severity;
use oathctl_core::place::{Field, Place, Source};
use oathctl_core::reason::Reason;
use oathctl_core::table::{SourceId, TableBuilder};

use super::Spelling;
use super::columns::Layout;
use super::separator::Choice;
use crate::options::ReadOptions;
use crate::text::Decoded;

/// Characters and separator.
pub(super) fn text(builder: &mut TableBuilder, origin: &Source, text: &Decoded, choice: &Choice) {
    let guessed = text.encoding == "windows-1252";
    builder.decision("encoding", text.encoding, text.why, !guessed);
    builder.decision("separator", &choice.separator.word(), choice.why, true);
    if guessed {
        builder.fault(Severity::Note, Reason::DecodedAsWindows1252, origin.whole(), None);
    }
}

/// Dialect, header, columns, and who states period, hash and digits.
pub(super) fn layout(builder: &mut TableBuilder, source: SourceId, layout: &Layout, options: &ReadOptions) {
    builder.decision("dialect", layout.dialect.word(), layout.why, true);
    let header = layout.header.map_or("none".to_owned(), |line| format!("line {line}"));
    builder.decision("header", &header, layout.why, true);
    let columns = layout.columns.numbered();
    let words: Vec<String> = columns.iter().map(|(field, n)| format!("{}={n}", field.word())).collect();
    builder.decision("columns", &words.join(","), layout.why, true);
    for ignored in &layout.ignored {
        let line = builder.place(source, layout.header.unwrap_or(1), None);
        let place = Place { column: Some(ignored.column), ..line };
        let severity = if ignored.suspect { Severity::Warning } else { Severity::Note };
        let reason = Reason::ColumnIgnored { heading: ignored.heading.clone() };
        builder.fault(severity, reason, place, None);
    }
    let period = options.period_secs.map(|secs| secs.to_string());
    let digits = options.digits.map(|digits| digits.to_string());
    let hash = options.hash.map(|hash| hash.word().to_owned());
    for (field, flag) in [(Field::Period, period), (Field::Hash, hash), (Field::Digits, digits)] {
        stated(builder, field, flag, &columns);
    }
    if let Some(secs) = layout.period_secs.filter(|_| options.period_secs.is_none()) {
        builder.decision("period", &secs.to_string(), "definition", true);
    }
    if let Some(width) = options.serial_width {
        builder.decision("serial_width", &width.to_string(), "stated_by_flag", true);
    }
}

fn stated(builder: &mut TableBuilder, field: Field, flag: Option<String>, columns: &[(Field, u32)]) {
    if let Some((_, column)) = columns.iter().find(|(name, _)| *name == field) {
        builder.decision(field.word(), &format!("column {column}"), "stated_by_column", true);
    }
    if let Some(flag) = flag {
        builder.decision(field.word(), &flag, "stated_by_flag", true);
    }
}

/// How the seeds are spelled, or that nobody can tell.
pub(super) fn spelling(builder: &mut TableBuilder, origin: &Source, spelling: &Spelling) {
    for encoding in [spelling.first, spelling.second].into_iter().flatten() {
        builder.decision("seed_encoding", encoding.chosen.word(), encoding.why, encoding.certain);
    }
    if spelling.first.is_none() {
        let reason = Reason::SeedEncodingUndecidable { rows: spelling.cells };
        builder.fault(Severity::Error, reason, origin.whole(), None);
    }
}
