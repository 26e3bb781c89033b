//! H24: nothing that is secret shows in what a command prints, writes or keeps.
//!
//! Owns: canaries for the seeds, the client secret, passphrases, keys and the codes, searched in every spelling a leak
//! could have. Does not own: the process's own memory.

use std::path::Path;

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

/// Every spelling of every eight bytes of a secret.
fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for part in secret.windows(8) {
        let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
        let list: Vec<String> = part.iter().map(u8::to_string).collect();
        let escaped: String = part.iter().map(|byte| format!("\\u{byte:04x}")).collect();
        let percent: String = part.iter().map(|byte| format!("%{byte:02X}")).collect();
        all.push(part.to_vec());
        all.push(part.iter().flat_map(|byte| [*byte, 0]).collect());
        for text in [hex.clone(), hex.to_uppercase(), list.join(","), list.join(", "), escaped, percent] {
            all.push(text.into_bytes());
        }
        all.push(base64(part).trim_end_matches('=').as_bytes()[..10].to_vec());
    }
    all
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in bytes.chunks(3) {
        let n = part.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for k in 0..=part.len() {
            out.push(char::from(ALPHABET[(n >> (18 - 6 * k) & 63) as usize]));
        }
    }
    out
}

fn searched(found: &mut Vec<String>, name: &str, content: &[u8], canaries: &[(String, Vec<Vec<u8>>)]) {
    for (what, spellings) in canaries {
        if spellings
            .iter()
            .any(|one| content.windows(one.len()).any(|window| window.eq_ignore_ascii_case(one)))
        {
            found.push(format!("{what} in {name}"));
        }
    }
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
    let mut canaries: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for n in 0..3 {
        let base32 = seed(n);
        let mut all = spellings(&bytes(&base32));
        all.extend(base32.as_bytes().windows(13).map(<[u8]>::to_vec));
        canaries.push((format!("seed {n}"), all));
    }
    canaries.push(("the damaged seed".into(), vec![b"ABCDEFGHIJKLM".to_vec(), b"RSTUVWXYZ2345".to_vec()]));
    let secret = tenant.ready.client_secret.as_bytes();
    canaries.push(("the client secret".into(), vec![secret[secret.len() - 16..].to_vec()]));
    canaries.push((
        "an access token".into(),
        vec![b"Bearer ".to_vec(), b"eyJ0eXA".to_vec(), b"eyJhbGc".to_vec()],
    ));

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
        searched(&mut found, line, ran.out.as_bytes(), &canaries);
        searched(&mut found, line, ran.err.as_bytes(), &canaries);
    }
    assert_eq!(tenant.active(), 2);
    walk(tenant.folder.path(), &mut |name, content| searched(&mut found, name, content, &canaries));
    assert_eq!(found, Vec::<String>::new());
    // The search itself finds: the vendor's file has them all.
    let mut there = Vec::new();
    searched(&mut there, "tokens.csv", text.as_bytes(), &canaries[..4]);
    assert_eq!(there.len(), 4);
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
    let mut canaries: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    for (name, secret) in [
        ("the new passphrase", new.as_bytes()),
        ("the wrong passphrase", wrong.as_bytes()),
        ("the key", &key),
    ] {
        let mut all = spellings(secret);
        all.extend(hex(secret).as_bytes().windows(16).map(<[u8]>::to_vec));
        canaries.push((name.into(), all));
    }
    for n in 0..2 {
        let mut all = spellings(&bytes(&seed(n)));
        all.extend(seed(n).as_bytes().windows(13).map(<[u8]>::to_vec));
        canaries.push((format!("seed {n}"), all));
    }
    canaries.push(("a code".into(), codes.iter().map(|code| code.as_bytes().to_vec()).collect()));

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
        searched(&mut found, line, ran.out.as_bytes(), &canaries);
        searched(&mut found, line, ran.err.as_bytes(), &canaries);
        exits.push(ran.code);
    }
    assert_eq!(exits, [0, 2, 6, 6, 6, 6, 6, 6, 6, 2, 2, 0, 0, 0]);
    let named =
        |name: &str| ["new.txt", "wrong.txt", "psk.hex", "codes.txt"].iter().any(|own| name.ends_with(own));
    walk(tenant.folder.path(), &mut |name, content| {
        if !named(name) {
            searched(&mut found, name, content, &canaries);
        }
    });
    assert_eq!(found, Vec::<String>::new());
    // The search itself finds.
    let mut there = Vec::new();
    for name in ["new.txt", "wrong.txt", "psk.hex", "codes.txt"] {
        searched(&mut there, name, tenant.read(name).as_bytes(), &canaries);
    }
    assert_eq!(there.len(), 4, "{there:?}");
}
