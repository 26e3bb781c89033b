//! Every wrapping a vendor sends a seed file in opens and gives the same tokens.

use std::io::Write;

use oathctl_core::fault::Severity;
use oathctl_core::reason::Reason;
use oathctl_files::Lock;

use crate::support::{fault, remarks, tokens};
use crate::wrapping_ring::{PASSPHRASE, Ring, holding, none, opened, opens, refusals, with, wrapped, zipped};

#[test]
fn zip_of_every_cipher() {
    for name in ["ms-basic.zip", "ms-basic-zipcrypto.zip", "aes128.zip", "aes192.zip", "infozip.zip"] {
        let table = opens(name, with(&[PASSPHRASE]));
        assert_eq!(
            table.rows().next().unwrap().place(None).member.as_deref(),
            Some("ms-basic.csv"),
            "{name}"
        );
    }
}

#[test]
fn a_zip_passphrase_in_either_encoding() {
    opens("utf8-passphrase.zip", with(&["pässwörd"]));
    opens("latin1-passphrase.zip", with(&["pässwörd"]));
}

#[test]
fn what_lies_beside_a_seed_file_is_told_and_refuses_nothing() {
    let table = opens("several.zip", with(&[PASSPHRASE]));
    let beside = table.faults().iter().filter(|fault| fault.place.member.as_deref() != Some("batch/a.csv"));
    let told: Vec<_> = beside.map(|fault| (fault.place.member.clone().unwrap(), fault.severity)).collect();
    let wanted = [("README.txt", Severity::Note), ("list.pdf", Severity::Note), ("logo.png", Severity::Note)];
    for (name, severity) in wanted {
        assert!(told.contains(&(name.to_owned(), severity)), "{name}: {told:?}");
    }
    let ignored = table.faults().iter().filter(|fault| fault.reason.word() == "member_ignored").count();
    assert_eq!(ignored, 3, "nothing of what they say is repeated: {:?}", table.faults());
    assert!(told.iter().all(|(name, _)| !name.contains("MACOSX") && !name.contains(".DS_Store")), "{told:?}");
}

#[test]
fn an_archive_of_archives_is_asked_for_once_and_tells_the_whole_way() {
    let inner = wrapped("ms-basic.zip");
    let bytes = zipped(&[("a/first.zip", &inner), ("second.zip", &inner)]);
    let mut ring = with(&[PASSPHRASE]);
    let table = opened("outer.zip", bytes, &mut ring);
    let members: Vec<_> = table.rows().map(|row| row.place(None).member.unwrap()).collect();
    assert_eq!(members[0], "a/first.zip/ms-basic.csv");
    assert_eq!(members[2], "second.zip/ms-basic.csv");
    assert_eq!(ring.asked, [(Lock::Zip, 0)]);
}

#[test]
fn seven_zip_with_and_without_an_open_list() {
    for name in ["header.7z", "plain-header.7z"] {
        let table = opens(name, with(&["wrong", PASSPHRASE]));
        let place = table.rows().next().unwrap().place(None);
        assert_eq!(place.member.as_deref(), Some("batch/ms-basic.csv"), "{name}");
    }
    opens("aes-lzma1.7z", with(&[PASSPHRASE]));
    let table = opens("open.7z", none());
    assert!(table.faults().iter().any(|fault| fault.place.member.as_deref() == Some("README.txt")));
}

#[test]
fn pgp_by_passphrase() {
    for name in
        ["ms-basic.csv.gpg", "symmetric.gpg", "symmetric.asc", "uncompressed.gpg", "zlib.gpg", "both.gpg"]
    {
        opens(name, with(&["wrong", PASSPHRASE]));
    }
}

#[test]
fn the_aead_of_gnupg() {
    // Packet type 20 under OCB in several chunks, its session key in a packet of version 5.
    let table = opens("gnupg-aead.gpg", with(&["wrong", PASSPHRASE]));
    assert_eq!(remarks(&table), [] as [&str; 0]);
    let mut bytes = wrapped("gnupg-aead.gpg");
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    assert!(opened("x.gpg", bytes, &mut with(&[PASSPHRASE])).is_rejected());
}

#[test]
fn pgp_for_a_key() {
    opens("ms-basic.csv.asc", holding(&["sample-pgp.sec.asc"]));
    opens("hidden.gpg", holding(&["sample-pgp.sec.asc", "curve.sec.gpg"]));
    let table = opens("both.gpg", holding(&["curve.sec.gpg"]));
    assert_eq!(remarks(&table), [] as [&str; 0]);
}

#[test]
fn a_locked_pgp_key_is_opened_first() {
    let mut ring = Ring {
        passphrases: vec!["wrong".into(), "key passphrase".into()],
        ..holding(&["rsa-locked.sec.asc"])
    };
    let table = opened("rsa.gpg", wrapped("rsa.gpg"), &mut ring);
    assert_eq!(tokens(&table).len(), 2, "{:?}", table.faults());
    assert_eq!(ring.asked, [(Lock::PrivateKey, 0), (Lock::PrivateKey, 1)]);
}

#[test]
fn signatures_are_told_and_not_checked() {
    let cases = [
        ("signed-encrypted.asc", holding(&["curve.sec.gpg"])),
        ("signed-only.asc", none()),
        ("signed-only.gpg", none()),
        ("cleartext-signed.asc", none()),
    ];
    let mut signers = Vec::new();
    for (name, ring) in cases {
        let table = opens(name, ring);
        let told = fault(&table, "signature_unverified");
        assert_eq!(told.severity, Severity::Note);
        let Reason::SignatureUnverified { signer } = &told.reason else { panic!("{told:?}") };
        assert_eq!(signer.len(), 16, "{name}");
        signers.push(signer.clone());
    }
    signers.dedup();
    assert_eq!(signers.len(), 1, "one and the same");
    assert_eq!(tokens(&opens("store.gpg", none())).len(), 2, "neither signed nor encrypted");
}

#[test]
fn mail_around_armour_is_passed_over() {
    let mail = |name: &str| {
        [b"Dear customer,\r\n\r\n".as_slice(), &wrapped(name), b"\r\n-- \r\nExamplar\r\n"].concat()
    };
    let table = opened("mail.txt", mail("symmetric.asc"), &mut with(&[PASSPHRASE]));
    assert_eq!(tokens(&table).len(), 2, "{:?}", table.faults());
    let table = opened("mail.txt", mail("ms-basic.csv.age"), &mut holding(&["sample-age.key"]));
    assert_eq!(tokens(&table).len(), 2, "{:?}", table.faults());
}

#[test]
fn the_users_own_gpg_comes_first() {
    let csv = wrapped("ms-basic.csv");
    let mut ring = Ring { gpg: Some(Ok(csv)), ..Ring::default() };
    let table = opened("ms-basic.csv.asc", wrapped("ms-basic.csv.asc"), &mut ring);
    assert_eq!(tokens(&table).len(), 2);
    let mut ring = Ring { gpg: Some(Err("no card".into())), ..holding(&["sample-pgp.sec.asc"]) };
    let table = opened("ms-basic.csv.asc", wrapped("ms-basic.csv.asc"), &mut ring);
    assert_eq!(refusals(&table), ["gpg_failed"]);
}

#[test]
fn every_compression_in_use() {
    opens("bzip2.gpg", with(&[PASSPHRASE]));
    for name in ["bzip2.7z", "deflate.7z", "ppmd.7z"] {
        opens(name, with(&[PASSPHRASE]));
    }
}

/// A file for the key of OpenSSH in `tests/wrapped/keys`.
fn for_ssh() -> Vec<u8> {
    let public = include_str!("../wrapped/keys/ssh-ed25519.pub");
    let recipient: age::ssh::Recipient = public.parse().unwrap();
    age::encrypt(&recipient, &wrapped("ms-basic.csv")).unwrap()
}

#[test]
fn age_for_a_key_of_openssh() {
    let bytes = for_ssh();
    let count = |ring: &mut Ring| tokens(&opened("x.age", bytes.clone(), ring)).len();
    assert_eq!(count(&mut holding(&["sample-age.key", "ssh-ed25519.key"])), 2);
    let mut locked = holding(&["ssh-ed25519-locked.key"]);
    locked.passphrases = vec!["wrong".into(), PASSPHRASE.into()];
    assert_eq!(count(&mut locked), 2);
    assert_eq!(locked.asked, [(Lock::PrivateKey, 0), (Lock::PrivateKey, 1)]);
    let refused = |names: &[&str]| refusals(&opened("x.age", bytes.clone(), &mut holding(names)));
    assert_eq!(refused(&["ssh-ed25519-locked.key"]), ["passphrase_needed"]);
    assert_eq!(refused(&["sample-age.key"]), ["key_wrong"]);
    // Nobody is asked for a key that can't be meant.
    let mut ring = holding(&["ssh-ed25519-locked.key"]);
    let table = opened("x.age", wrapped("ms-basic.csv.age"), &mut ring);
    assert_eq!((refusals(&table), ring.asked), (vec!["key_wrong"], vec![]));
}

#[test]
fn age_for_an_identity() {
    opens("ms-basic.csv.age", holding(&["curve.sec.gpg", "sample-age.key"]));
}

#[test]
fn age_by_passphrase_binary_and_armoured() {
    let locked = |work: u8, format| {
        let mut recipient =
            age::scrypt::Recipient::new(age::secrecy::SecretString::from(PASSPHRASE.to_owned()));
        recipient.set_work_factor(work);
        let recipients = [&recipient as &dyn age::Recipient];
        let encryptor = age::Encryptor::with_recipients(recipients.into_iter()).unwrap();
        let armour = age::armor::ArmoredWriter::wrap_output(Vec::new(), format).unwrap();
        let mut writer = encryptor.wrap_output(armour).unwrap();
        writer.write_all(&wrapped("ms-basic.csv")).unwrap();
        writer.finish().unwrap().finish().unwrap()
    };
    for format in [age::armor::Format::Binary, age::armor::Format::AsciiArmor] {
        let bytes = locked(4, format);
        let table = opened("x.age", bytes.clone(), &mut with(&["wrong", PASSPHRASE]));
        assert_eq!(tokens(&table).len(), 2, "{:?}", table.faults());
        assert_eq!(refusals(&opened("x.age", bytes.clone(), &mut none())), ["passphrase_needed"]);
        assert_eq!(refusals(&opened("x.age", bytes, &mut with(&["wrong"]))), ["passphrase_wrong"]);
    }
    // The work factor stands in the header as a number: one that would take hours is refused.
    let text = String::from_utf8_lossy(&locked(4, age::armor::Format::Binary)).into_owned();
    assert!(text.lines().nth(1).unwrap().ends_with(" 4"));
    let bytes = locked(4, age::armor::Format::Binary);
    let at = bytes.windows(3).position(|three| three == b" 4\n").unwrap();
    let heavy = [&bytes[..at], b" 40", &bytes[at + 2..]].concat();
    assert_eq!(refusals(&opened("x.age", heavy, &mut with(&[PASSPHRASE]))), ["wrapping_unsupported"]);
}

#[test]
fn a_key_file_that_is_none_is_told_even_where_another_opens() {
    let table = opens("ms-basic.csv.age", holding(&["curve.pub.asc", "sample-age.key"]));
    assert_eq!(fault(&table, "key_unusable").severity, Severity::Warning);
}

#[test]
fn letters_beside_a_seed_file_refuse_nothing() {
    let letters: [&[u8]; 6] = [
        b"Your tokens.\n",
        b"Dear customer,\n\nplease find enclosed: 20 tokens, model XT-1, in one box; thank you, yours, Examplar\n",
        b"Order,Amount,Price\n1,20,14.90\n2,5,15.90\n",
        b"serial number\n1200000000011\n",
        b"\xef\xbb\xbf",
        b"<html><body>Thank you</body></html>",
    ];
    for letter in letters {
        let bytes = zipped(&[("tokens.csv", &wrapped("ms-basic.csv")), ("letter.txt", letter)]);
        let table = opened("x.zip", bytes, &mut none());
        assert!(!table.is_rejected(), "{:?}", table.faults());
        assert_eq!(tokens(&table).len(), 2);
        assert!(table.faults().iter().any(|told| told.place.member.as_deref() == Some("letter.txt")));
    }
}

#[test]
fn workbooks_with_a_password() {
    for name in
        ["tokens-enc.xlsx", "agile-sha1.xlsx", "agile-sha256.xlsx", "standard-128.xlsx", "standard-256.xlsx"]
    {
        let mut ring = with(&["wrong", PASSPHRASE]);
        let table = opened(name, wrapped(name), &mut ring);
        assert_eq!(ring.asked, [(Lock::Workbook, 0), (Lock::Workbook, 1)], "{name}");
        let beneath = table.decisions().iter().any(|d| d.what == "wrapping" && d.chosen == "workbook");
        assert!(beneath, "{name}");
        let locked = |word: &&str| word.starts_with("passphrase") || word.starts_with("wrapping");
        assert!(!refusals(&table).iter().any(locked), "{name}: {:?}", table.faults());
    }
}

#[test]
fn an_archive_that_holds_a_workbook_is_an_archive() {
    let bytes = zipped(&[("list/tokens.xlsx", &wrapped("tokens.xlsx")), ("xl/notes.txt", b"x")]);
    let table = opened("outer.zip", bytes, &mut none());
    assert!(table.decisions().iter().any(|d| d.what == "wrapping" && d.chosen == "zip"));
}
