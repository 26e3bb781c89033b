//! People as tenants showed them: names, and since when we have seen an account disabled (H3).

use oathctl_core::tenant::User;
use oathctl_core::time::Utc;
use oathctl_core::token::{TenantId, UserId};
use oathctl_store::Store;

use crate::both::on_both;
use crate::desk::Desk;
use crate::fixture::{self, T0, tenant};

fn day(n: i64) -> Utc {
    T0.plus_ms(n * 86_400_000)
}

fn person(n: u32, enabled: Option<bool>) -> User {
    let upn = format!("Person{n}@contoso.example");
    User { id: fixture::user(n), upn, name: format!("Person {n}"), enabled, guest: None }
}

async fn see(store: &Store, people: &[User], at: Utc) {
    store.people().see(&tenant(), people, at).await.unwrap();
}

async fn since(store: &Store, n: u32) -> Option<Utc> {
    let id = UserId::new(fixture::user(n).as_str().to_uppercase());
    store.people().disabled_since(&tenant(), std::slice::from_ref(&id)).await.unwrap().get(&id).copied()
}

async fn h03_disabled_counts_from_our_first_sighting_until_one_enabled(desk: Desk) {
    let store = desk.open().await;
    see(&store, &[person(1, Some(true)), person(2, Some(false)), person(3, None)], day(0)).await;
    assert_eq!(
        (since(&store, 1).await, since(&store, 2).await, since(&store, 3).await),
        (None, Some(day(0)), None)
    );
    see(&store, &[person(1, Some(false)), person(2, Some(false))], day(10)).await;
    assert_eq!((since(&store, 1).await, since(&store, 2).await), (Some(day(10)), Some(day(0))));
    see(&store, &[person(2, None)], day(20)).await;
    assert_eq!(since(&store, 2).await, Some(day(0)), "what can't be read says nothing");
    see(&store, &[person(2, Some(true))], day(30)).await;
    see(&store, &[person(2, Some(false))], day(31)).await;
    assert_eq!(since(&store, 2).await, Some(day(31)), "back from leave, and gone again: it counts anew");
    let elsewhere =
        store.people().disabled_since(&TenantId::new("other"), &[fixture::user(2)]).await.unwrap();
    assert!(elsewhere.is_empty(), "tenants know nothing of each other");
}

async fn gone_counts_from_the_first_word_until_a_sighting(desk: Desk) {
    let store = desk.open().await;
    see(&store, &[person(1, Some(true))], day(0)).await;
    let ids = [fixture::user(1), fixture::user(2)];
    store.people().gone(&tenant(), &ids, day(1)).await.unwrap();
    store.people().gone(&tenant(), &ids, day(2)).await.unwrap();
    let known = store.people().known(&tenant(), &ids).await.unwrap();
    assert_eq!(known.len(), 1, "of people we never saw nothing is known");
    let one = &known[&fixture::user(1)];
    assert_eq!((one.gone_since, one.first_seen, one.seen_at), (Some(day(1)), day(0), day(0)));
    see(&store, &[person(1, None)], day(3)).await;
    let known = store.people().known(&tenant(), &ids).await.unwrap();
    assert_eq!((known[&fixture::user(1)].gone_since, known[&fixture::user(1)].enabled), (None, Some(true)));
}

async fn people_are_found_by_the_beginning_of_their_names(desk: Desk) {
    let store = desk.open().await;
    let many: Vec<User> = (0..1200).map(|n| person(n, Some(true))).collect();
    see(&store, &many, day(0)).await;
    let found = async |text: &str| store.people().search(&tenant(), text, 2000).await.unwrap().len();
    assert_eq!(found("person119").await, 11);
    assert_eq!(found("PERSON 1199").await, 1);
    assert_eq!(found(fixture::user(7).as_str()).await, 1);
    assert_eq!(found("%").await, 0);
    assert_eq!(store.people().search(&tenant(), "p", 5).await.unwrap().len(), 5);
    let of = async |domain: &str| store.people().tenants_of_domain(domain).await.unwrap();
    assert_eq!(of("Contoso.Example").await, [tenant()]);
    assert_eq!((of("toso.example").await.len(), of("other.example").await.len()), (0, 0));
}

on_both!(
    h03_disabled_counts_from_our_first_sighting_until_one_enabled,
    gone_counts_from_the_first_word_until_a_sighting,
    people_are_found_by_the_beginning_of_their_names,
);
