//! The everyday verbs: what each needs, and what stands against it.

use super::StepKind::{Activate, Assign, Create, Deactivate, Delete, Rename, Unassign};
use super::*;

impl World {
    fn ask(mut self, row: u32, wish: Wish) -> Self {
        self.wishes.ask(RowId(row), Asked::plain(wish));
        self
    }

    fn asked(mut self, row: u32, asked: Asked) -> Self {
        self.wishes.ask(RowId(row), asked);
        self
    }

    /// The people are known by their object ids too, as holders are read.
    fn holders(mut self) -> Self {
        let users: Vec<User> = self.snapshot.users.values().flatten().cloned().collect();
        for user in users {
            self.snapshot.users.insert(user.id.as_str().to_lowercase(), Some(user));
        }
        self
    }

    fn mark(mut self, serial: &str, mark: Mark) -> Self {
        self.marks.insert(serial_key(serial), mark);
        self
    }
}

fn held() -> World {
    let two = Methods { hardware: 1, authenticators: 1, ..Methods::default() };
    world().person("ada").methods("ada", two).device("S1", Some("ada"), true).row("S1", None).holders()
}

#[test]
fn a_token_is_released_from_whoever_holds_it() {
    let world = held().ask(0, Wish::Release);
    let row = &world.plan().rows[0];
    assert_eq!((row.steps.as_slice(), row.goal), (&[Unassign][..], Goal::Released));
    assert_eq!((row.user.clone(), row.upn.as_deref()), (Some(id("ada")), Some("ada@example.test")));
    assert_eq!((world.plan().totals.unassign, world.plan().totals.reassign), (1, 0));
}

#[test]
fn what_is_in_stock_is_released_already() {
    let world = world().device("S1", None, false).row("S1", None).ask(0, Wish::Release);
    assert_eq!(world.end().0, Outcome::Imported);
}

#[test]
fn the_sessions_of_whoever_had_it_end_though_nobody_has_it() {
    let asked = Asked { revoke: true, lost: true, ..Asked::plain(Wish::Release) };
    let world =
        world().person("ada").device("S1", None, false).row("S1", Some("ada")).asked(0, asked.clone());
    assert_eq!(world.steps(), [StepKind::RevokeSessions]);
    let nobody = super::world().device("S1", None, false).row("S1", None).asked(0, asked);
    assert_eq!(nobody.end().0, Outcome::Imported, "nobody is named");
}

#[test]
fn a_serial_nobody_knows_is_told() {
    for wish in [Wish::Release, Wish::Deactivate, Wish::Rename { name: "Keys".into() }] {
        assert_eq!(world().row("S1", None).ask(0, wish).refused(), "not_in_tenant");
    }
    assert_eq!(world().row("S1", None).ask(0, Wish::Delete).end().0, Outcome::Deleted);
}

#[test]
fn h02_the_last_method_stays() {
    let alone = Methods { hardware: 1, ..Methods::default() };
    for wish in [Wish::Release, Wish::Deactivate, Wish::Delete] {
        let mut world = held().methods("ada", alone.clone()).ask(0, wish);
        assert_eq!(world.refused(), "last_method");
        world.options.last_method_ok = true;
        assert!(!world.steps().is_empty());
        assert_eq!(world.plan().totals.left_without, 1, "and is counted where somebody wants it");
    }
}

#[test]
fn h02_a_token_that_is_not_active_is_no_method() {
    let two = Methods { hardware: 2, ..Methods::default() };
    let world = held().methods("ada", two).device("S2", Some("ada"), false).ask(0, Wish::Release);
    assert_eq!(world.refused(), "last_method", "the other token opens nothing");
    let world = self::world().person("ada").device("S1", Some("ada"), false).row("S1", None).holders();
    let world = world.methods("ada", Methods { hardware: 1, ..Methods::default() }).ask(0, Wish::Release);
    assert_eq!(world.steps(), [Unassign], "taking an inactive one takes nothing");
}

#[test]
fn h02_nobody_is_left_who_could_miss_it() {
    let alone = Methods { hardware: 1, ..Methods::default() };
    let gone = Asked { left: true, ..Asked::plain(Wish::Release) };
    assert_eq!(held().methods("ada", alone.clone()).asked(0, gone).steps(), [Unassign]);
    let lost = Asked { lost: true, ..Asked::plain(Wish::Release) };
    assert_eq!(held().methods("ada", alone.clone()).asked(0, lost).steps(), [Unassign]);
    let mut disabled = world().methods("ada", alone).device("S1", Some("ada"), true).row("S1", None);
    disabled.add("ada", Some(false), Some(false));
    assert_eq!(disabled.holders().ask(0, Wish::Release).steps(), [Unassign]);
}

#[test]
fn h02_a_replaced_token_goes_after_its_successor() {
    let alone = Methods { hardware: 1, ..Methods::default() };
    let world = world().person("ada").methods("ada", alone).device("OLD", Some("ada"), true);
    let world = world.row("NEW", Some("ada")).row("OLD", None).holders();
    let world = world.asked(1, Asked { after: Some(RowId(0)), ..Asked::plain(Wish::Release) });
    let plan = world.plan();
    assert_eq!(plan.rows[0].steps, [Create, Assign, Activate]);
    assert_eq!(plan.rows[1].steps, [Unassign]);
    assert_eq!(plan.totals.left_without, 0);
    assert_eq!(plan.wishes().of(RowId(1)).after, Some(RowId(0)), "a plan says again what was asked");
}

#[test]
fn h06_nothing_is_taken_from_an_administrator() {
    for wish in [Wish::Release, Wish::Deactivate, Wish::Delete, Wish::Reseed] {
        let mut world = held().ask(0, wish);
        world.snapshot.admins = Known::Yes(BTreeSet::from([id("ada")]));
        assert_eq!(world.refused(), "admin_target");
        world.options.include_admins = true;
        assert!(!world.steps().is_empty());
    }
}

#[test]
fn h15_a_marked_token_is_given_to_nobody() {
    let world = world().person("ada").row("s1", Some("ada")).mark("S1", Mark::Lost);
    assert_eq!(world.refused(), "marked");
    let world = self::world().person("ada").device("S1", Some("ada"), false).row("S1", Some("ada"));
    assert_eq!(world.mark("S1", Mark::Stolen).refused(), "marked", "nor made active again");
    assert_eq!(held().mark("S1", Mark::Lost).ask(0, Wish::Release).steps(), [Unassign], "but taken away");
}

#[test]
fn h17_what_nobody_could_make_again_is_not_deleted() {
    let mut world = world().device("S1", None, false).row("S1", None).ask(0, Wish::Delete);
    assert_eq!(world.steps(), [Delete]);
    world.seedless = true;
    assert_eq!(world.refused(), "seed_not_held");
    world.options.seed_lost = true;
    assert_eq!(world.steps(), [Delete]);
    let mut reseed = held().ask(0, Wish::Reseed);
    reseed.seedless = true;
    reseed.options.seed_lost = true;
    assert_eq!(reseed.refused(), "seed_not_held", "nothing can be made anew from nothing");
}

#[test]
fn a_reseeded_token_comes_back_to_its_person() {
    let world = held().ask(0, Wish::Reseed);
    assert_eq!(world.steps(), [Unassign, Delete, Create, Assign, Activate]);
    assert_eq!(world.plan().rows[0].user, Some(id("ada")));
    let stock = self::world().device("S1", None, false).row("S1", None).ask(0, Wish::Reseed);
    assert_eq!(stock.steps(), [Delete, Create]);
}

#[test]
fn h18_who_names_a_person_means_that_persons_token() {
    let world = world().person("ada").person("bob").device("S1", Some("bob"), true).row("S1", Some("ada"));
    assert_eq!(world.holders().ask(0, Wish::Release).refused(), "held_by_other");
}

#[test]
fn only_a_token_in_stock_is_renamed() {
    let wish = || Wish::Rename { name: "Keys".into() };
    let mut stock = world().device("S1", None, false).row("S1", None).ask(0, wish());
    assert_eq!(stock.steps(), [Rename]);
    stock.snapshot.devices[0].name = Some("Keys".into());
    assert_eq!(stock.end().0, Outcome::Imported);
    assert_eq!(held().ask(0, wish()).refused(), "backend_cannot");
}

#[test]
fn an_inactive_token_is_inactive_already() {
    assert_eq!(held().ask(0, Wish::Deactivate).steps(), [Deactivate]);
    let world = world().person("ada").device("S1", Some("ada"), false).row("S1", None).holders();
    assert_eq!(world.ask(0, Wish::Deactivate).end().0, Outcome::Assigned);
}

#[test]
fn a_few_devices_are_no_listing() {
    let mut world = held().ask(0, Wish::Release);
    world.snapshot.partial = true;
    let totals = world.plan().totals;
    assert_eq!((totals.tenant_devices, totals.devices_partial), (0, true));
    assert!(gate(&world.plan()).is_empty());
}
