//! The vault as its user meets it.

use std::path::Path;

use tempfile::TempDir;

use crate::files::{self, folder_of, private};
use crate::tenant::Ran;
use crate::transcript;

pub const SEEDS: [&str; 2] = ["ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z", "436KRXINZ23OLBSUSGOI4JWTW63RIOB4"];
const WORDS: &str = "six words nobody would put together";

pub fn folder() -> TempDir {
    let rows: Vec<String> = SEEDS
        .iter()
        .enumerate()
        .map(|(n, seed)| format!(",12000000000{n}1,{seed},30,Examplar,XT-1\n"))
        .collect();
    let header = "upn,serial number,secret key,time interval,manufacturer,model\n";
    let tokens = format!("{header}{}", rows.concat());
    folder_of(&[("tokens.csv", &tokens), ("words.txt", &format!("{WORDS}\n"))])
}

pub fn run(folder: &TempDir, line: &str) -> Ran {
    files::run(folder, &format!("oathctl {line} --state-dir state"))
}

pub fn made(folder: &TempDir) {
    let ran = run(folder, "vault init --new-passphrase-file words.txt --new-key-file desk.key");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_vault_from_its_making_to_its_forgetting() {
    let folder = folder();
    let steps = [
        "vault init --new-passphrase-file words.txt --new-key-file desk.key",
        "vault import tokens.csv --vault-passphrase-file words.txt",
        "vault import tokens.csv --vault-key-file desk.key",
        "vault list",
        "vault verify --vault-key-file desk.key",
        "vault forget 1200000000001 --vault-key-file desk.key --yes",
        "vault list",
        "vault rekey --vault-key-file desk.key --yes",
        "vault verify --vault-passphrase-file words.txt",
    ];
    let ran: Vec<Ran> = steps.iter().map(|line| run(&folder, line)).collect();
    for ran in &ran {
        assert_eq!(ran.code, 0, "{:?}: {}", ran.args, ran.err);
    }
    let shown: Vec<Ran> = ran.into_iter().map(without_ids).collect();
    transcript::holds("vault", &shown.iter().collect::<Vec<_>>());
}

/// Unlockers have random ids.
fn without_ids(mut ran: Ran) -> Ran {
    let is_id = |word: &str| word.len() == 16 && word.bytes().all(|b| b.is_ascii_hexdigit());
    for text in [&mut ran.err, &mut ran.out] {
        let words: Vec<String> =
            text.split(' ').map(|w| if is_id(w) { "ID".into() } else { w.to_owned() }).collect();
        *text = words.join(" ");
    }
    ran
}

#[test]
fn what_does_not_open_it_says_so() {
    let folder = folder();
    let nothing = run(&folder, "vault list");
    assert_eq!((nothing.code, nothing.err.contains("has no vault")), (2, true), "{}", nothing.err);
    made(&folder);
    private(&folder, "wrong.txt", "seven words nobody would put together\n");
    private(&folder, "rubbish.key", "rubbish\n");
    for (flags, code, word) in [
        ("--vault-passphrase-file wrong.txt", 4, "passphrase or key is wrong"),
        ("--vault-key-file rubbish.key", 2, "OATHCTL-VAULT-KEY-1"),
        ("--vault-identity rubbish.key", 2, "Nothing of this kind"),
        ("--vault-key-file nowhere.key", 2, "no such file"),
        ("", 2, "--vault-passphrase-file"),
    ] {
        let ran = run(&folder, &format!("vault verify {flags}"));
        assert_eq!(ran.code, code, "{flags}: {}", ran.err);
        assert!(ran.err.contains(word), "{flags}: {}", ran.err);
        assert!(!ran.err.contains("words nobody"), "{}", ran.err);
    }
}

#[test]
fn making_one_is_careful() {
    let folder = folder();
    private(&folder, "short.txt", "short\n");
    let short = run(&folder, "vault init --new-passphrase-file short.txt");
    assert_eq!((short.code, short.err.contains("12 characters")), (2, true), "{}", short.err);
    let nobody = run(&folder, "vault init");
    assert_eq!(nobody.code, 2, "{}", nobody.err);
    let wrong = run(&folder, "vault init --new-passphrase-file words.txt --recovery age1nonsense");
    assert_eq!((wrong.code, wrong.err.contains("age recipient")), (2, true), "{}", wrong.err);
    let over = run(&folder, "vault init --new-passphrase-file words.txt --new-key-file words.txt");
    assert_eq!(over.code, 2, "{}", over.err);
    assert!(!folder.path().join("state/oathctl.vault-keys").exists());
    made(&folder);
    let twice = run(&folder, "vault init --new-passphrase-file words.txt");
    assert_eq!((twice.code, twice.err.contains("already")), (2, true), "{}", twice.err);
    let last = run(&folder, "vault unlocker remove passphrase --vault-key-file desk.key --yes");
    assert_eq!(last.code, 0, "{}", last.err);
    let last = run(&folder, "vault unlocker remove desk --vault-key-file desk.key --yes");
    assert_eq!(last.code, 2, "{}", last.err);
    let last = run(&folder, "vault unlocker remove key-file --vault-key-file desk.key --yes");
    assert_eq!((last.code, last.err.contains("Nobody could open")), (7, true), "{}", last.err);
}

#[test]
fn an_import_tells_what_contradicts_and_what_is_left_out() {
    let folder = folder();
    made(&folder);
    assert_eq!(run(&folder, "vault import tokens.csv --vault-key-file desk.key").code, 0);
    let text = std::fs::read_to_string(folder.path().join("tokens.csv")).unwrap();
    private(&folder, "other.csv", text.replacen(SEEDS[0], "4WU2JTMXTNK4UZ4STCNOCUSPQ6VLOJBA", 1));
    let ran = run(&folder, "vault import other.csv --vault-key-file desk.key");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("1200000000001: the vault holds another seed"), "{}", ran.err);
    assert!(ran.err.contains("1 were there already, 1 contradict the vault"), "{}", ran.err);
    let damaged = text.replacen("1200000000011", "1,20000E+12", 1).replacen(SEEDS[0], "0189", 1);
    private(&folder, "damaged.csv", &damaged);
    let strict = run(&folder, "vault import damaged.csv --strict --vault-key-file desk.key");
    assert_eq!(strict.code, 6, "{}", strict.err);
}

#[test]
fn h24_no_seed_and_no_passphrase_lies_in_clear() {
    let folder = folder();
    made(&folder);
    let ran = run(&folder, "vault import tokens.csv --vault-passphrase-file words.txt -v --log-file log.txt");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let raw = data_encoding::BASE32.decode(SEEDS[0].as_bytes()).unwrap();
    let hex = data_encoding::HEXLOWER.encode(&raw);
    let base64 = data_encoding::BASE64.encode(&raw);
    let marks: [&[u8]; 6] =
        [SEEDS[0].as_bytes(), &raw, hex.as_bytes(), base64.as_bytes(), WORDS.as_bytes(), &raw[..8]];
    let mut files = Vec::new();
    gather(&folder.path().join("state"), &mut files);
    files.push(("output".into(), [ran.out, ran.err].concat().into_bytes()));
    files.push(("log".into(), std::fs::read(folder.path().join("log.txt")).unwrap_or_default()));
    assert!(files.iter().any(|(name, _)| name.ends_with("vault-keys")));
    for (name, bytes) in files {
        for (n, mark) in marks.iter().enumerate() {
            assert!(!bytes.windows(mark.len()).any(|part| part == *mark), "mark {n} lies in {name}");
        }
    }
}

fn gather(folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else {
            files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}
