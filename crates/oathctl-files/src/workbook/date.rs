//! Days since an epoch, as a date that a person reads.
//!
//! Owns: [`written`]. Does not own: which numbers are dates ([`super::styles`]).

use calamine::{ExcelDateTime, ExcelDateTimeType};

/// `2026-03-01`, `2026-03-01 08:30:00`, or `00:00:30` below a day.
pub(super) fn written(days: f64, since_1904: bool) -> String {
    let date = ExcelDateTime::new(days, ExcelDateTimeType::DateTime, since_1904);
    let (year, month, day, hour, minute, second, milli) = date.to_ymd_hms_milli();
    // Half a minute is no whole number of days: the thousandth next to it is meant.
    let second = if milli >= 500 { (second + 1).min(59) } else { second };
    match () {
        () if (0.0..1.0).contains(&days) => format!("{hour:02}:{minute:02}:{second:02}"),
        () if days.fract() == 0.0 => format!("{year:04}-{month:02}-{day:02}"),
        () => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_times_and_both() {
        assert_eq!(written(46_082.0, false), "2026-03-01");
        assert_eq!(written(46_082.5, false), "2026-03-01 12:00:00");
        assert_eq!(written(30.0 / 86_400.0, false), "00:00:30");
        assert_eq!(written(44_620.0, true), "2026-03-01");
    }
}
