//! The hazards a run can meet in a tenant, each by its number (THREAT-MODEL.md).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use oathctl_core::journal::MemoryJournal;
use oathctl_core::plan::PlanOptions;
use oathctl_core::report::{Exit, Outcome, Proof, SeedOrigin};
use oathctl_core::stop::StopLevel;
use oathctl_sim::Sim;
use oathctl_sim::guid::Guid;
use oathctl_sim::secret::SeedBytes;
use oathctl_sim::totp::Hash;
use oathctl_sim::world::{Changes, NewToken, Status, TokenRef, When, Write};

use super::clock::VirtualClock;
use super::exact::assert_all_active;
use super::gateway::{Deed, Gateway};
use super::life::{Life, run_on};
use super::ring2::{InProcess, connect_by};
use super::tenant::{BASE_MS, input, tenant, upn};

const ROWS: usize = 12;

/// The id of the device of a row.
fn device_of(life: &Life, row: usize) -> Option<Guid> {
    life.finished.rows[row].device_id.as_ref().and_then(|id| Guid::parse(id.as_str()))
}

/// Runs `ROWS` rows; `deed` meddles with every request that carries `mark`.
async fn run(
    sim: &Sim,
    options: PlanOptions,
    mark: &'static str,
    deed: impl Fn(u32, &Bytes) -> Deed + Clone + Send + Sync + 'static,
) -> Life {
    let clock = Arc::new(VirtualClock::starting_at(BASE_MS, 0));
    let table = input(7, ROWS);
    let journal = MemoryJournal::new();
    let life = run_on(&journal, options, &table, clock, &[], |body| {
        let gateway = Gateway::new(InProcess::new(sim, body), mark, deed.clone());
        connect_by(Arc::new(gateway), sim, body)
    });
    life.await
}

async fn plain(sim: &Sim, options: PlanOptions) -> Life {
    run(sim, options, "nothing carries this", |_, _| Deed::Pass).await
}

fn reason(life: &Life, row: usize) -> &str {
    life.finished.rows[row].reason.as_deref().unwrap_or_default()
}

/// Puts the input's tokens into the tenant beforehand, with seeds that are not the file's.
fn plant(sim: &Sim, rows: std::ops::Range<usize>, holder: impl Fn(usize) -> Option<String>) {
    let table = input(7, ROWS);
    let serials: Vec<String> = table.rows().map(|row| row.serial().to_owned()).collect();
    sim.with(|parts, now| {
        for row in rows {
            let holder = holder(row).and_then(|upn| parts.world.people.by_upn(&upn));
            let id = holder.map(|ix| parts.world.people.get(ix).id);
            let token = NewToken {
                serial: serials[row].clone(),
                manufacturer: "Examplar".into(),
                model: "XT-1".into(),
                seed: SeedBytes::new(vec![0xA5 ^ u8::try_from(row).unwrap(); 20]),
                period_s: 30,
                hash: Hash::Sha1,
                display_name: None,
                assign_to: id,
            };
            parts.world.write(Write::Create(token), When::Now(now)).unwrap();
        }
    });
}

#[tokio::test(start_paused = true)]
async fn h07_an_activation_that_takes_effect_late_is_taken_back_and_made_anew() {
    let sim = tenant(7, ROWS, &[("latency_ms", "50")]);
    // The first sends of the first wave's codes reach the tenant minutes later, with codes long stale.
    let late = |nth, _: &Bytes| if nth <= 4 { Deed::Late(Duration::from_secs(90)) } else { Deed::Pass };
    let life = run(&sim, PlanOptions::default(), "verificationCode", late).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_all_active(&sim, &life.finished.rows, "late effect");
    assert!(life.tape.contains("\"step\":\"deactivate\""), "it was taken back");
}

/// Every code of a request replaced by one that cannot be right.
fn spoiled(body: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(body);
    let mut parts = text.split("\"verificationCode\":\"");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("\"verificationCode\":\"00000x");
        out.push_str(&part[6..]);
    }
    Bytes::from(out)
}

#[tokio::test(start_paused = true)]
async fn h09_a_code_accepted_after_a_refusal_is_no_success() {
    let sim = tenant(7, ROWS, &[]);
    let once = |nth, body: &Bytes| if nth == 1 { Deed::Change(spoiled(body)) } else { Deed::Pass };
    let life = run(&sim, PlanOptions::default(), "verificationCode", once).await;
    assert_eq!(reason(&life, 0), "accepted_after_refusal");
    assert_eq!((life.finished.rows[0].outcome, life.finished.rows[0].proof), (Outcome::Failed, Proof::None));
    assert_eq!(life.finished.rows[0].attempts, 2);
}

#[tokio::test(start_paused = true)]
async fn h09_three_codes_of_three_steps_and_no_more() {
    let sim = tenant(7, ROWS, &[]);
    let begun = tokio::time::Instant::now();
    let always = |_, body: &Bytes| Deed::Change(spoiled(body));
    let life = run(&sim, PlanOptions::default(), "verificationCode", always).await;
    assert_eq!(reason(&life, 0), "code_refused");
    assert!(life.finished.rows.iter().all(|row| row.attempts == 0 || row.attempts == 3));
    assert!(begun.elapsed() >= Duration::from_secs(60), "each of a later step: {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn h10_a_device_with_another_seed_gets_one_code() {
    let sim = tenant(7, ROWS, &[]);
    plant(&sim, 3..4, |_| None);
    let life = plain(&sim, PlanOptions::default()).await;
    assert_eq!(reason(&life, 3), "seed_differs");
    assert_eq!(
        (life.finished.rows[3].attempts, life.finished.rows[3].seed_origin),
        (1, Some(SeedOrigin::Adopted))
    );
    let others = life.finished.rows.iter().filter(|row| row.outcome == Outcome::Activated).count();
    assert_eq!((others, life.finished.exit), (ROWS - 1, Exit::Rows));
}

#[tokio::test(start_paused = true)]
async fn h16_a_batch_of_wrong_seeds_stops_after_the_first_wave() {
    let sim = tenant(7, ROWS, &[]);
    plant(&sim, 0..ROWS, |_| None);
    let life = plain(&sim, PlanOptions::default()).await;
    assert_eq!(life.finished.exit, Exit::Gate);
    let codes: u32 = life.finished.rows.iter().map(|row| row.attempts).sum();
    assert_eq!(codes, 5, "one code each for the first wave, none for the rest");
    assert_eq!(reason(&life, ROWS - 1), "run_stopped");
    assert!(!life.finished.complete);
}

#[tokio::test(start_paused = true)]
async fn h17_recreate_replaces_a_device_whose_seed_is_in_hand() {
    let sim = tenant(7, ROWS, &[]);
    plant(&sim, 0..ROWS, |row| (row % 2 == 0).then(|| upn(row)));
    let life = plain(&sim, PlanOptions { recreate: true, ..PlanOptions::default() }).await;
    assert_all_active(&sim, &life.finished.rows, "recreated");
    assert!(life.finished.rows.iter().all(|row| row.seed_origin == Some(SeedOrigin::Created)));
}

#[tokio::test(start_paused = true)]
async fn h18_a_version_that_was_not_seen_is_not_taken_away() {
    for (etags, expected) in [("on", "changed_since_plan"), ("off", "")] {
        let sim = tenant(7, ROWS, &[("etags", etags)]);
        let first = plain(&sim, PlanOptions::default()).await;
        let (device, person) = (device_of(&first, 0).unwrap(), upn(0));
        let meddler = sim.clone();
        // Between plan and write somebody switches the first token off, which its path doesn't show.
        let deed = move |nth, _: &Bytes| {
            if nth == 1 {
                meddler.with(|parts, now| {
                    let person =
                        parts.world.people.by_upn(&person).map(|ix| parts.world.people.get(ix).id).unwrap();
                    let token = TokenRef::Id(device);
                    parts.world.write(Write::Deactivate { token, person }, When::Now(now)).unwrap();
                });
            }
            Deed::Pass
        };
        let options = PlanOptions { recreate: true, last_method_ok: true, ..PlanOptions::default() };
        let life = run(&sim, options, "DELETE", deed).await;
        assert_eq!(reason(&life, 0), expected, "etags {etags}");
        let is_there =
            sim.with(|parts, _| parts.world.tokens.iter().any(|token| token.id == device && token.exists()));
        assert_eq!(is_there, etags == "on");
        let active = life.finished.rows.iter().filter(|row| row.outcome == Outcome::Activated).count();
        assert_eq!(active, ROWS - usize::from(etags == "on"));
    }
}

#[tokio::test(start_paused = true)]
async fn h18_an_edit_that_leaves_the_state_is_read_before_the_deletion_goes_again() {
    let sim = tenant(7, ROWS, &[("etags", "on")]);
    let first = plain(&sim, PlanOptions::default()).await;
    let device = device_of(&first, 0).unwrap();
    let meddler = sim.clone();
    let deed = move |nth, _: &Bytes| {
        if nth == 2 {
            meddler.with(|parts, now| {
                let changes = Changes { display_name: Some(Some("Spare".into())), ..Changes::default() };
                let write = Write::Update { token: TokenRef::Id(device), changes, etag: None };
                parts.world.write(write, When::Now(now)).unwrap();
            });
        }
        Deed::Pass
    };
    let options = PlanOptions { recreate: true, last_method_ok: true, ..PlanOptions::default() };
    let life = run(&sim, options, "DELETE", deed).await;
    assert_eq!((reason(&life, 0), life.finished.exit), ("", Exit::Ok));
    assert!(life.finished.repeated > 0, "it was refused once");
    assert_all_active(&sim, &life.finished.rows, "every token made anew");
}

#[tokio::test(start_paused = true)]
async fn h18_a_token_is_taken_only_from_the_holder_the_plan_saw() {
    let sim = tenant(7, ROWS, &[]);
    plant(&sim, 0..1, |_| Some(upn(1)));
    let meddler = sim.clone();
    // Between plan and write somebody hands the token to a third person.
    let deed = move |nth, _: &Bytes| {
        if nth == 1 {
            meddler.with(|parts, now| {
                let id = parts.world.tokens.iter().next().map(|token| token.id).unwrap();
                let third =
                    parts.world.people.by_upn(&upn(2)).map(|ix| parts.world.people.get(ix).id).unwrap();
                let second =
                    parts.world.people.by_upn(&upn(1)).map(|ix| parts.world.people.get(ix).id).unwrap();
                let token = TokenRef::Id(id);
                let take = Write::Unassign { person: second, token: token.clone(), etag: None };
                parts.world.write(take, When::Now(now)).unwrap();
                parts.world.write(Write::Assign { person: third, token }, When::Now(now)).unwrap();
            });
        }
        Deed::Pass
    };
    let options = PlanOptions { reassign: true, last_method_ok: true, ..PlanOptions::default() };
    let life = run(&sim, options, "DELETE", deed).await;
    assert_eq!(reason(&life, 0), "changed_since_plan");
    let holder = sim.with(|parts, _| {
        let ix = parts.world.tokens.iter().next().and_then(|token| token.holder()).unwrap();
        parts.world.people.get(ix).upn.clone()
    });
    assert_eq!(holder, upn(2), "nothing was taken from the third person");
}

#[tokio::test(start_paused = true)]
async fn h03_a_holder_who_is_gone_is_told_as_such() {
    let sim = tenant(7, ROWS, &[]);
    plant(&sim, 0..1, |_| Some(upn(11)));
    let options = PlanOptions { reassign: true, last_method_ok: true, ..PlanOptions::default() };
    let life = run(&sim, options, "DELETE", |_, _| Deed::Missing).await;
    assert_eq!(reason(&life, 0), "holder_gone");
}

#[tokio::test(start_paused = true)]
async fn h19_what_never_shows_is_unknown_and_not_a_success() {
    let sim = tenant(7, ROWS, &[("status_lag_ms", "600000")]);
    let begun = tokio::time::Instant::now();
    let life = plain(&sim, PlanOptions::default()).await;
    assert_eq!((life.finished.rows[0].outcome, reason(&life, 0)), (Outcome::Unknown, "not_visible"));
    assert!(begun.elapsed() >= Duration::from_secs(60));
    assert!(!life.finished.complete, "resume finds out later");
    let held = sim.with(|parts, _| parts.world.tokens.iter().next().map(|token| token.status()));
    assert_eq!(held, Some(Status::Activated));
}

#[tokio::test(start_paused = true)]
async fn h15_resume_says_activated_only_of_what_still_is() {
    let sim = tenant(7, ROWS, &[("latency_ms", "50")]);
    let (journal, table) = (MemoryJournal::new(), input(7, ROWS));
    let clock = Arc::new(VirtualClock::starting_at(BASE_MS, 0));
    let stopped = run_on(&journal, PlanOptions::default(), &table, clock.clone(), &[], |body| {
        let stop = body.stop.clone();
        // Ctrl-C while the codes after the first wave are on their way.
        let deed = move |nth, _: &Bytes| {
            if nth == 2 {
                stop.ask(StopLevel::Drain);
            }
            Deed::Pass
        };
        connect_by(Arc::new(Gateway::new(InProcess::new(&sim, body), "verificationCode", deed)), &sim, body)
    });
    let stopped = stopped.await;
    assert_eq!(stopped.finished.exit, Exit::Interrupted);
    assert_eq!(stopped.finished.rows[0].outcome, Outcome::Activated);
    // Meanwhile the first token is reported stolen and taken away, and the second switched off.
    let ids: Vec<_> = stopped.finished.rows.iter().map(|row| row.device_id.clone()).collect();
    sim.with(|parts, now| {
        for (row, is_taken) in [(0, true), (1, false)] {
            let id = ids[row].as_ref().map(|id| id.as_str().to_owned()).unwrap();
            let id = parts
                .world
                .tokens
                .iter()
                .map(|token| token.id)
                .find(|known| known.to_string() == id)
                .unwrap();
            let person =
                parts.world.people.by_upn(&upn(row)).map(|ix| parts.world.people.get(ix).id).unwrap();
            let token = TokenRef::Id(id);
            let write = if is_taken {
                Write::Unassign { token, person, etag: None }
            } else {
                Write::Deactivate { token, person }
            };
            parts.world.write(write, When::Now(now)).unwrap();
        }
    });
    let resumed = run_on(&journal, PlanOptions::default(), &table, clock, &[], |body| {
        connect_by(Arc::new(InProcess::new(&sim, body)), &sim, body)
    });
    let resumed = resumed.await;
    assert_eq!((reason(&resumed, 0), reason(&resumed, 1)), ("changed_since_plan", "changed_since_plan"));
    let active = resumed.finished.rows.iter().filter(|row| row.outcome == Outcome::Activated).count();
    assert_eq!((active, resumed.finished.exit), (ROWS - 2, Exit::Rows));
    let statuses: Vec<Status> =
        sim.with(|parts, _| parts.world.tokens.iter().map(|token| token.status()).collect());
    assert_eq!(
        statuses.iter().filter(|status| **status == Status::Activated).count(),
        ROWS - 2,
        "nothing was revived"
    );
}
