//! Invented people: names of many scripts, guests, disabled accounts, administrators, apostrophes. Nobody real.
//!
//! Of each hundred, by place: 7 and 57 have an apostrophe, 13 and 14 are guests (`#EXT#`), 23 is disabled,
//! 31 holds a role, 43 has five authenticator apps, 67 is a member with `#EXT#`; place 0 is the global administrator.

use super::directory::{DEFAULT_DOMAIN, INITIAL_DOMAIN};
use super::{MethodKind, Person, PersonIx, World};

/// First names: as shown, as in a UPN.
const FIRST: [(&str, &str); 20] = [
    ("Anna", "anna"),
    ("Björn", "bjoern"),
    ("Chloé", "chloe"),
    ("Dilek", "dilek"),
    ("Émile", "emile"),
    ("Fatima", "fatima"),
    ("Grzegorz", "grzegorz"),
    ("Hanako", "hanako"),
    ("İpek", "ipek"),
    ("José", "jose"),
    ("Kwame", "kwame"),
    ("Łucja", "lucja"),
    ("Mina", "mina"),
    ("Noor", "noor"),
    ("Øyvind", "oyvind"),
    ("Priya", "priya"),
    ("Quentin", "quentin"),
    ("Renée", "renee"),
    ("Søren", "soren"),
    ("Tomás", "tomas"),
];

/// Last names: as shown, as in a UPN.
const LAST: [(&str, &str); 20] = [
    ("Almeida", "almeida"),
    ("Bauer", "bauer"),
    ("Černý", "cerny"),
    ("Dahl", "dahl"),
    ("Eriksen", "eriksen"),
    ("Ferrari", "ferrari"),
    ("García", "garcia"),
    ("Horváth", "horvath"),
    ("Ito", "ito"),
    ("Jansen", "jansen"),
    ("Kowalska", "kowalska"),
    ("Løvdal", "lovdal"),
    ("Müller", "mueller"),
    ("Nguyễn", "nguyen"),
    ("Okafor", "okafor"),
    ("Petrović", "petrovic"),
    ("Quispe", "quispe"),
    ("Rossi", "rossi"),
    ("Şahin", "sahin"),
    ("Tanaka", "tanaka"),
];

/// Some whole names in other scripts.
const OTHER_SCRIPTS: [&str; 4] = ["田中 花子", "Мария Иванова", "محمد علي", "Ελένη Παππά"];

pub(super) fn populate(world: &mut World, people: usize) {
    for n in 0..people {
        let person = invent(world, n);
        let ix = world.people.push(person);
        place(world, ix, n);
    }
}

fn invent(world: &mut World, n: usize) -> Person {
    let (first, last) = (FIRST[n % FIRST.len()], LAST[(n / FIRST.len()) % LAST.len()]);
    let again = n / (FIRST.len() * LAST.len());
    let suffix = if again == 0 { String::new() } else { (again + 1).to_string() };
    let upn = match n % 100 {
        7 | 57 => format!("{}.o'brien{}@{DEFAULT_DOMAIN}", first.1, n / 50),
        13 | 14 => format!("{}.{}{suffix}_partner.example#EXT#@{INITIAL_DOMAIN}", first.1, last.1),
        67 => format!("{}.{}{suffix}_sister.example#EXT#@{INITIAL_DOMAIN}", first.1, last.1),
        _ => format!("{}.{}{suffix}@{DEFAULT_DOMAIN}", first.1, last.1),
    };
    let display_name = match n % 100 {
        7 | 57 => format!("{} O’Brien", first.0),
        k @ 90..=93 => OTHER_SCRIPTS[k - 90].to_owned(),
        _ => format!("{} {}", first.0, last.0),
    };
    Person {
        id: world.fresh_id(),
        upn,
        display_name,
        enabled: n % 100 != 23,
        guest: matches!(n % 100, 13 | 14),
        deleted_at: None,
        purged: false,
        roles: Vec::new(),
        groups: Vec::new(),
        methods: methods(world, n),
        sessions_revoked: Vec::new(),
    }
}

fn methods(world: &mut World, n: usize) -> Vec<super::Method> {
    let mut kinds = vec![MethodKind::Password];
    match n % 100 {
        43 => kinds.extend([MethodKind::Authenticator; 5]),
        k if k % 10 < 4 => kinds.extend([MethodKind::Phone, MethodKind::Authenticator]),
        k if k % 10 < 6 => kinds.push(MethodKind::Phone),
        k if k % 10 == 6 => kinds.push(MethodKind::Fido2),
        k if k % 10 == 7 => kinds.extend([MethodKind::SoftwareOath, MethodKind::Email]),
        88 => kinds.push(MethodKind::AccessPass),
        _ => {}
    }
    kinds.into_iter().map(|kind| world.method(kind)).collect()
}

fn place(world: &mut World, ix: PersonIx, n: usize) {
    let group = match n % 10 {
        0..=2 => 1,
        3 | 4 => 2,
        5 | 6 => 3,
        7 => 4,
        _ => 0,
    };
    world.join_group(ix, group);
    if n % 20 == 5 {
        world.join_group(ix, 5);
    }
    if n == 0 {
        world.grant_role(ix, 0);
    } else if n % 100 == 31 {
        world.grant_role(ix, 1 + (n / 100) % 3);
    }
}
