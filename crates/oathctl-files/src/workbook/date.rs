//! Days since an epoch, as a date that a person reads.
//!
//! Owns: [`written`]. Does not own: which numbers are dates ([`super::styles`]).

/// Days from 1970-01-01 back to 1899-12-30, where the count of spreadsheets begins for all but two months; and to
/// 1904-01-01, where the other one begins.
const EPOCHS: [i64; 2] = [25_569, 24_107];
/// The day that never was: 1900-02-29.
const LEAP_DAY: i64 = 60;
/// 10000-01-01.
const END: f64 = 2_958_466.0;

/// `2026-03-01`, `2026-03-01 08:30:00`, `00:00:30` below a day; a word for what is no date.
pub(super) fn written(days: f64, since_1904: bool) -> String {
    if !(0.0..END).contains(&days) {
        return "#DATE".into();
    }
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and END")]
    let (whole, seconds) = (days.trunc() as i64, (days.fract() * 86_400.0).round() as i64);
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    if whole == 0 {
        return time;
    }
    let early = !since_1904 && whole < LEAP_DAY;
    let (year, month, day) = civil(whole - EPOCHS[usize::from(since_1904)] + i64::from(early));
    let date = format!("{year:04}-{month:02}-{day:02}");
    if seconds == 0 { date } else { format!("{date} {time}") }
}

/// Year, month and day of the days since 1970-01-01. Years are counted from March on, so that the leap day is their
/// last.
fn civil(days: i64) -> (i64, i64, i64) {
    const IN_400_YEARS: i64 = 146_097;
    // 0000-03-01.
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(IN_400_YEARS), days.rem_euclid(IN_400_YEARS));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Months of 31, 30, 31, 30, 31 days, over and over.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (cycle * 400 + year + next, month, day)
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
        assert_eq!((written(1.0, false), written(61.0, false)), ("1900-01-01".into(), "1900-03-01".into()));
        assert_eq!(
            (written(45_351.0, false), written(2_958_465.0, false)),
            ("2024-02-29".into(), "9999-12-31".into())
        );
        for days in [-1.0, 1e9, f64::NAN, f64::INFINITY] {
            assert_eq!(written(days, false), "#DATE");
        }
    }
}
