//! The devices themselves: broken, with a clock astray, of another box, of other parameters, with a seed that leaked.

use oathctl_sim::device::Device;
use oathctl_sim::secret::SeedBytes;
use oathctl_sim::totp::Hash;

use super::scene::{Scene, scene, scene_in};
use crate::everyday::desk::{HEADER, Helpdesk};

#[test]
fn broken_in_hand() {
    scene(
        "broken_in_hand",
        "İpek's display stays dark. She stands at the desk, a new one is in the drawer.",
        2,
        |s| {
            s.run("tokens assign T000001 IPEK --yes");
            s.breaks("T000001");
            s.run("tokens replace T000001 --with T000002 --in-hand --yes");
            s.keeps_out("IPEK", "T000001", "the display stays dark");
            s.note("Nobody is to get the broken one from stock.");
            s.run("tokens release T000001 --retired --yes");
            s.ends("tokens replace T000002 --next --in-hand --yes", 7);
            s.lets_in("IPEK", "T000002");
        },
    );
}

#[test]
fn a_clock_astray() {
    scene(
        "clock_astray",
        "Two years in a drawer, and the clock of Björn's token is half an hour ahead.",
        2,
        |s| {
            s.run("tokens assign T000001 BJOERN --yes");
            s.drifts("T000001", 1800);
            s.keeps_out("BJOERN", "T000001", "wrong_code");
            s.note(
                "Is it this device, and what is wrong with it? Two codes, one after the other, written down.",
            );
            let codes = [shown_by(s, "T000001", 0), shown_by(s, "T000001", 30)];
            s.desk.tenant.write("codes.txt", &codes.map(|code| format!("T000001 {code}\n")).concat());
            s.run("verify T000001 --codes codes.txt");
            s.note("A code computed from the seed teaches the tenant nothing about this device's clock.");
            s.run("tokens deactivate T000001 --yes");
            s.run("tokens activate T000001 --yes");
            s.keeps_out("BJOERN", "T000001", "wrong_code");
            s.note("A code of the device itself does, typed in the portal.");
            s.run("tokens deactivate T000001 --yes");
            s.activates_by_hand("T000001");
            s.lets_in("BJOERN", "T000001");
            s.note("Or another one takes its place.");
            s.run("tokens replace T000001 --with T000002 --in-hand --yes");
            s.lets_in("BJOERN", "T000002");
        },
    );
}

#[test]
fn the_wrong_box() {
    let desk = Helpdesk::new(2);
    // What lies in the box has the serials of the file, and other seeds.
    desk.tenant.sim.with(|parts, _| {
        for n in 1..=2u8 {
            let serial = format!("T00000{n}");
            let other =
                Device { seed: SeedBytes::new(seed(n, 20)), ..parts.devices.get(&serial).unwrap().clone() };
            parts.devices.add(other);
        }
    });
    let title = "The vendor sent another box than the file tells of: same serials, other seeds. The tenant takes them all.";
    scene_in(desk, "wrong_box", title, |s| {
        s.run("tokens assign T000001 BJOERN --yes");
        s.note(
            "\"Active\" is what the tenant says; the device itself is untried, and the first try shows it.",
        );
        s.keeps_out("BJOERN", "T000001", "wrong_code");
        s.note("Codes of the device, typed into a list, are held against the file.");
        let code = shown_by(s, "T000001", 0);
        s.desk.tenant.write("codes.txt", &format!("T000001 {code}\n"));
        let ran = s.ends("check tokens.csv --codes codes.txt", 6);
        assert!(!ran.out.contains(&code) && !ran.err.contains(&code), "{}{}", ran.out, ran.err);
        s.note("The right file comes, and the wrong seeds go.");
        s.run("vault forget T000001 T000002 --yes");
        let right = HEADER.to_owned() + &row("T000001", &seed(1, 20), 30) + &row("T000002", &seed(2, 20), 30);
        s.desk.tenant.write("right.csv", &right);
        s.run("vault import right.csv");
        s.run("tokens reseed T000001 --yes");
        s.lets_in("BJOERN", "T000001");
    });
}

#[test]
fn reseed_after_a_leak() {
    let title =
        "The seed file lay open on a share. The device can be given a new seed over NFC, so it is made anew.";
    scene("reseed_after_a_leak", title, 1, |s| {
        s.run("tokens assign T000001 BJOERN --yes");
        let new = seed(7, 20);
        s.desk
            .tenant
            .sim
            .with(|parts, _| parts.devices.get_mut("T000001").unwrap().seed = SeedBytes::new(new.clone()));
        s.note("The device has its new seed, and the tenant the old one.");
        s.keeps_out("BJOERN", "T000001", "wrong_code");
        s.desk.tenant.write("new.csv", &(HEADER.to_owned() + &row("T000001", &new, 30)));
        s.note("The vault takes no second seed for a serial beside the first.");
        s.ends("vault import new.csv", 3);
        s.run("vault forget T000001 --yes");
        s.run("vault import new.csv");
        s.run("tokens reseed T000001 --yes");
        s.lets_in("BJOERN", "T000001");
    });
}

#[test]
fn sha256_and_a_minute() {
    let desk = Helpdesk::new(1);
    let add = |serial: &str, seed: Vec<u8>, hash, period_s| {
        desk.tenant.sim.with(|parts, _| {
            let honest = parts.devices.get("T000001").unwrap().clone();
            let seed = SeedBytes::new(seed.clone());
            parts.devices.add(Device { serial: serial.into(), seed, hash, period_s, ..honest });
        });
    };
    add("M000001", seed(3, 20), Hash::Sha1, 60);
    add("H000001", seed(4, 32), Hash::Sha256, 30);
    let title = "Not every token is SHA-1 and 30 seconds.";
    scene_in(desk, "sha256_and_a_minute", title, |s| {
        s.desk.tenant.write("minute.csv", &format!("{HEADER}{}", row("M000001", &seed(3, 20), 60)));
        s.desk.tenant.write("sha256.csv", &format!("{HEADER}{}", row("H000001", &seed(4, 32), 30)));
        s.run("vault import minute.csv");
        s.run("tokens assign M000001 BJOERN --yes");
        s.lets_in("BJOERN", "M000001");
        s.note("The file doesn't say which hash; 32 bytes alone are no proof of SHA-256.");
        s.ends("vault import sha256.csv", 6);
        s.run("vault import sha256.csv --hash sha256");
        s.run("tokens assign H000001 CHLOE --yes");
        s.lets_in("CHLOE", "H000001");
    });
}

/// A made-up seed, each number's its own.
fn seed(n: u8, bytes: usize) -> Vec<u8> {
    let mut rng = oathctl_sim::rng::Rng::new(u64::from(n));
    rng.bytes(bytes)
}

/// What the display shows so many seconds from now.
fn shown_by(s: &Scene, serial: &str, later_s: i64) -> String {
    let press = |parts: &mut oathctl_sim::sim::Parts, now| {
        parts.devices.get(serial).unwrap().press(now + later_s * 1000)
    };
    s.desk.tenant.sim.with(press).unwrap().code.open().to_owned()
}

/// A vendor's row of a made-up seed.
fn row(serial: &str, seed: &[u8], period_s: u32) -> String {
    format!(",{serial},{},{period_s},Examplar,XT-1\n", data_encoding::BASE32_NOPAD.encode(seed))
}
