//! H24 over the vault, the inventory, the audit and their copies: nothing that is secret stands in any file that is kept, on
//! either database, nor in anything that was sent to the store's server: what its log, its dumps and its standbys could have.

use std::path::Path;

use super::drawer::{Drawer, TOKENS};
use super::leak::files;
use super::practice::{devices, upn};
use super::relay::Relay;
use super::server::Served;
use crate::search::Search;

const WORDS: &str = "umbrella-Violin-3941-gravel";
const OTHER: &str = "Kettle+harbour+5820+willow";
/// The files that hold secrets by their nature.
const ALLOWED: &[&str] =
    &["tokens.csv", "extra.csv", "words.txt", "other.txt", "desk.key", "secret.txt", "wrong.txt"];

fn everything(drawer: &mut Drawer) -> Vec<(String, Vec<u8>)> {
    drawer.practice.write("words.txt", &format!("{WORDS}\n"));
    drawer.practice.write("other.txt", &format!("{OTHER}\n"));
    drawer.practice.write("wrong.txt", "nobody's words at all\n");
    let extras = drawer.extra_file("extra.csv");
    let serials: Vec<String> = (0..TOKENS).map(|n| drawer.serial(n).to_owned()).collect();
    let say = "-vv --log-file log.txt";
    let lines = [
        (format!("vault unlocker add words --new-passphrase-file words.txt {say}"), 0),
        (format!("vault import extra.csv --batch box-1 --location shelf {say}"), 0),
        (format!("vault verify --vault-passphrase-file words.txt {say}"), 0),
        (format!("vault verify --vault-passphrase-file wrong.txt {say}"), 4),
        (format!("tokens assign {} {} --yes {say}", serials[0], upn(0)), 0),
        (
            format!(
                "tokens replace {} --with {} --in-hand --lost --no-revoke-sessions --yes {say}",
                serials[0], serials[1]
            ),
            0,
        ),
        (format!("tokens found {} {say}", serials[0]), 0),
        (format!("activate --users waiting.csv --yes --report report.json {say}"), 0),
        (format!("tokens list --output json {say}"), 0),
        (format!("tokens show {} --output json {say}", serials[1]), 0),
        (format!("tokens reseed {} --yes --failed failed.csv {say}", serials[1]), 0),
        (format!("vault forget {} --yes {say}", extras[0]), 0),
        (format!("vault unlocker add other --new-passphrase-file other.txt {say}"), 0),
        (format!("vault unlocker remove words --yes {say}"), 0),
        (format!("vault rekey --yes {say}"), 0),
        (format!("store backup copy --together {say}"), 0),
        ("store restore copy --state-dir trial --store sqlite:trial/oathctl.db".to_owned(), 0),
        ("store check --output json".to_owned(), 0),
        ("audit export --format jsonl --out audit.jsonl".to_owned(), 0),
        ("audit list --output json".to_owned(), 0),
    ];
    drawer.practice.write("waiting.csv", &format!("serial,upn\n{},{}\n", serials[2], upn(2)));
    let mut heard = Vec::new();
    for (line, code) in lines {
        let ended = drawer.run(&line);
        assert_eq!(ended.code, Some(code), "{line}: {}", ended.all());
        heard.push((format!("what `{line}` said"), (ended.out + &ended.err).into_bytes()));
        if line.starts_with("tokens") || line.starts_with("activate") {
            drawer.practice.later();
        }
    }
    heard
}

/// Every secret by name, and the codes that were sent to the tenant.
fn search(drawer: &Drawer, tenants: &Relay) -> Search {
    let key = std::fs::read_to_string(drawer.practice.path("desk.key")).unwrap();
    let key = key.lines().nth(1).unwrap();
    let audit = std::fs::read_to_string(drawer.practice.path("state/audit.key")).unwrap();
    let mut secrets = vec![
        ("a passphrase".to_owned(), WORDS.as_bytes().to_vec()),
        ("the other passphrase".to_owned(), OTHER.as_bytes().to_vec()),
        ("the key file".to_owned(), data_encoding::BASE64.decode(key.as_bytes()).unwrap()),
        (
            "the audit key".to_owned(),
            data_encoding::BASE64.decode(audit.lines().nth(1).unwrap().as_bytes()).unwrap(),
        ),
    ];
    let seeds = drawer.devices.iter().map(|device| device.seed.open().to_vec());
    secrets.extend(seeds.enumerate().map(|(n, seed)| (format!("seed {n}"), seed)));
    let extras = devices(9_000 + 1, 3).into_iter().map(|device| device.seed.open().to_vec());
    secrets.extend(extras.enumerate().map(|(n, seed)| (format!("extra seed {n}"), seed)));
    let codes = tenants.codes();
    assert!(codes.len() >= 3, "codes were seen on the wire: {}", codes.len());
    Search::new(&secrets, codes)
}

fn nothing_is_kept(served: Option<Served>) {
    let mut drawer = Drawer::new(91, served);
    let tenants = Relay::to(drawer.practice.ready.authority.strip_prefix("http://").unwrap());
    let env = &mut drawer.practice.env;
    env.insert("AZURE_AUTHORITY_HOST".into(), format!("http://{}", tenants.address));
    env.insert("OATHCTL_GRAPH_URL".into(), format!("http://{}/beta", tenants.address));
    let mut heard = everything(&mut drawer);
    let is_allowed =
        |path: &Path| ALLOWED.iter().any(|name| path.ends_with(name)) || path.ends_with("audit.key");
    for path in files(drawer.practice.folder.path()) {
        if !is_allowed(&path) {
            heard.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    if let Some(served) = &drawer.served {
        heard.push(("what was sent to the store's server".to_owned(), served.relay.sent()));
        assert!(heard.last().unwrap().1.len() > 100_000, "the wire was listened to");
    }
    let search = search(&drawer, &tenants);
    for name in ["tokens.csv", "extra.csv", "words.txt", "other.txt", "desk.key"] {
        let there = search.find(&std::fs::read(drawer.practice.path(name)).unwrap());
        assert!(!there.is_empty(), "the search finds what is in {name}");
    }
    let leaks: Vec<String> = heard
        .iter()
        .flat_map(|(place, bytes)| {
            search.find(bytes).into_iter().map(move |what| format!("{what} in {place}"))
        })
        .collect();
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
    assert!(
        files(&drawer.practice.path("tmp")).is_empty(),
        "nothing stays in the folder for temporary files"
    );
    let places: Vec<&str> = heard.iter().map(|(place, _)| place.as_str()).collect();
    for name in [
        "copy/oathctl.db",
        "copy/oathctl.vault-keys",
        "trial/oathctl.db",
        "log.txt",
        "audit.jsonl",
        "report.json",
    ] {
        assert!(places.iter().any(|place| place.contains(name)), "{name} was searched: {places:#?}");
    }
}

#[test]
fn h24_ring3_nothing_secret_is_kept_on_sqlite() {
    nothing_is_kept(None);
}

#[test]
fn h24_ring3_nothing_secret_is_kept_or_sent_on_postgres() {
    Served::fresh().into_iter().for_each(|served| nothing_is_kept(Some(served)));
}
