//! H24: nothing that is secret shows in what a command prints, writes or keeps.
//!
//! Owns: canaries for the seeds, the client secret, passphrases, keys and the codes, searched in every spelling a leak
//! could have. Does not own: the process's own memory.

use std::path::Path;

use crate::search::Search;
use crate::tenant::{Tenant, csv, seed};

/// Base32 to bytes, without help from the code under test.
fn bytes(base32: &str) -> Vec<u8> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0u32, 0);
    for c in base32.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            _ => c - b'2' + 26,
        };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    out
}

fn named(name: &str, secret: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), secret.to_vec())
}

fn searched(found: &mut Vec<String>, name: &str, content: &[u8], search: &Search) {
    found.extend(search.find(content).into_iter().map(|what| format!("{what} in {name}")));
}

fn walk(folder: &Path, visit: &mut impl FnMut(&str, &[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, visit);
        } else if !path.ends_with("tokens.csv") {
            visit(path.to_str().unwrap(), &std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn h24_no_secret_shows_anywhere() {
    let tenant = Tenant::new();
    let people: Vec<String> = [1, 2, 13].into_iter().map(|n| tenant.upn(n)).collect();
    // One seed is damaged in its middle: a fault's message must not quote what is left of it.
    let text = csv(&people) + "x@practice.example,S00009,ABCDEFGHIJKLMNOP1RSTUVWXYZ234567,30,Vendor,T-1\n";
    tenant.write("tokens.csv", &text);
    let mut canaries: Vec<_> = (0..3).map(|n| named(&format!("seed {n}"), &bytes(&seed(n)))).collect();
    // What stands before and behind the damage.
    canaries.push(named("the damaged seed", &bytes("ABCDEFGHIJKLMNOP")));
    canaries.push(named("the damaged seed", &bytes("RSTUVWXYZ234567")));
    let secret = tenant.ready.client_secret.as_bytes();
    canaries.push(named("the client secret", &secret[secret.len() - 16..]));
    let search = Search::new(&canaries, []);
    let access_token = |content: &[u8]| {
        let marks: [&[u8]; 3] = [b"Bearer ", b"eyJ0eXA", b"eyJhbGc"];
        marks.iter().any(|mark| content.windows(mark.len()).any(|it| it == *mark))
    };

    let mut found = Vec::new();
    let lines = [
        "oathctl check tokens.csv --rows --output json",
        "oathctl plan tokens.csv --out plan.json -vv",
        "oathctl activate tokens.csv --yes -vv --log-file log.txt --report run.json --failed failed.csv",
        "oathctl activate tokens.csv --yes --output ndjson",
        "oathctl runs show 2026 --output json",
        "oathctl activate tokens.csv --yes --hash nonsense",
    ];
    for line in lines {
        let ran = tenant.run(line);
        searched(&mut found, line, ran.out.as_bytes(), &search);
        searched(&mut found, line, ran.err.as_bytes(), &search);
        assert!(!access_token(ran.out.as_bytes()) && !access_token(ran.err.as_bytes()), "{line}");
    }
    assert_eq!(tenant.active(), 2);
    walk(tenant.folder.path(), &mut |name, content| {
        searched(&mut found, name, content, &search);
        assert!(!access_token(content), "{name}");
    });
    assert_eq!(found, Vec::<String>::new());
    // The search itself finds: the vendor's file has them all.
    let there = search.find(text.as_bytes());
    assert_eq!(there.len(), 4, "{there:?}");
}

/// Bytes as hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn h24_passphrases_keys_and_codes_show_nowhere() {
    let tenant = Tenant::new();
    let people: Vec<String> = [1, 2].into_iter().map(|n| tenant.upn(n)).collect();
    tenant.write("tokens.csv", &csv(&people));
    let (new, wrong, key) = (
        "zebra-Quartz-0815-lamp",
        "Xylophone+wrong+4711+key",
        [0x9d, 0x3c, 0xe1, 0x58, 0x27, 0xb4, 0x6a, 0xf0, 0x13, 0x8e, 0xc5, 0x72, 0xab, 0x49, 0xd6, 0x04],
    );
    tenant.write("new.txt", new);
    tenant.write("wrong.txt", wrong);
    tenant.write("psk.hex", &hex(&key));
    // Eight digits, so that no other number of the output is one of them.
    let codes = ["39517284", "84062957"];
    tenant.write("codes.txt", &format!("S00000 {}\nS00001 {}\nS00009 7{}\n", codes[0], codes[1], codes[0]));
    let mut canaries = vec![
        named("the new passphrase", new.as_bytes()),
        named("the wrong passphrase", wrong.as_bytes()),
        named("the key", &key),
    ];
    canaries.extend((0..2).map(|n| named(&format!("seed {n}"), &bytes(&seed(n)))));
    let search = Search::new(&canaries, codes.map(str::to_owned));

    let mut found = Vec::new();
    let mut exits = Vec::new();
    for line in [
        "convert tokens.csv locked.xml --out-passphrase-file new.txt -vv --log-file log.txt",
        "convert tokens.csv second.xml --key-file psk.hex",
        "check locked.xml -vv --log-file log.txt",
        "check locked.xml --passphrase-file wrong.txt --key-file psk.hex --rows --output json",
        "check locked.xml --passphrase-file new.txt --codes codes.txt --rows -vv --log-file log.txt",
        "check tokens.csv --codes codes.txt --rows --output json",
        "check tokens.csv --passphrase-file codes.txt --codes wrong.txt",
        "check tokens.csv --codes - --passphrase-file new.txt",
        "convert new.txt out.csv --plaintext --key-file wrong.txt",
        "convert tokens.csv out.csv --recipient wrong.txt",
        "convert tokens.csv out.csv --recipient psk.hex",
        "plan locked.xml --out plan.json --passphrase-file new.txt --key-file psk.hex",
        "activate locked.xml --yes --passphrase-file wrong.txt --passphrase-file new.txt --report run.json -vv --log-file log.txt",
        "runs show 2026 --output json",
    ] {
        let ran = tenant.run_with(
            &format!("oathctl {line}"),
            |setting| setting.stdin = "S00000 39517284\n".into(),
            |_| {},
        );
        searched(&mut found, line, ran.out.as_bytes(), &search);
        searched(&mut found, line, ran.err.as_bytes(), &search);
        exits.push(ran.code);
    }
    assert_eq!(exits, [0, 2, 6, 6, 6, 6, 6, 6, 6, 2, 2, 0, 0, 0]);
    let is_theirs =
        |name: &str| ["new.txt", "wrong.txt", "psk.hex", "codes.txt"].iter().any(|own| name.ends_with(own));
    walk(tenant.folder.path(), &mut |name, content| {
        if !is_theirs(name) {
            searched(&mut found, name, content, &search);
        }
    });
    assert_eq!(found, Vec::<String>::new());
    // The search itself finds.
    for name in ["new.txt", "wrong.txt", "psk.hex", "codes.txt"] {
        assert!(!search.find(tenant.read(name).as_bytes()).is_empty(), "{name}");
    }
}
