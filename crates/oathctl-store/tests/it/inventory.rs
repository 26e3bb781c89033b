//! What we know of every token: taken over, noted, marked, counted; on both databases.

use std::collections::BTreeMap;

use oathctl_core::report::{Outcome, Proof, RowReport};
use oathctl_core::tenant::{Device, DeviceStatus, Holder};
use oathctl_core::time::Utc;
use oathctl_core::token::{DeviceId, Hash, RunId, TenantId, UserId};
use oathctl_store::{
    Change, ChangeKind, Deed, EventKind, Filter, Mark, Marking, ModelFacts, Noted, Placed, Placement, Sort,
    StockLine, Store, Thresholds, Token, TokenFacts, TokenName, TokenStatus,
};

use crate::both::on_both;
use crate::desk::Desk;
use crate::fixture::{self, T0, tenant};

const DAY_MS: i64 = 86_400_000;

/// So many hours after the beginning.
fn hour(n: i64) -> Utc {
    T0.plus_ms(n * 3_600_000)
}

fn device(n: u32) -> Device {
    Device {
        id: fixture::device(n),
        serial: format!("23087{n:08}"),
        manufacturer: "Examplar".into(),
        model: if n.is_multiple_of(2) { "XT-1" } else { "XT-2" }.into(),
        hash: Some(Hash::Sha1),
        period_secs: Some(30),
        status: DeviceStatus::Available,
        holder: None,
        last_used: None,
        name: None,
        seen_at: None,
        etag: None,
    }
}

fn held(n: u32, by: u32, status: DeviceStatus) -> Device {
    let holder = Some(Holder { id: fixture::user(by), name: Some(format!("Person {by}")) });
    Device { status, holder, ..device(n) }
}

fn facts(n: u32) -> TokenFacts {
    let Device { serial, manufacturer, model, hash, period_secs, .. } = device(n);
    let (digits, batch) = (Some(6), format!("box-{}", n / 10));
    TokenFacts {
        serial,
        maker: manufacturer,
        model,
        hash,
        digits,
        period_secs,
        batch,
        location: "Store A".into(),
    }
}

fn change(n: u32, what: ChangeKind) -> Change {
    Change { serial: device(n).serial, device: fixture::device(n), what }
}

async fn refresh(store: &Store, devices: &[Device], at: Utc) -> Vec<Change> {
    store.inventory().refresh(&tenant(), devices, true, at).await.unwrap()
}

async fn list(store: &Store, filter: Filter) -> Vec<Token> {
    store.inventory().list(&filter).await.unwrap()
}

async fn only(store: &Store, n: u32) -> Token {
    let mut found = store.inventory().find(device(n).serial.as_str()).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

async fn kinds(store: &Store, n: u32) -> Vec<EventKind> {
    let life = store.inventory().life(device(n).serial.as_str()).await.unwrap();
    life.iter().map(|event| event.what).collect()
}

fn report(n: u32, outcome: Outcome) -> RowReport {
    fixture::report(n, outcome)
}

fn deed<'a>(tenant: &'a TenantId, run: &'a RunId, at: Utc) -> Deed<'a> {
    Deed { tenant, run: Some(run), actor: Some("op"), at }
}

async fn what_a_tenant_shows_is_known_and_told_once(desk: Desk) {
    let store = desk.open().await;
    let devices = [device(1), held(2, 7, DeviceStatus::Activated)];
    let told = refresh(&store, &devices, hour(0)).await;
    assert_eq!(told, [change(1, ChangeKind::New), change(2, ChangeKind::New)]);
    assert_eq!(refresh(&store, &devices, hour(1)).await, [], "nothing changed");
    let token = only(&store, 2).await;
    assert_eq!(token.status, TokenStatus::In(DeviceStatus::Activated));
    assert_eq!(token.holder.as_ref().unwrap().id, fixture::user(7));
    assert_eq!(token.holder.as_ref().unwrap().since, None, "nobody saw it begin");
    assert_eq!((token.proof, token.hash, token.period_secs), (Proof::ReadBack, Some(Hash::Sha1), Some(30)));
    assert_eq!((token.seen_at, token.known_since), (Some(hour(1)), hour(0)));
    assert_eq!(store.inventory().as_of(&tenant()).await.unwrap(), Some(hour(1)));
    assert_eq!(kinds(&store, 2).await, [EventKind::Appeared]);
}

async fn what_somebody_changed_by_hand_is_told_and_stands_in_the_life(desk: Desk) {
    let store = desk.open().await;
    let before = [held(1, 7, DeviceStatus::Activated), device(2), device(3)];
    refresh(&store, &before, hour(0)).await;
    let after = [held(1, 8, DeviceStatus::Assigned), held(2, 9, DeviceStatus::Assigned)];
    let told = refresh(&store, &after, hour(1)).await;
    let status =
        |before, after| ChangeKind::Status { before: TokenStatus::In(before), after: TokenStatus::In(after) };
    let holder = |before: Option<u32>, after| ChangeKind::Holder {
        before: before.map(fixture::user),
        after: Some(fixture::user(after)),
    };
    let expected = [
        change(1, holder(Some(7), 8)),
        change(1, status(DeviceStatus::Activated, DeviceStatus::Assigned)),
        change(2, holder(None, 9)),
        change(2, status(DeviceStatus::Available, DeviceStatus::Assigned)),
        change(3, ChangeKind::Vanished),
    ];
    assert_eq!(told, expected);
    let life = store.inventory().life(device(1).serial.as_str()).await.unwrap();
    assert_eq!(life[1].what, EventKind::HolderChanged);
    assert_eq!(life[1].holder_before, Some(fixture::user(7)));
    assert_eq!(life[1].holder_after, Some(fixture::user(8)));
    assert_eq!(life[2].detail, "activated → assigned");
    let gone = store.inventory().find(device(3).serial.as_str()).await.unwrap();
    let statuses: Vec<_> = gone.iter().map(|token| token.status.clone()).collect();
    assert_eq!(statuses, [TokenStatus::Gone, TokenStatus::Stock], "in no tenant: it lies in stock");
    let told = refresh(&store, &[after[0].clone(), after[1].clone(), device(3)], hour(2)).await;
    assert_eq!(told, [change(3, ChangeKind::Returned)]);
    assert_eq!(only(&store, 3).await.status, TokenStatus::In(DeviceStatus::Available));
}

async fn a_part_of_a_tenant_takes_nothing_away(desk: Desk) {
    let store = desk.open().await;
    refresh(&store, &[device(1), device(2)], hour(0)).await;
    let told = store.inventory().refresh(&tenant(), &[device(1)], false, hour(1)).await.unwrap();
    assert_eq!(told, []);
    assert_eq!(only(&store, 1).await.seen_at, Some(hour(1)));
    assert_eq!(only(&store, 2).await.seen_at, Some(hour(0)));
    assert_eq!(store.inventory().as_of(&tenant()).await.unwrap(), Some(hour(0)));
}

async fn what_a_run_did_is_not_told_as_changed_by_hand(desk: Desk) {
    let store = desk.open().await;
    let (tenant, run) = (tenant(), RunId::new("r1"));
    refresh(&store, &[device(1)], hour(0)).await;
    let rows = [report(1, Outcome::Activated), report(2, Outcome::Activated), report(3, Outcome::Imported)];
    let deed = deed(&tenant, &run, hour(1));
    store.inventory().note_rows(&deed, &rows, &[facts(2), facts(3)]).await.unwrap();
    let token = only(&store, 2).await;
    assert_eq!((token.digits, token.batch.as_str()), (Some(6), "box-0"));
    let holder = token.holder.unwrap();
    assert_eq!((holder.upn.as_deref(), holder.since), (Some("user00002@contoso.example"), Some(hour(1))));
    let drift = token.drift.unwrap();
    assert_eq!((drift.seconds, drift.at), (-3, hour(1)));
    assert_eq!(only(&store, 3).await.holder, None, "imported is nobody's");

    let shown = [held(1, 1, DeviceStatus::Activated), held(2, 2, DeviceStatus::Activated), device(3)];
    assert_eq!(refresh(&store, &shown, hour(2)).await, []);
    let life = store.inventory().life(device(1).serial.as_str()).await.unwrap();
    assert_eq!((life[1].what, life[1].detail.as_str()), (EventKind::Done, "activated"));
    assert_eq!((life[1].run.as_ref(), life[1].actor.as_deref()), (Some(&run), Some("op")));
    assert_eq!(life[1].holder_after, Some(fixture::user(1)));
}

async fn a_listing_that_began_before_a_run_ended_undoes_nothing(desk: Desk) {
    let store = desk.open().await;
    let (tenant, run) = (tenant(), RunId::new("r1"));
    refresh(&store, &[device(1)], hour(0)).await;
    let rows = [report(1, Outcome::Activated), report(2, Outcome::Activated)];
    store.inventory().note_rows(&deed(&tenant, &run, hour(1)), &rows, &[]).await.unwrap();
    // Read a moment before: shows the one as it was, and the other not at all.
    assert_eq!(refresh(&store, &[device(1)], hour(1).plus_ms(-5_000)).await, []);
    assert_eq!(only(&store, 1).await.holder.unwrap().id, fixture::user(1));
    assert_eq!(only(&store, 2).await.status, TokenStatus::In(DeviceStatus::Activated));
    // A clock that stepped back by a day does not blind us.
    let told = refresh(&store, &[device(1)], hour(1).plus_ms(-DAY_MS)).await;
    assert_eq!(told.len(), 3, "{told:?}");
}

async fn failed_rows_change_nothing_they_did_not_reach(desk: Desk) {
    let store = desk.open().await;
    let (tenant, run) = (tenant(), RunId::new("r1"));
    refresh(&store, &[held(1, 7, DeviceStatus::Assigned)], hour(0)).await;
    let mut reached = report(1, Outcome::Failed);
    reached.reason = Some("code_refused".into());
    let untouched = RowReport { changed: false, ..report(2, Outcome::Failed) };
    let nowhere = RowReport { device_id: None, ..report(3, Outcome::Failed) };
    let rows = [reached, untouched, nowhere];
    store.inventory().note_rows(&deed(&tenant, &run, hour(1)), &rows, &[]).await.unwrap();
    let token = only(&store, 1).await;
    assert_eq!(
        token.holder.unwrap().id,
        fixture::user(7),
        "what is doubtful the next look at the tenant shows"
    );
    let life = store.inventory().life(device(1).serial.as_str()).await.unwrap();
    assert_eq!(life[1].detail, "failed: code_refused");
    assert_eq!(list(&store, Filter::default()).await.len(), 1);
}

async fn single_deeds_find_their_token_by_serial(desk: Desk) {
    let store = desk.open().await;
    let tenant = tenant();
    refresh(&store, &[held(1, 7, DeviceStatus::Activated), device(2)], hour(0)).await;
    let deed = Deed { tenant: &tenant, run: None, actor: Some("op"), at: hour(1) };
    let serial = device(1).serial.to_lowercase();
    let away = Noted {
        serial,
        status: Some(DeviceStatus::Available),
        holder: Some(None),
        what: "released".into(),
        ..Noted::default()
    };
    let deleted =
        Noted { serial: device(2).serial, is_gone: true, what: "deleted".into(), ..Noted::default() };
    let unknown = Noted { serial: "nobody knows".into(), what: "released".into(), ..Noted::default() };
    store.inventory().note(&deed, &[away, deleted, unknown]).await.unwrap();
    assert_eq!(only(&store, 1).await.holder, None);
    assert_eq!(refresh(&store, &[device(1)], hour(2)).await, []);
    let statuses = Filter { statuses: vec![TokenStatus::Stock, TokenStatus::Gone], ..Filter::default() };
    assert_eq!(list(&store, statuses).await.len(), 2, "the deleted one, gone there and in stock here");
}

async fn kept_tokens_lie_in_stock_until_a_tenant_has_them(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    assert_eq!(inventory.keep(&[facts(1), facts(2), facts(1)], "op", hour(0)).await.unwrap(), 2);
    assert_eq!(inventory.keep(&[facts(1)], "op", hour(1)).await.unwrap(), 0, "known already");
    assert_eq!(only(&store, 1).await.status, TokenStatus::Stock);
    refresh(&store, &[device(1)], hour(2)).await;
    let token = only(&store, 1).await;
    assert_eq!(token.status, TokenStatus::In(DeviceStatus::Available));
    assert_eq!(
        (token.batch.as_str(), token.location.as_str()),
        ("box-0", "Store A"),
        "what the box said stays"
    );
    assert_eq!(kinds(&store, 1).await, [EventKind::Known, EventKind::Appeared]);
    refresh(&store, &[], hour(3)).await;
    assert_eq!(list(&store, Filter::default()).await.len(), 2, "back in stock, both");
}

async fn a_serial_may_stand_in_two_tenants_and_twice_in_one(desk: Desk) {
    let store = desk.open().await;
    let other = TenantId::new("99999999-2222-4333-8444-555555555555");
    let twin = Device { id: DeviceId::new("twin"), ..device(1) };
    refresh(&store, &[device(1), twin], hour(0)).await;
    store.inventory().refresh(&other, &[device(1)], true, hour(0)).await.unwrap();
    let all = store.inventory().find(device(1).serial.as_str()).await.unwrap();
    assert_eq!(all.len(), 3);
    let there = Filter { tenant: Some(other.clone()), ..Filter::default() };
    assert_eq!(list(&store, there).await.len(), 1);
    store.inventory().refresh(&other, &[], true, hour(1)).await.unwrap();
    assert_eq!(list(&store, Filter::default()).await.len(), 2, "not in stock: the first tenant has it");
}

async fn two_makers_may_share_a_serial(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    let other = TokenFacts { maker: "Other".into(), ..facts(1) };
    inventory.keep(&[facts(1), other], "op", hour(0)).await.unwrap();
    // A maker that nobody said becomes known.
    let unsaid = TokenFacts { serial: "77".into(), ..TokenFacts::default() };
    inventory.keep(std::slice::from_ref(&unsaid), "op", hour(0)).await.unwrap();
    inventory.keep(&[TokenFacts { maker: "Late".into(), ..unsaid }], "op", hour(1)).await.unwrap();
    assert_eq!(inventory.find("77").await.unwrap()[0].maker, "Late");

    let serial = device(1).serial;
    let one = TokenName { serial: &serial, maker: Some("EXAMPLAR") };
    assert_eq!(inventory.find(serial.as_str()).await.unwrap().len(), 2);
    assert_eq!(inventory.find(one).await.unwrap().len(), 1);
    assert_eq!(inventory.mark(one, Mark::Lost, "", "op", hour(1)).await.unwrap(), 1);
    assert_eq!(list(&store, Filter { mark: Some(Marking::Any), ..Filter::default() }).await.len(), 1);
}

async fn h15_a_mark_binds_until_it_is_taken_off(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    refresh(&store, &[device(1), device(2)], hour(0)).await;
    let serial = device(1).serial;
    assert_eq!(inventory.mark("unknown", Mark::Lost, "", "op", hour(1)).await.unwrap(), 0);
    assert_eq!(
        inventory.mark(serial.as_str(), Mark::Stolen, "in the train", "op", hour(1)).await.unwrap(),
        1
    );
    let marks = inventory.marks(&tenant()).await.unwrap();
    let marked = &marks[&serial];
    assert_eq!((marked.mark, marked.at, marked.by.as_str()), (Mark::Stolen, hour(1), "op"));
    assert_eq!(marked.note, "in the train");
    assert_eq!(marks.len(), 1);
    // It binds where the token never was, and outlives its being deleted there.
    assert_eq!(inventory.marks(&TenantId::new("elsewhere")).await.unwrap().len(), 1);
    refresh(&store, &[device(2)], hour(2)).await;
    assert_eq!(inventory.marks(&tenant()).await.unwrap().len(), 1);
    assert_eq!(inventory.found(serial.as_str(), "under the sofa", "op", hour(3)).await.unwrap(), 1);
    assert_eq!(inventory.found(serial.as_str(), "", "op", hour(3)).await.unwrap(), 0, "it has none any more");
    assert_eq!(inventory.marks(&tenant()).await.unwrap(), BTreeMap::new());
    let life = inventory.life(serial.as_str()).await.unwrap();
    let told: Vec<_> = life.iter().map(|event| (event.what, event.detail.as_str())).collect();
    let expected = [
        (EventKind::Appeared, ""),
        (EventKind::Marked, "stolen: in the train"),
        (EventKind::Vanished, ""),
        (EventKind::Found, "under the sofa"),
    ];
    assert_eq!(told, expected);
}

async fn use_makes_proof_and_starts_the_battery(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    refresh(&store, &[held(1, 7, DeviceStatus::Activated)], hour(0)).await;
    let years =
        |model: &str, battery_years| ModelFacts { model: model.into(), reorder_below: None, battery_years };
    inventory.set_model(&years("", Some(5))).await.unwrap();
    assert_eq!(only(&store, 1).await.battery_end, None, "never used");
    let used = |at| Device { last_used: Some(at), ..held(1, 7, DeviceStatus::Activated) };
    assert_eq!(refresh(&store, &[used(hour(2))], hour(3)).await, [], "using it is no change by hand");
    assert_eq!(refresh(&store, &[used(hour(5))], hour(6)).await, []);
    let token = only(&store, 1).await;
    assert_eq!((token.first_used, token.last_used), (Some(hour(2)), Some(hour(5))));
    assert_eq!(token.proof, Proof::SignIn);
    assert_eq!(token.battery_end, Some(hour(2).plus_ms(5 * 31_557_600_000)));
    inventory.set_model(&years("XT-2", Some(3))).await.unwrap();
    assert_eq!(only(&store, 1).await.battery_end, Some(hour(2).plus_ms(3 * 31_557_600_000)));
    // Another holder has not signed in with it.
    let given = Device { last_used: Some(hour(5)), ..held(1, 8, DeviceStatus::Activated) };
    refresh(&store, &[given], hour(7)).await;
    let token = only(&store, 1).await;
    assert_eq!((token.proof, token.first_used), (Proof::ReadBack, Some(hour(2))));
    assert_eq!(kinds(&store, 1).await, [EventKind::Appeared, EventKind::FirstUsed, EventKind::HolderChanged]);
}

async fn filters_let_through_what_they_say(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    inventory.keep(&(1..=30).map(facts).collect::<Vec<_>>(), "op", hour(0)).await.unwrap();
    let mut devices: Vec<Device> = (1..=10).map(device).collect();
    devices.extend((11..=20).map(|n| held(n, n, DeviceStatus::Activated)));
    devices[12].last_used = Some(hour(0));
    refresh(&store, &devices, hour(1)).await;
    inventory.mark(device(5).serial.as_str(), Mark::Retired, "", "op", hour(2)).await.unwrap();
    let person = oathctl_core::tenant::User {
        id: UserId::new(fixture::user(14).as_str().to_uppercase()),
        upn: "Ann@contoso.example".into(),
        name: "Ann".into(),
        enabled: Some(true),
        guest: Some(false),
    };
    store.people().see(&tenant(), &[person], hour(2)).await.unwrap();

    let count = async |filter| list(&store, filter).await.len();
    let f = Filter::default;
    assert_eq!(count(f()).await, 30);
    assert_eq!(count(Filter { without_stock: true, ..f() }).await, 20);
    assert_eq!(count(Filter { statuses: vec![TokenStatus::Stock], ..f() }).await, 10);
    let active = vec![TokenStatus::In(DeviceStatus::Activated)];
    assert_eq!(count(Filter { statuses: active.clone(), ..f() }).await, 10);
    assert_eq!(count(Filter { statuses: active, never_used: true, ..f() }).await, 9);
    assert_eq!(count(Filter { model: Some("xt-1".into()), ..f() }).await, 15);
    assert_eq!(count(Filter { batch: Some("BOX-1".into()), ..f() }).await, 10);
    assert_eq!(count(Filter { location: Some("store a".into()), ..f() }).await, 30);
    assert_eq!(count(Filter { mark: Some(Marking::Is(Mark::Retired)), ..f() }).await, 1);
    assert_eq!(count(Filter { mark: Some(Marking::Without), ..f() }).await, 29);
    assert_eq!(count(Filter { serial_prefix: Some("230870000001".into()), ..f() }).await, 10);
    assert_eq!(count(Filter { serial_prefix: Some("%".into()), ..f() }).await, 0);
    assert_eq!(count(Filter { proofs: vec![Proof::SignIn], ..f() }).await, 1);
    for who in ["ann@CONTOSO.example", fixture::user(14).as_str()] {
        let his = list(&store, Filter { holder: Some(who.into()), ..f() }).await;
        assert_eq!(his.len(), 1, "{who}");
        assert_eq!(his[0].holder.as_ref().unwrap().upn.as_deref(), Some("Ann@contoso.example"));
    }
    assert_eq!(
        count(Filter { tenant: Some(TenantId::new("other")), ..f() }).await,
        10,
        "the stock is everybody's"
    );

    for sort in
        [Sort::Serial, Sort::Model, Sort::Batch, Sort::Location, Sort::Status, Sort::Holder, Sort::LastUsed]
    {
        let all = list(&store, Filter { sort, ..f() }).await;
        let mut back = list(&store, Filter { sort, descending: true, ..f() }).await;
        back.reverse();
        assert_eq!(all, back, "{sort:?}");
        let first = list(&store, Filter { sort, limit: Some(7), ..f() }).await;
        assert_eq!(all[..7], first, "{sort:?}");
    }
    let by_serial: Vec<String> = list(&store, f()).await.into_iter().map(|token| token.serial).collect();
    assert!(by_serial.is_sorted());
}

async fn the_stock_is_counted_moved_and_runs_out(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    inventory.keep(&(1..=8).map(facts).collect::<Vec<_>>(), "op", hour(0)).await.unwrap();
    refresh(&store, &[device(2), held(4, 7, DeviceStatus::Activated)], hour(1)).await;
    inventory.mark(device(6).serial.as_str(), Mark::Lost, "", "op", hour(1)).await.unwrap();
    let (one, three) = (device(1).serial, device(3).serial);
    let to = |serial: &str, batch: Option<&str>| Placement {
        serial: serial.to_owned(),
        location: Some(" Desk 2".into()),
        batch: batch.map(str::to_owned),
    };
    let moves = [to("nowhere", None), to(&one.to_lowercase(), None), to(&three, Some("box-9"))];
    let placed = inventory.place(&moves, "op", hour(2)).await.unwrap();
    assert_eq!(placed, [Placed::Unknown, Placed::Moved, Placed::Moved]);
    assert_eq!(inventory.place(&moves[1..], "op", hour(3)).await.unwrap(), [Placed::There, Placed::There]);
    let moved = inventory.life(three.as_str()).await.unwrap();
    let moved: Vec<_> = moved.iter().filter(|it| it.what == EventKind::Moved).collect();
    assert_eq!((moved.len(), moved[0].detail.as_str()), (1, "Desk 2, batch box-9"), "told once");
    assert_eq!(inventory.find(one.as_str()).await.unwrap()[0].batch, "box-0", "the batch stays");
    let known = inventory.known_serials(&["nowhere", &one]).await.unwrap();
    assert_eq!(known.into_iter().collect::<Vec<_>>(), [oathctl_core::token::serial_key(&one)]);
    let lines = inventory.stock(Some(&tenant())).await.unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.model.as_str(), line.location.as_str(), line.status.word(), line.mark, line.count))
        .collect();
    let expected = [
        ("XT-1", "Store A", "activated".to_owned(), None, 1),
        ("XT-1", "Store A", "available".to_owned(), None, 1),
        ("XT-1", "Store A", "stock".to_owned(), None, 1),
        ("XT-1", "Store A", "stock".to_owned(), Some(Mark::Lost), 1),
        ("XT-2", "Desk 2", "stock".to_owned(), None, 1),
        ("XT-2", "Desk 2", "stock".to_owned(), None, 1),
        ("XT-2", "Store A", "stock".to_owned(), None, 2),
    ];
    let mut told = told;
    told.sort_by(|a, b| (a.0, a.1, &a.2, a.3).cmp(&(b.0, b.1, &b.2, b.3)));
    assert_eq!(told, expected);
    assert!(lines.iter().all(|line| !line.seed_held && line.known_since == hour(0)), "{lines:?}");
    let free =
        |lines: &[StockLine]| lines.iter().filter(|line| line.is_free()).map(|line| line.count).sum::<u64>();
    assert_eq!(free(&lines), 1, "without its seed a token in no tenant can be given to none");
    assert_eq!(lines.iter().filter(|line| line.lacks_seed()).map(|line| line.count).sum::<u64>(), 5);
    let models = [("xt-1".to_owned(), 2), ("none of these".to_owned(), 1)].into_iter().collect();
    let low = Thresholds { others: Some(1), models }.low(&lines);
    let low: Vec<_> = low.iter().map(|low| (low.model.as_str(), low.left, low.below)).collect();
    assert_eq!(low, [("none of these", 0, 1), ("XT-1", 1, 2), ("XT-2", 0, 1)]);
    let years = ModelFacts { model: "XT-1".into(), battery_years: Some(5), ..ModelFacts::default() };
    inventory.set_model(&years).await.unwrap();
    let used = Device { last_used: Some(hour(1)), ..held(4, 7, DeviceStatus::Activated) };
    refresh(&store, &[device(2), used], hour(4)).await;
    let ends: Vec<Utc> =
        inventory.stock(Some(&tenant())).await.unwrap().iter().filter_map(|line| line.battery_end).collect();
    assert_eq!(ends, [hour(1).plus_ms(5 * 31_557_600_000)]);
}

async fn the_next_token_is_free_unmarked_and_can_be_given(desk: Desk) {
    let store = desk.open().await;
    let inventory = store.inventory();
    assert_eq!(inventory.next_in_stock(&tenant(), None).await.unwrap(), None);
    inventory.keep(&[facts(1), facts(2)], "op", hour(0)).await.unwrap();
    assert_eq!(inventory.next_in_stock(&tenant(), None).await.unwrap(), None, "the vault has no seed of it");
    refresh(&store, &[held(1, 7, DeviceStatus::Assigned), device(3), device(4), device(5)], hour(1)).await;
    inventory.mark(device(3).serial.as_str(), Mark::Lost, "", "op", hour(2)).await.unwrap();
    // What another tenant's person has is not free here.
    let other = TenantId::new("other");
    inventory.refresh(&other, &[held(4, 9, DeviceStatus::Activated)], true, hour(1)).await.unwrap();
    let next = inventory.next_in_stock(&tenant(), None).await.unwrap().unwrap();
    assert_eq!(next.serial, device(5).serial);
    assert_eq!(
        inventory.next_in_stock(&tenant(), Some("xt-2")).await.unwrap().unwrap().serial,
        device(5).serial
    );
    assert_eq!(inventory.next_in_stock(&tenant(), Some("XT-1")).await.unwrap(), None);
}

on_both!(
    what_a_tenant_shows_is_known_and_told_once,
    what_somebody_changed_by_hand_is_told_and_stands_in_the_life,
    a_part_of_a_tenant_takes_nothing_away,
    what_a_run_did_is_not_told_as_changed_by_hand,
    a_listing_that_began_before_a_run_ended_undoes_nothing,
    failed_rows_change_nothing_they_did_not_reach,
    single_deeds_find_their_token_by_serial,
    kept_tokens_lie_in_stock_until_a_tenant_has_them,
    a_serial_may_stand_in_two_tenants_and_twice_in_one,
    two_makers_may_share_a_serial,
    h15_a_mark_binds_until_it_is_taken_off,
    use_makes_proof_and_starts_the_battery,
    filters_let_through_what_they_say,
    the_stock_is_counted_moved_and_runs_out,
    the_next_token_is_free_unmarked_and_can_be_given,
);
