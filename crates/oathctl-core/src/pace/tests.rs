//! What the pacer must reach, in virtual time; the same simulation as `examples/pace_figures.rs`.

use proptest::prelude::*;

use super::simulation::{Case, Limit, run};
use super::{Ask, Cap, Feedback, Kind, Pacer, Settings};
use crate::time::Mono;

const BUCKET: Limit = Limit::Bucket { ops: 100, ms: 10_000 };

fn window(ops: u64, phase: u64) -> Limit {
    Limit::Window { ops, ms: 10_000, phase }
}

/// Per cent of the first thousand operations sent that were refused.
fn refused_of_a_thousand(case: &Case) -> f64 {
    let (mut sent, mut refused) = (0, 0);
    for call in run(case).calls {
        if sent < 1000 {
            sent += call.accepted + call.refused;
            refused += call.refused;
        }
    }
    assert!(sent >= 1000, "only {sent} were sent");
    refused as f64 * 100.0 / sent as f64
}

#[test]
fn an_unlimited_tenant_is_used_quickly() {
    let outcome = run(&Case { end_ops: 1000, ..Case::new(Limit::None, 60_000) });
    assert!(outcome.end_ms <= 1_800, "{} ms", outcome.end_ms);
    assert!(outcome.calls.len() <= 60, "{} calls", outcome.calls.len());
    let ten_times = run(&Case { end_ops: 10_000, ..Case::new(Limit::None, 60_000) });
    assert!(ten_times.end_ms <= 6_500, "{} ms", ten_times.end_ms);
}

#[test]
fn a_bucket_is_used_to_nine_tenths_with_few_refusals() {
    for latency_ms in [20, 50, 100, 300] {
        let case = Case { latency_ms, ..Case::new(BUCKET, 320_000) };
        let outcome = run(&case);
        for ms in [60_000, 120_000, 300_000] {
            let rate = outcome.rate_percent(BUCKET, ms);
            assert!(rate >= 90.0, "{rate:.1} % in {ms} ms at {latency_ms} ms");
        }
        assert_eq!(outcome.too_early, 0);
        let refused = refused_of_a_thousand(&case);
        assert!(refused <= 2.0, "{refused:.2} % refused at {latency_ms} ms");
    }
}

#[test]
fn a_window_is_used_to_nine_tenths_with_few_refusals_whatever_its_phase() {
    for latency_ms in [50, 100, 300] {
        for phase in (0..10_000).step_by(250) {
            let limit = window(100, phase);
            let case = Case { latency_ms, ..Case::new(limit, 320_000) };
            let outcome = run(&case);
            for ms in [60_000, 120_000, 300_000] {
                let rate = outcome.rate_percent(limit, ms);
                assert!(rate >= 90.0, "{rate:.1} % in {ms} ms at {latency_ms} ms, phase {phase}");
            }
            assert_eq!(outcome.too_early, 0);
            let refused = refused_of_a_thousand(&case);
            assert!(refused <= 2.0, "{refused:.2} % refused at {latency_ms} ms, phase {phase}");
        }
    }
}

#[test]
fn the_rate_holds_in_plain_time_too() {
    // Not against what the windows permit but against rate x time, the silent rest of the first included.
    for limit in (0..10_000).step_by(250).map(|phase| window(100, phase)).chain([BUCKET]) {
        let outcome = run(&Case::new(limit, 320_000));
        let from = outcome.first_refusal().unwrap();
        for ms in [60_000, 120_000, 300_000] {
            let rate = outcome.accepted(from, from + ms) as f64 * 100.0 / (ms as f64 / 100.0);
            assert!(rate >= 90.0, "{rate:.1} % of {limit:?} in {ms} ms");
        }
        let outcome = run(&Case { end_ops: 1_500, ..Case::new(limit, 320_000) });
        let (from, to) = (outcome.first_refusal().unwrap(), outcome.calls.last().unwrap().at);
        let rate = outcome.accepted(from, to) as f64 * 10_000.0 / (to - from) as f64;
        assert!(rate >= 90.0, "{rate:.1} % of {limit:?} until all is done");
    }
}

#[test]
fn uneven_answers_and_smaller_calls_change_little() {
    for limit in [BUCKET, window(100, 0), window(100, 5_000)] {
        for (latency_ms, jitter_ms, want) in [(100, 100, 20), (50, 500, 20), (100, 0, 5), (100, 0, 1)] {
            let outcome = run(&Case { latency_ms, jitter_ms, want, ..Case::new(limit, 320_000) });
            let (rate, refused) = (outcome.rate_percent(limit, 300_000), outcome.refused_percent(120_000));
            let what = format!("{limit:?}, {latency_ms} + {jitter_ms} ms, calls of {want}");
            assert!(rate >= 90.0 && refused <= 2.0, "{what}: {rate:.1} %, {refused:.1} % refused");
            assert_eq!(outcome.too_early, 0, "{what}");
        }
    }
}

#[test]
fn other_limits_are_used_well() {
    let cases = [
        (window(30, 0), 90.0, 10.0),
        (Limit::Bucket { ops: 30, ms: 10_000 }, 90.0, 10.0),
        (window(1000, 3_000), 90.0, 4.0),
        (Limit::Bucket { ops: 1000, ms: 10_000 }, 90.0, 4.0),
        (Limit::Sliding { ops: 100, ms: 10_000 }, 65.0, 5.0),
    ];
    for (limit, least, most) in cases {
        let outcome = run(&Case::new(limit, 90_000));
        let (rate, refused) = (outcome.rate_percent(limit, 60_000), outcome.refused_percent(60_000));
        assert!(rate >= least && refused <= most, "{limit:?}: {rate:.1} %, {refused:.1} % refused");
        assert_eq!(outcome.too_early, 0);
    }
}

#[test]
fn the_documented_activation_quota_is_used_well() {
    for limit in [Limit::Window { ops: 200, ms: 300_000, phase: 0 }, Limit::Bucket { ops: 200, ms: 300_000 }]
    {
        let outcome = run(&Case::new(limit, 2_000_000));
        let (rate, refused) = (outcome.rate_percent(limit, 1_800_000), outcome.refused_percent(1_800_000));
        assert!(rate >= 90.0 && refused <= 2.0, "{limit:?}: {rate:.1} %, {refused:.1} % refused");
        assert_eq!(outcome.too_early, 0);
    }
}

#[test]
fn a_changed_limit_is_found_again() {
    let cases = [
        (BUCKET, Limit::Bucket { ops: 50, ms: 10_000 }, 4.5),
        (BUCKET, Limit::Bucket { ops: 300, ms: 10_000 }, 18.0),
        (window(100, 0), window(50, 3_000), 4.5),
        (window(100, 0), window(300, 3_000), 24.0),
    ];
    for (before, after, per_s) in cases {
        let limits = vec![(0, before), (100_000, after)];
        let outcome = run(&Case { limits, ..Case::new(before, 400_000) });
        let rate = outcome.accepted(250_000, 400_000) as f64 / 150.0;
        assert!(rate >= per_s, "{before:?} to {after:?}: {rate:.2} a second");
        let (sent, refused) = outcome.sent_and_refused(400_000);
        assert!(refused * 100 <= sent * 3, "{before:?} to {after:?}: {refused} of {sent} refused");
        assert_eq!(outcome.too_early, 0);
    }
}

#[test]
fn one_limit_is_shared_by_two_kinds() {
    for limit in [BUCKET, window(100, 0)] {
        let outcome = run(&Case { pacers: 2, ..Case::new(limit, 320_000) });
        let rate = outcome.rate_percent(limit, 300_000);
        let refused = outcome.refused_percent(300_000);
        assert!(rate >= 90.0 && refused <= 2.5, "{limit:?}: {rate:.1} %, {refused:.1} % refused");
        assert_eq!(outcome.too_early, 0);
    }
}

#[test]
fn a_tenant_that_names_no_wait_is_used_too() {
    for (limit, least) in [(BUCKET, 90.0), (window(100, 0), 60.0)] {
        let outcome = run(&Case { unnamed: true, ..Case::new(limit, 320_000) });
        let rate = outcome.rate_percent(limit, 300_000);
        let refused = outcome.refused_percent(300_000);
        assert!(rate >= least && refused <= 2.0, "{limit:?}: {rate:.1} %, {refused:.1} % refused");
    }
}

#[test]
fn scattered_failures_and_lost_answers_do_not_stop_it() {
    let failing = run(&Case { fail_every: 20, end_ops: 1000, ..Case::new(Limit::None, 600_000) });
    assert!(failing.end_ms <= 10_000, "{} ms with failures", failing.end_ms);
    let losing = run(&Case { lose_every: 20, end_ops: 1000, ..Case::new(Limit::None, 600_000) });
    assert!(losing.end_ms <= 2_500, "{} ms with losses", losing.end_ms);
    for limit in [BUCKET, window(100, 0)] {
        let both = run(&Case { fail_every: 20, lose_every: 50, ..Case::new(limit, 320_000) });
        let rate = both.rate_percent(limit, 300_000);
        assert!(rate >= 75.0, "{limit:?}: {rate:.1} %");
    }
}

#[test]
fn waits_double_up_to_a_minute_when_none_is_named() {
    let mut pacer = Pacer::new(Kind::Write, &Settings::default());
    let mut now = Mono(0);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let Ask::Go(granted) = pacer.ask(now, 20) else { panic!("must be allowed at {now:?}") };
        pacer.answered(now, &Feedback { granted, throttled: granted, sent_at: now, ..Feedback::default() });
        let Ask::At(at) = pacer.ask(now, 20) else { panic!("must wait") };
        waits.push(at.ms_since(now));
        now = at;
    }
    assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
}

#[test]
fn refusals_of_calls_in_flight_are_one_event() {
    let mut pacer = Pacer::new(Kind::Write, &Settings::default());
    let mut sent = Vec::new();
    for round in 0..30 {
        let now = Mono(round * 100);
        for granted in std::mem::take(&mut sent) {
            let fb = Feedback { granted, accepted: granted, sent_at: now, ..Feedback::default() };
            pacer.answered(now, &fb);
        }
        while let Ask::Go(granted) = pacer.ask(now, 20) {
            sent.push(granted);
        }
    }
    assert!(sent.len() > 3, "several in flight");
    let now = Mono(3_000);
    for granted in sent {
        pacer.answered(
            now,
            &Feedback { granted, throttled: granted, sent_at: Mono(2_900), ..Feedback::default() },
        );
    }
    assert_eq!(pacer.ask(now, 20), Ask::At(Mono(4_000)), "no doubling within one event");
    assert_eq!(pacer.in_flight(), 0);
}

#[test]
fn a_late_refusal_of_the_same_event_only_asks_for_more_silence() {
    let mut pacer = Pacer::new(Kind::Write, &Settings::default());
    let Ask::Go(first) = pacer.ask(Mono(0), 2) else { panic!("must be allowed") };
    let Ask::Go(late) = pacer.ask(Mono(0), 2) else { panic!("must be allowed") };
    pacer.answered(Mono(100), &Feedback { granted: first, throttled: first, ..Feedback::default() });
    assert!(matches!(pacer.ask(Mono(1_100), 2), Ask::AfterAnswer), "one at a time after a refusal");
    let until = Some(Mono(5_000));
    pacer.answered(Mono(1_200), &Feedback { granted: late, throttled: late, until, ..Feedback::default() });
    assert_eq!(pacer.ask(Mono(1_300), 2), Ask::At(Mono(5_000)));
    assert!(matches!(pacer.ask(Mono(5_000), 2), Ask::Go(_)));
}

#[test]
fn accepted_activations_are_counted_over_five_minutes() {
    let mut pacer = Pacer::new(Kind::Activate, &Settings::default());
    for s in 0..400 {
        let now = Mono(s * 1000);
        let Ask::Go(granted) = pacer.ask(now, 1) else { panic!("must be allowed") };
        pacer.answered(now, &Feedback { granted, accepted: 1, sent_at: now, ..Feedback::default() });
    }
    assert_eq!(pacer.accepted_in_last(Mono(399_000), 300_000), 301);
    assert_eq!(pacer.accepted_in_last(Mono(399_000), 60_000), 61);
    assert_eq!(pacer.accepted_in_last(Mono(999_000), 300_000), 0);
}

#[test]
fn the_same_case_gives_the_same_calls() {
    for limit in [BUCKET, window(100, 4_321), Limit::None] {
        let case = Case { fail_every: 30, lose_every: 40, pacers: 3, ..Case::new(limit, 60_000) };
        assert_eq!(run(&case), run(&case));
    }
}

/// One answer as a property test makes it up: parts accepted and throttled, a named wait, the time it takes.
#[derive(Clone, Debug)]
struct Move {
    want: usize,
    accepted: usize,
    throttled: usize,
    wait_ms: Option<u64>,
    takes_ms: u64,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = (0..30_usize, 0..21_usize, 0..3_usize, proptest::option::of(0..20_000_u64), 0..3_000_u64);
    let one = one.prop_map(|(want, accepted, throttled, wait_ms, takes_ms)| Move {
        want,
        accepted,
        // Most answers are good.
        throttled: if throttled == 2 { 20 } else { 0 },
        wait_ms,
        takes_ms,
    });
    proptest::collection::vec(one, 1..200)
}

proptest! {
    #[test]
    fn never_above_the_cap_never_before_the_wait_never_stuck(
        moves in moves(), ops in 1..60_usize, window_ms in 1..20_000_u64, abreast in 1..6_usize,
    ) {
        let settings = Settings::default().with_cap(Some(Cap { ops, window_ms }));
        let mut pacer = Pacer::new(Kind::Write, &settings);
        let (mut now, mut until) = (Mono(0), Mono(0));
        let mut grants: Vec<(Mono, usize)> = Vec::new();
        let mut open: Vec<(Mono, usize)> = Vec::new();
        for step in moves {
            let mut asks = 0;
            while open.len() < abreast {
                match pacer.ask(now, step.want) {
                    Ask::Go(n) => {
                        prop_assert!(n >= 1 && n <= step.want.max(1) && now >= until);
                        grants.push((now, n));
                        open.push((now, n));
                    }
                    Ask::At(at) => {
                        prop_assert!(at > now);
                        if !open.is_empty() { break; }
                        now = at;
                    }
                    Ask::AfterAnswer => { prop_assert!(!open.is_empty()); break; }
                }
                asks += 1;
                prop_assert!(asks < 200, "never lets anything leave");
            }
            let (sent_at, granted) = open.remove(0);
            now = now.plus_ms(step.takes_ms);
            let accepted = step.accepted.min(granted);
            let throttled = step.throttled.min(granted - accepted);
            let named = step.wait_ms.filter(|_| throttled > 0).map(|ms| now.plus_ms(ms));
            until = until.max(named.unwrap_or(until));
            let lost = granted - accepted - throttled;
            pacer.answered(now, &Feedback { granted, accepted, throttled, lost, until: named, sent_at });
        }
        for (i, (from, _)) in grants.iter().enumerate() {
            let within = grants[i..].iter().take_while(|(at, _)| at.ms_since(*from) <= window_ms);
            prop_assert!(within.map(|(_, n)| n).sum::<usize>() <= ops);
        }
    }
}
