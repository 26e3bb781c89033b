//! What Microsoft's documented limit would mean, by arithmetic: 200 activations in any 5 minutes. Nothing is
//! measured here; what the pacer makes of such a limit is in the figures of the bench `pace`.

use super::figure::{Figure, Findings, Found, thousands};

/// Activations the limit permits in one window.
const PERMITTED: u64 = 200;
/// The window, in minutes.
const WINDOW_MIN: u64 = 5;

/// For the sizes that are measured without a limit.
pub fn figures() -> Found {
    let figures = [1_000, 10_000].map(figure).into();
    Ok(Findings { figures, ..Findings::default() })
}

fn figure(tokens: u64) -> Figure {
    let what = format!("{} tokens at {PERMITTED} activations per {WINDOW_MIN} min", thousands(tokens));
    let least = least_minutes(tokens);
    let told = format!("at least {} ({least} min), computed, not measured", hours(least));
    Figure::plain(&what, &told, &format!("(⌈{tokens} / {PERMITTED}⌉ − 1) × {WINDOW_MIN} min"))
}

/// The first window's worth goes at once, each further one after a whole window.
fn least_minutes(tokens: u64) -> u64 {
    tokens.div_ceil(PERMITTED).saturating_sub(1) * WINDOW_MIN
}

fn hours(minutes: u64) -> String {
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_window_need_not_end() {
        assert_eq!([0, 1, 200, 201, 1_000, 10_000].map(least_minutes), [0, 0, 0, 5, 20, 245]);
        assert_eq!(hours(245), "4 h 05 min");
    }
}
