//! Writes of the inventory that are cut off at every answer of the database: each is there wholly or not at all, the life
//! of a token says the same as its line, and doing it again reaches what was wanted.

use oathctl_core::report::Outcome;
use oathctl_core::tenant::{Device, DeviceStatus, Holder, User};
use oathctl_core::token::{Hash, RunId, UserId};
use oathctl_store::{
    Deed, Event, EventKind, Filter, Mark, ModelFacts, Placement, Store, Token, TokenFacts, TokenStatus,
};

use crate::both::on_both;
use crate::desk::Desk;
use crate::fixture::{self, T0, tenant};
use crate::together::cut_at;

/// More than one batch.
const MANY: u32 = 520;
/// No write takes so many answers.
const ENOUGH: u32 = 400;

fn serial(n: u32) -> String {
    format!("23087{n:08}")
}

fn facts(n: u32) -> TokenFacts {
    TokenFacts {
        serial: serial(n),
        maker: "Examplar".into(),
        location: "Store A".into(),
        ..TokenFacts::default()
    }
}

fn device(n: u32) -> Device {
    Device {
        id: fixture::device(n),
        serial: serial(n),
        manufacturer: "Examplar".into(),
        model: "XT-1".into(),
        hash: Some(Hash::Sha1),
        period_secs: Some(30),
        status: DeviceStatus::Assigned,
        holder: Some(Holder { id: fixture::user(n), name: None }),
        last_used: None,
        name: None,
        seen_at: None,
        etag: None,
    }
}

/// Last of these kinds in a life.
fn last(life: &[Event], of: &[EventKind]) -> Option<EventKind> {
    life.iter().rev().map(|event| event.what).find(|what| of.contains(what))
}

/// Line and life of a token say the same.
fn assert_told(token: &Token, life: &[Event]) {
    let serial = &token.serial;
    let first = [EventKind::Known, EventKind::Appeared, EventKind::Done];
    assert!(life.first().is_some_and(|event| first.contains(&event.what)), "{serial}: {life:?}");
    let known = life.iter().filter(|event| event.what == EventKind::Known).count();
    assert!(known <= 1, "{serial} became known once: {life:?}");
    let marked = last(life, &[EventKind::Marked, EventKind::Found]) == Some(EventKind::Marked);
    assert_eq!(token.mark.is_some(), marked, "{serial}: {life:?}");
    let moved = life.iter().any(|event| event.what == EventKind::Moved);
    assert_eq!(token.location == "Store B", moved, "{serial}: {life:?}");
    let is_there = token.status != TokenStatus::Stock;
    let seen = last(life, &[EventKind::Appeared, EventKind::Done, EventKind::Vanished]);
    assert_eq!(is_there, seen.is_some_and(|what| what != EventKind::Vanished), "{serial}: {life:?}");
}

/// Every token of the store, after a look at all of them.
async fn whole(store: &Store) -> Vec<Token> {
    store.check().await.unwrap();
    let all = store.inventory().list(&Filter::default()).await.unwrap();
    for token in all.iter().filter(|token| token.serial.ends_with("00") || all.len() < 50) {
        assert_told(token, &store.inventory().life(token.serial.as_str()).await.unwrap());
    }
    all
}

/// Cuts `$write` off after one answer, after two, and so on until it comes to its end by itself; `$look` in between.
macro_rules! cut_everywhere {
    ($write:expr, $look:expr) => {{
        let mut polls = 0;
        while cut_at(polls, $write).await {
            $look;
            polls += 1;
            assert!(polls < ENOUGH, "it comes to an end");
        }
        assert!(polls > 0, "it was cut off");
        $look;
    }};
}

async fn tokens_become_known_by_whole_batches(desk: Desk) {
    let store = desk.open().await;
    let tokens: Vec<TokenFacts> = (0..MANY).map(facts).collect();
    let (mut polls, mut seen) = (0, std::collections::BTreeSet::new());
    while cut_at(polls, store.inventory().keep(&tokens, "op", T0)).await {
        seen.insert(whole(&store).await.len());
        polls += 1 + polls / 8;
    }
    seen.insert(whole(&store).await.len());
    let whole_batches = [0, 500, 520];
    assert!(seen.iter().all(|count| whole_batches.contains(count)), "{seen:?}");
    assert!(seen.len() > 1 && seen.last() == Some(&520), "{seen:?}");
}

async fn marks_and_places_change_with_their_events(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    inventory.keep(&(0..3).map(facts).collect::<Vec<_>>(), "op", T0).await.unwrap();
    let token = serial(1);
    cut_everywhere!(inventory.mark(token.as_str(), Mark::Lost, "in the lake", "op", T0), {
        whole(&store).await;
    });
    assert_eq!(inventory.marks(&tenant()).await.unwrap().len(), 1);
    cut_everywhere!(inventory.found(token.as_str(), "", "op", T0), {
        whole(&store).await;
    });
    assert!(inventory.marks(&tenant()).await.unwrap().is_empty());
    let to = |serial| Placement { serial, location: Some("Store B".into()), batch: None };
    let moves: Vec<Placement> = (0..3).map(serial).map(to).collect();
    cut_everywhere!(inventory.place(&moves, "op", T0), {
        let moved = whole(&store).await.iter().filter(|token| token.location == "Store B").count();
        assert!(moved == 0 || moved == 3, "{moved} of three");
    });
    assert!(whole(&store).await.iter().all(|token| token.location == "Store B"));
    let facts = ModelFacts { model: "XT-1".into(), reorder_below: Some(7), battery_years: Some(5) };
    cut_everywhere!(inventory.set_model(&facts), {
        let models = inventory.models().await.unwrap();
        assert!(models.is_empty() || models == [facts.clone()], "{models:?}");
    });
    assert_eq!(inventory.models().await.unwrap(), [facts]);
}

async fn a_look_is_taken_over_with_its_events(desk: Desk) {
    let store = desk.open().await;
    let devices: Vec<Device> = (0..3).map(device).collect();
    cut_everywhere!(store.inventory().refresh(&tenant(), &devices, true, T0), {
        let seen = whole(&store).await.len();
        assert!(seen == 0 || seen == 3, "{seen} of three");
        let listed = store.inventory().as_of(&tenant()).await.unwrap();
        assert!(listed.is_none() || seen == 3, "listed only when all of it is there");
    });
    assert_eq!(store.inventory().as_of(&tenant()).await.unwrap(), Some(T0));
    // Gone again: what vanished and what was noted come together, too.
    cut_everywhere!(store.inventory().refresh(&tenant(), &devices[..1], true, T0.plus_ms(9)), {
        let left = whole(&store).await.iter().filter(|it| it.status != TokenStatus::Stock).count();
        assert!(left == 3 || left == 1, "{left} left");
    });
}

async fn what_a_run_did_is_noted_with_its_events(desk: Desk) {
    let store = desk.open().await;
    let (tenant, run) = (tenant(), RunId::new("r1"));
    let deed = Deed { tenant: &tenant, run: Some(&run), actor: Some("op"), at: T0 };
    let rows = fixture::end(3, 0, true).rows;
    cut_everywhere!(store.inventory().note_rows(&deed, &rows, &[]), {
        let all = whole(&store).await;
        assert!(all.is_empty() || all.len() == 3, "{} of three", all.len());
        let active = TokenStatus::In(DeviceStatus::Activated);
        assert!(all.iter().all(|token| token.status == active && token.holder.is_some()));
    });
    assert_eq!(rows[0].outcome, Outcome::Activated);
    assert_eq!(whole(&store).await.len(), 3);
}

async fn people_are_taken_over_together(desk: Desk) {
    let store = desk.open().await;
    let ids: Vec<_> = (0..3).map(fixture::user).collect();
    let user = |id: &UserId| User {
        id: id.clone(),
        upn: format!("{}@contoso.example", id.as_str()),
        name: "Somebody".into(),
        enabled: Some(true),
        guest: None,
    };
    let people: Vec<User> = ids.iter().map(user).collect();
    cut_everywhere!(store.people().see(&tenant(), &people, T0), {
        let known = store.people().known(&tenant(), &ids).await.unwrap().len();
        assert!(known == 0 || known == 3, "{known} of three");
    });
    cut_everywhere!(store.people().gone(&tenant(), &ids, T0), {
        let known = store.people().known(&tenant(), &ids).await.unwrap();
        let gone = known.values().filter(|person| person.gone_since.is_some()).count();
        assert!(gone == 0 || gone == 3, "{gone} of three");
    });
}

on_both!(
    tokens_become_known_by_whole_batches,
    marks_and_places_change_with_their_events,
    a_look_is_taken_over_with_its_events,
    what_a_run_did_is_noted_with_its_events,
    people_are_taken_over_together,
);
