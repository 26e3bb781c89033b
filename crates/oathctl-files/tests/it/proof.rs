//! Codes of devices against readings of a file.

use oathctl_core::otp::hotp;
use oathctl_core::place::Field;
use oathctl_core::table::Table;
use oathctl_core::time::Utc;
use oathctl_core::token::Hash;
use oathctl_files::proof::{
    Explanation, FileVerdict, Fit, Given, Position, Proof, Reading, Spelling, TokenResult, explain,
};
use oathctl_files::{ReadOptions, SeedEncoding};

use crate::support::{HEX, MS, SEEDS, checked, checked_with};

const NOW: Utc = Utc::from_unix_secs(1_790_000_010);

/// What a device shows.
#[derive(Clone)]
struct Device {
    serial: &'static str,
    seed: Vec<u8>,
    hash: Hash,
    period: u64,
    digits: u8,
    drift: i64,
}

impl Device {
    fn new(serial: &'static str, seed: Vec<u8>) -> Self {
        Self { serial, seed, hash: Hash::Sha1, period: 30, digits: 6, drift: 0 }
    }

    /// The code it shows some steps from now.
    fn later(&self, steps: u64) -> Given {
        let step = (NOW.unix_secs() + self.drift).cast_unsigned() / self.period + steps;
        let code = hotp(&self.seed, step, self.hash, self.digits).unwrap();
        Given::new(self.serial, &code, 1, None).unwrap()
    }

    fn now(&self) -> Given {
        self.later(0)
    }
}

fn base32(text: &str) -> Vec<u8> {
    data_encoding::BASE32.decode(text.as_bytes()).unwrap()
}

fn devices() -> [Device; 3] {
    [("1", 0), ("2", 1), ("3", 2)].map(|(serial, n)| Device::new(serial, base32(SEEDS[n])))
}

fn file() -> Table {
    let row = |(n, seed): (usize, &&str)| format!("a{n}@example.test,{},{seed},30,M,C\n", n + 1);
    checked(&format!("{MS}{}", SEEDS.iter().enumerate().map(row).collect::<String>()))
}

fn fit(proof: &Proof, n: usize) -> Fit {
    match &proof.tokens[n].result {
        TokenResult::Fits(fit) => *fit,
        other => panic!("{other:?}"),
    }
}

fn otherwise(spelling: Spelling, hash: Hash, period_secs: u32) -> Explanation {
    Explanation::Otherwise(Reading { spelling, hash, period_secs })
}

/// Reading, its flags, tokens, whether pinned.
fn verdict(proof: &Proof) -> (Explanation, oathctl_files::proof::Statement, u32, bool) {
    match proof.verdict.clone() {
        FileVerdict::Pinned { reading, statement, tokens, chance } => {
            assert!(chance <= 0.001);
            (reading, statement, tokens, true)
        }
        FileVerdict::Likely { reading, statement, tokens, .. } => (reading, statement, tokens, false),
        other => panic!("{other:?}"),
    }
}

#[test]
fn h11_one_token_makes_a_reading_likely_and_two_pin_it() {
    let [one, two, _] = devices();
    let proof = explain(&file(), &[one.now()], NOW);
    let (reading, statement, tokens, pinned) = verdict(&proof);
    assert_eq!((reading, statement, tokens, pinned), (Explanation::AsDeclared, Default::default(), 1, false));
    let found = fit(&proof, 0);
    assert!(found.proven && found.chance <= 5.1e-6, "{found:?}");
    assert_eq!(found.position, Position::Drift { secs: 0 });

    let proof = explain(&file(), &[one.now(), two.now()], NOW);
    assert_eq!(verdict(&proof).2, 2);
    assert!(verdict(&proof).3);
}

#[test]
fn h11_two_codes_of_one_token_prove_it_and_pin_nothing() {
    let [one, ..] = devices();
    let slow = Device { drift: -300, ..one };
    let single = explain(&file(), &[slow.now()], NOW);
    assert!(!fit(&single, 0).proven);
    assert_eq!(fit(&single, 0).position, Position::Drift { secs: -300 });
    let double = explain(&file(), &[slow.now(), slow.later(1)], NOW);
    assert!(fit(&double, 0).proven);
    assert!(!verdict(&double).3);
    // The same code twice is one code; codes in the wrong order are none of this token.
    assert_eq!(explain(&file(), &[slow.now(), slow.now()], NOW).tokens[0].codes, 1);
    assert_eq!(explain(&file(), &[slow.later(1), slow.now()], NOW).verdict, FileVerdict::Nothing);
}

#[test]
fn a_hash_the_file_leaves_open_is_found_and_stated_by_a_flag() {
    let rows: String = (1..=2).map(|n| format!("{n},{},30\n", "5a".repeat(31) + &format!("0{n}"))).collect();
    let table = checked(&format!("serial,secret (hex),interval\n{rows}"));
    assert!(table.is_rejected());
    let device = |serial, last| {
        let seed = [vec![0x5a; 31], vec![last]].concat();
        Device { hash: Hash::Sha256, ..Device::new(serial, seed) }
    };
    let proof = explain(&table, &[device("1", 1).now(), device("2", 2).now()], NOW);
    let (reading, statement, tokens, pinned) = verdict(&proof);
    assert_eq!((reading, tokens, pinned), (otherwise(Spelling::AsRead, Hash::Sha256, 30), 2, true));
    assert_eq!((statement.hash, statement.contradicts), (Some(Hash::Sha256), vec![]));
}

#[test]
fn a_hash_by_definition_gives_way_and_one_in_a_cell_contradicts() {
    let devices = devices().map(|device| Device { hash: Hash::Sha256, ..device });
    let codes = || [devices[0].now(), devices[1].now()];
    let (reading, statement, ..) = verdict(&explain(&file(), &codes(), NOW));
    assert_eq!(reading, otherwise(Spelling::AsRead, Hash::Sha256, 30));
    assert_eq!((statement.hash, statement.contradicts), (Some(Hash::Sha256), vec![]));

    let stated = format!("serial,seed,period,hash\n1,{},30,sha1\n2,{},30,sha1\n", SEEDS[0], SEEDS[1]);
    let (_, statement, ..) = verdict(&explain(&checked(&stated), &codes(), NOW));
    assert_eq!((statement.hash, statement.contradicts), (None, vec![Field::Hash]));
}

#[test]
fn h13_text_that_fits_both_ways_is_settled_by_devices() {
    // Digits 2 to 7 and letters a to f only: hex and Base32 alike.
    let texts = ["a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5", "f7e6d5c4b3a2f7e6d5c4b3a2f7e6d5c4"];
    let file = format!("serial,secret,interval\n1,{},30\n2,{},30\n", texts[0], texts[1]);
    let undecided = checked(&file);
    assert!(undecided.faults().iter().any(|f| f.reason.word() == "seed_encoding_undecidable"));
    let hex = ReadOptions { secret_encoding: Some(SeedEncoding::Hex), ..ReadOptions::default() };
    let table = checked_with(&file, &hex);
    let codes = |of: &dyn Fn(&str) -> Vec<u8>| {
        ["1", "2"].map(|s| Device::new(s, of(texts[usize::from(s == "2")])).now())
    };

    let as_base32 = codes(&|text| base32(&text.to_uppercase()));
    let (reading, statement, _, pinned) = verdict(&explain(&table, &as_base32, NOW));
    assert_eq!((reading, pinned), (otherwise(Spelling::As(SeedEncoding::Base32), Hash::Sha1, 30), true));
    assert_eq!(statement.secret_encoding, Some(SeedEncoding::Base32));

    let as_hex = codes(&|text| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap());
    assert_eq!(verdict(&explain(&table, &as_hex, NOW)).0, Explanation::AsDeclared);
}

#[test]
fn a_seed_encoded_twice_is_found_and_no_flag_states_it() {
    let outer = |n: usize| data_encoding::BASE32.encode(HEX[n].as_bytes());
    let table = checked(&format!("{MS},1,{},30,M,C\n,2,{},30,M,C\n", outer(0), outer(1)));
    let [one, two, _] = devices();
    let (reading, statement, ..) = verdict(&explain(&table, &[one.now(), two.now()], NOW));
    assert!(
        matches!(reading, Explanation::Otherwise(r) if r.spelling == Spelling::Within(SeedEncoding::Hex)),
        "{reading:?}"
    );
    assert!(statement.contradicts.contains(&Field::Seed));
}

#[test]
fn period_and_digits_are_found_too() {
    let devices = devices().map(|device| Device { period: 60, digits: 8, ..device });
    let (reading, statement, _, pinned) =
        verdict(&explain(&file(), &[devices[0].now(), devices[1].now()], NOW));
    assert_eq!((reading, pinned), (otherwise(Spelling::AsRead, Hash::Sha1, 60), true));
    assert_eq!((statement.digits, statement.period_secs), (Some(8), None));
    assert_eq!(statement.contradicts, [Field::Period]);
}

#[test]
fn a_clock_hours_off_is_found_with_its_chance_and_as_nothing_proven() {
    let hours = 5 * 3600 + 30;
    let [one, two, three] = devices().map(|device| Device { drift: hours, ..device });
    let proof = explain(&file(), &[one.now(), two.now(), three.now()], NOW);
    assert_eq!((verdict(&proof).0, verdict(&proof).3), (Explanation::AsDeclared, true));
    for n in 0..3 {
        let found = fit(&proof, n);
        assert_eq!((found.position, found.proven), (Position::Drift { secs: hours }, false));
        assert!((0.005..0.006).contains(&found.chance), "{found:?}");
    }
}

#[test]
fn nothing_fits_and_what_could_not_be_tried() {
    let stranger = |serial| Device::new(serial, vec![9; 20]).now();
    let proof =
        explain(&file(), &[Given::new("1", "000000", 1, None).unwrap()], Utc::from_unix_secs(1_000_000));
    assert_eq!((proof.verdict, &proof.tokens[0].result), (FileVerdict::Nothing, &TokenResult::Nothing));
    let table = checked(&format!("{MS},1,,30,M,C\n,2,{},30,M,C\n,2,{},30,M,C\n", SEEDS[0], SEEDS[1]));
    let proof = explain(&table, &[stranger("1"), stranger("2"), stranger("77")], NOW);
    let results: Vec<_> = proof.tokens.iter().map(|token| token.result.clone()).collect();
    assert_eq!(results, [TokenResult::NoSeed, TokenResult::SeveralRows, TokenResult::NotInFile]);
    assert_eq!(proof.verdict, FileVerdict::NoToken);
}

#[test]
fn a_token_of_another_file_stands_beside_those_that_fit() {
    let [one, two, _] = devices();
    let wrong = Device::new("3", vec![9; 20]).now();
    let proof = explain(&file(), &[one.now(), wrong, two.now()], NOW);
    assert!(verdict(&proof).3);
    assert_eq!(proof.tokens[1].result, TokenResult::Nothing);
}

#[test]
fn the_same_seed_under_two_serials_pins_nothing() {
    let table = checked(&format!("{MS},1,{0},30,M,C\n,2,{0},30,M,C\n", SEEDS[0]));
    let [one, ..] = devices();
    let twin = Device { serial: "2", ..one.clone() };
    assert!(!verdict(&explain(&table, &[one.now(), twin.now()], NOW)).3);
}

#[test]
fn two_readings_that_explain_as_much_ask_for_more() {
    let [one, two, _] = devices();
    let other = Device { hash: Hash::Sha256, ..two };
    let proof = explain(&file(), &[one.now(), other.now()], NOW);
    let FileVerdict::Several(readings) = proof.verdict else { panic!("{:?}", proof.verdict) };
    assert_eq!(readings, [Explanation::AsDeclared, otherwise(Spelling::AsRead, Hash::Sha256, 30)]);
}

#[test]
fn an_event_token_is_looked_for_ahead_of_its_counter() {
    let table = checked(&format!("1,{},hotp,6,100,sha1\n2,{},hotp,6,,sha1\n", HEX[0], HEX[1]));
    let press = |n: usize, counter| {
        let code = hotp(&base32(SEEDS[n]), counter, Hash::Sha1, 6).unwrap();
        Given::new(["1", "2"][n], &code, 1, None).unwrap()
    };
    let proof = explain(&table, &[press(0, 117), press(1, 3)], NOW);
    assert_eq!(fit(&proof, 0).position, Position::Counter { value: 117, ahead: 17 });
    assert_eq!(fit(&proof, 1).position, Position::Counter { value: 3, ahead: 3 });
    assert!(fit(&proof, 1).proven && !fit(&proof, 0).proven);
    assert!(verdict(&proof).3);
    // Behind the counter is no future of this token.
    assert_eq!(explain(&table, &[press(0, 99)], NOW).verdict, FileVerdict::Nothing);
}

#[test]
fn h24_nothing_of_a_code_or_a_seed_is_in_what_is_told() {
    let [one, two, _] = devices();
    let codes = [one.now(), two.now()];
    let told = format!("{:?} {:?}", explain(&file(), &codes, NOW), codes);
    let shown = [one, two].map(|device| {
        hotp(&device.seed, NOW.unix_secs().cast_unsigned() / 30, Hash::Sha1, 6).unwrap().to_string()
    });
    assert!(shown.iter().all(|code| !told.contains(code)), "{told}");
    assert!(!told.to_uppercase().contains(SEEDS[0]) && !told.contains(HEX[0]));
}
