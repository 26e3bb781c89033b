//! Values of flags as people type them.
//!
//! Owns: durations (`90s`, `5m`), paces (`100/10s`). Does not own: their meaning.

use std::time::Duration;

use oathctl_core::pace::Cap;

/// Reads `250ms`, `90s`, `5m`, `1h`; a bare number is seconds.
///
/// # Errors
/// A sentence for people.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is no duration; write 90s, 5m or 1h"))?;
    let ms = match unit.trim() {
        "ms" => Some(1),
        "" | "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let whole = ms.and_then(|ms| number.checked_mul(ms)).filter(|ms| *ms > 0 && *ms <= 7 * 86_400_000);
    whole
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is no duration up to a week; write 90s, 5m or 1h"))
}

/// Reads `100/10s`: at most so many operations in so long.
///
/// # Errors
/// A sentence for people.
pub fn cap(text: &str) -> Result<Cap, String> {
    let wrong = || format!("`{text}` is no pace; write OPERATIONS/DURATION, as in 100/10s");
    let (ops, window) = text.split_once('/').ok_or_else(wrong)?;
    let ops: usize = ops.trim().parse().map_err(|_| wrong())?;
    let window = duration(window).map_err(|_| wrong())?;
    if ops == 0 {
        return Err(wrong());
    }
    Ok(Cap { ops, window_ms: u64::try_from(window.as_millis()).unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_paces() {
        assert_eq!(duration("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(duration("5m").unwrap(), Duration::from_secs(300));
        assert_eq!(duration("20").unwrap(), Duration::from_secs(20));
        for wrong in ["", "s", "0s", "5 fortnights", "99999999999999999999s", "-1s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(cap("100/10s").unwrap(), Cap { ops: 100, window_ms: 10_000 });
        for wrong in ["100", "0/10s", "x/10s", "100/"] {
            assert!(cap(wrong).is_err(), "{wrong}");
        }
    }
}
