//! `Retry-After`, in the three spellings that occur.
//!
//! Owns: reading it (RFC 9110 §10.2.3; Graph also sends decimals). Does not own: waiting.

use std::time::Duration;

use oathctl_core::time::{Mono, Utc};

/// More than this is no serious answer; it is cut here, and still beyond any `--max-wait`.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// The instant before which nothing of the kind may be sent: whole or decimal seconds after `received`, or an
/// HTTP date seen from `server_now`. `None` when the text is neither.
pub(crate) fn not_before(text: &str, received: Mono, server_now: Utc) -> Option<Mono> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| received.plus(Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64()))));
    }
    let date = http_date(text)?;
    let ms = u64::try_from(date.ms_since(server_now)).unwrap_or(0);
    Some(received.plus(Duration::from_millis(ms).min(LONGEST)))
}

/// An HTTP date (RFC 9110 §5.6.7) as whole seconds.
pub(crate) fn http_date(text: &str) -> Option<Utc> {
    let at = httpdate::parse_http_date(text.trim()).ok()?;
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok().map(Utc::from_unix_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Utc = Utc::from_unix_secs(1_763_784_000);

    #[test]
    fn integer_decimal_and_date() {
        assert_eq!(not_before("7", Mono(1_000), NOW), Some(Mono(8_000)));
        assert_eq!(not_before(" 2.128 ", Mono(1_000), NOW), Some(Mono(3_128)));
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(1_763_784_030));
        assert_eq!(not_before(&date, Mono(1_000), NOW), Some(Mono(31_000)));
    }

    #[test]
    fn a_date_in_the_past_waits_for_nothing() {
        assert_eq!(not_before("Sun, 06 Nov 1994 08:49:37 GMT", Mono(5), NOW), Some(Mono(5)));
    }

    #[test]
    fn nonsense_is_none() {
        for text in ["", "soon", "-3", "NaN", "inf"] {
            assert_eq!(not_before(text, Mono(0), NOW), None, "{text}");
        }
    }
}
