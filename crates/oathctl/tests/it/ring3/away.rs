//! A store's server that goes away in the middle of a run, for good or for a moment: the run says so and stops; when the
//! server is back it is gone on with.

use super::exact::assert_exact;
use super::practice::Practice;
use super::server::Served;

const ROWS: usize = 45;
/// The look at which the first creation takes effect.
const FIRST_CALL: u64 = 24;

/// Cut off at a look of the tenant; what the program said then.
fn cut_at(look: u64, comes_back_at_once: bool) -> Option<String> {
    let served = Served::fresh()?;
    let mut practice = Practice::new(70 + look, ROWS, &[("latency_ms", "60")]);
    served.holds(&mut practice);
    let scissors = served.relay.scissors();
    practice.looks.at(look, move || {
        scissors.cut();
        if comes_back_at_once {
            scissors.mend();
        }
    });
    let stopped = practice.start("activate tokens.csv --yes").end();
    assert!(!practice.looks.disarm(), "it was cut off: {}", stopped.all());
    let context = format!("cut off at look {look}, back at once: {comes_back_at_once}");
    assert!(matches!(stopped.code, Some(1 | 7)), "{context}: {}", stopped.all());
    let away = practice.start("runs list").end();
    assert_eq!(away.code, Some(if comes_back_at_once { 0 } else { 1 }), "{context}: {}", away.all());
    served.relay.scissors().mend();
    practice.later();
    for line in ["store check", "audit verify"] {
        let sound = practice.start(line).end();
        assert_eq!(sound.code, Some(0), "{context}: {line}: {}", sound.all());
    }
    let resumed = practice.start("resume --yes --report report.json").end();
    assert_eq!(resumed.code, Some(0), "{context}: {}", resumed.all());
    assert_exact(&practice, ROWS, &practice.report("report.json"), &context);
    Some(stopped.err)
}

#[test]
fn ring3_a_server_that_goes_away_stops_the_run_and_says_so() {
    for look in [FIRST_CALL, 30] {
        if let Some(told) = cut_at(look, false) {
            assert!(told.contains("away"), "{told}");
            assert!(told.contains("oathctl resume"), "{told}");
        }
    }
}

/// The right to apply went with its session: another machine may have it by now.
#[test]
fn ring3_a_server_that_was_away_for_a_moment_has_taken_the_right_to_apply_with_it() {
    if let Some(told) = cut_at(27, true) {
        assert!(told.contains("oathctl resume"), "{told}");
    }
}
