//! Seeds out of the vault into an encrypted file.

use crate::files::private as write;
use crate::schema;
use crate::tenant::Tenant;
use crate::transcript;
use crate::vault::{SEEDS, folder, made, run};

fn kept() -> tempfile::TempDir {
    let folder = folder();
    made(&folder);
    assert_eq!(run(&folder, "vault import tokens.csv --vault-key-file desk.key").code, 0);
    write(&folder, "new.txt", "a passphrase for the new file\n");
    folder
}

#[test]
fn an_export_is_encrypted_and_reads_back() {
    let folder = kept();
    write(&folder, "these.csv", "serial\n1200000000011\n");
    let export = "--out-passphrase-file new.txt --vault-key-file desk.key";
    let for_age = "--recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p --vault-key-file desk.key";
    let shown = [
        run(&folder, &format!("vault export all.xml {export}")),
        run(&folder, &format!("vault export one.csv.age --to ms-csv {for_age} 1200000000001")),
        run(&folder, &format!("vault export these.json.age --to graph-json {for_age} --only these.csv")),
        run(&folder, "vault import all.xml --passphrase-file new.txt --vault-key-file desk.key"),
        run(&folder, &format!("vault export all.xml {export}")),
        run(&folder, "vault export plain.xml --vault-key-file desk.key"),
        run(&folder, &format!("vault export none.xml {export} 999")),
        run(&folder, &format!("vault export - --to pskc {export}")),
    ];
    let codes: Vec<u8> = shown.iter().map(|ran| ran.code).collect();
    assert_eq!(codes, [0, 0, 0, 0, 2, 2, 2, 2], "{}", shown[0].err);
    assert!(shown[3].err.contains("2 were there already"), "every seed reads back: {}", shown[3].err);
    for name in ["all.xml", "one.csv.age", "these.json.age"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        for seed in SEEDS {
            let raw = data_encoding::BASE32.decode(seed.as_bytes()).unwrap();
            for mark in [seed.as_bytes(), &raw] {
                assert!(!bytes.windows(mark.len()).any(|part| part == mark), "a seed lies in {name}");
            }
        }
    }
    transcript::holds("vault_export", &shown.iter().collect::<Vec<_>>());
}

#[test]
fn plaintext_is_no_choice() {
    let folder = kept();
    let ran = run(&folder, "vault export all.csv --plaintext --vault-key-file desk.key");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(!folder.path().join("all.csv").exists());
}

#[test]
fn scripts_are_told_what_went_and_what_did_not() {
    let folder = kept();
    let ran = run(
        &folder,
        "vault export all.xml --out-passphrase-file new.txt --vault-key-file desk.key --output json",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    schema::fits(&Tenant::new(), "vault_export/1", &ran.out);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&found["tokens"], &found["opened"]), (&2.into(), &2.into()), "{}", ran.out);
}
