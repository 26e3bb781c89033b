//! `activate --keep`: the seeds into the vault on the way.

use crate::tenant::{Ran, Tenant, csv, seed};

const WITH: &str = "--keep --vault-passphrase-file words.txt";

fn tenant() -> Tenant {
    let tenant = Tenant::new();
    tenant.write("words.txt", "six words nobody would put together\n");
    tenant.write("tokens.csv", &csv(&[tenant.upn(1), tenant.upn(2)]));
    tenant
}

fn made(tenant: &Tenant) {
    let ran = tenant.run("oathctl vault init --new-passphrase-file words.txt");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

fn ends(ran: &Ran, code: u8, words: &str) {
    assert_eq!(ran.code, code, "{}", ran.err);
    assert!(ran.err.contains(words), "`{words}` is missing in: {}", ran.err);
}

#[test]
fn the_seeds_are_kept_and_the_original_is_spoken_of() {
    let tenant = tenant();
    made(&tenant);
    let ran = tenant.run(&format!("oathctl activate tokens.csv --yes {WITH}"));
    ends(&ran, 0, "2 seeds kept and read back");
    let kept = ran.err.find("kept and read back").unwrap();
    let spoken = ran.err.find("The seeds are still in `tokens.csv`").unwrap();
    assert!(kept < spoken, "what to do with the file is said at the end: {}", ran.err);
    assert_eq!(tenant.active(), 2);
    let opened = tenant.run("oathctl vault verify --vault-passphrase-file words.txt");
    ends(&opened, 0, "2 seeds opened");
    // Again: nothing is kept twice.
    let again = tenant.run(&format!("oathctl activate tokens.csv --yes {WITH}"));
    ends(&again, 0, "0 seeds kept and read back, 2 were there already");
}

#[test]
fn a_file_that_contradicts_the_vault_sends_nothing() {
    let tenant = tenant();
    made(&tenant);
    let other = csv(&[tenant.upn(1)]).replace(&seed(0), &seed(77));
    tenant.write("other.csv", &other);
    assert_eq!(tenant.run("oathctl vault import other.csv --vault-passphrase-file words.txt").code, 0);
    let ran = tenant.run(&format!("oathctl activate tokens.csv --yes {WITH}"));
    ends(&ran, 7, "contradicts the vault about 1 token; nothing was sent");
    assert!(ran.err.contains("S00000: the vault holds another seed"), "{}", ran.err);
    assert_eq!(tenant.state(), []);
}

#[test]
fn a_vault_that_does_not_open_sends_nothing() {
    let tenant = tenant();
    ends(&tenant.run(&format!("oathctl activate tokens.csv --yes {WITH}")), 2, "has no vault");
    made(&tenant);
    tenant.write("wrong.txt", "seven words nobody would put together\n");
    let wrong = tenant.run("oathctl activate tokens.csv --yes --keep --vault-passphrase-file wrong.txt");
    ends(&wrong, 4, "passphrase or key is wrong");
    let alone = tenant.run("oathctl activate tokens.csv --yes --vault-passphrase-file words.txt");
    ends(&alone, 2, "`--keep`");
    assert_eq!(tenant.state(), []);
}
