//! What is written is read back, and what a target can't hold is told.

use oathctl_core::place::{Field, Source};
use oathctl_core::reason::Reason;
use oathctl_core::table::{RowDraft, Table, TableBuilder};
use oathctl_core::token::{Hash, OtpKind};
use oathctl_files::{
    Input, KeyFile, KeyRing, Locked, NoKeys, NoRandomness, Passphrase, PskcCipher, PskcLock, Random,
    ReadOptions, Sealing, Target, Written, convertible, read, seal, write,
};
use pgp::composed::{Deserializable, SignedSecretKey};
use pgp::ser::Serialize;
use proptest::prelude::*;

use crate::support::{SEEDS, checked_with};

const PGP_KEY: &[u8] = include_bytes!("../../../../fixtures/sample-pgp.sec.asc");

/// What may be given to others of an armoured secret key.
fn public_half(secret: &[u8]) -> Vec<u8> {
    let (key, _) = SignedSecretKey::from_armor_single(secret).unwrap();
    key.to_public_key().to_bytes().unwrap()
}

/// A generator that never gives the same block twice; nothing it encrypts is a secret.
#[derive(Default)]
pub(crate) struct Counting(std::cell::Cell<u64>);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for byte in bytes {
            let next =
                self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.0.set(next);
            *byte = (next >> 56) as u8;
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) serial: String,
    pub(crate) upn: String,
    pub(crate) seed: Vec<u8>,
    pub(crate) hotp: bool,
    pub(crate) hash: Hash,
    pub(crate) digits: u8,
    pub(crate) period: u32,
    pub(crate) counter: u64,
    pub(crate) manufacturer: String,
    pub(crate) model: String,
}

impl Token {
    pub(crate) fn plain(serial: &str, seed: &str) -> Self {
        Self {
            serial: serial.into(),
            upn: String::new(),
            seed: data_encoding::BASE32.decode(seed.as_bytes()).unwrap(),
            hotp: false,
            hash: Hash::Sha1,
            digits: 6,
            period: 30,
            counter: 0,
            manufacturer: "Maker".into(),
            model: "C301".into(),
        }
    }

    fn draft(&self) -> RowDraft<'_> {
        RowDraft {
            serial: &self.serial,
            upn: Some(&self.upn).filter(|upn| !upn.is_empty()).map(String::as_str),
            kind: Some(if self.hotp { OtpKind::Hotp } else { OtpKind::Totp }),
            hash: Some(self.hash),
            digits: Some(self.digits),
            period_secs: (!self.hotp).then_some(self.period),
            counter: self.hotp.then_some(self.counter),
            manufacturer: &self.manufacturer,
            model: &self.model,
            ..RowDraft::default()
        }
    }
}

pub(crate) fn table(tokens: &[Token]) -> Table {
    let mut builder = TableBuilder::default();
    let source = builder.source(Source::default());
    for (n, token) in tokens.iter().enumerate() {
        builder.push(source, RowDraft { line: n as u64 + 1, ..token.draft() }, Some(&token.seed));
    }
    builder.finish()
}

pub(crate) fn lock(passphrase: &str, cipher: PskcCipher) -> PskcLock {
    PskcLock { cipher, iterations: 10, ..PskcLock::new(Passphrase::new(passphrase.into())) }
}

fn written(tokens: &[Token], target: Target) -> Written {
    write(table(tokens).rows(), target, None).unwrap()
}

pub(crate) fn text(written: &Written) -> &str {
    std::str::from_utf8(&written.bytes).unwrap()
}

/// Words of what was left out, with line and serial.
fn left_out(written: &Written) -> Vec<(Reason, Option<u64>, Option<String>)> {
    written.left_out.iter().map(|f| (f.reason.clone(), f.place.line, f.serial.clone())).collect()
}

fn cannot(target: &str, field: &str, shown: &str) -> Reason {
    Reason::TargetCannot { target: target.into(), field: field.into(), shown: shown.into() }
}

#[test]
fn microsoft_s_csv_to_the_letter() {
    let one = Token {
        upn: "o'hara@example.test".into(),
        model: "C,\"1\"".into(),
        ..Token::plain("0012", SEEDS[0])
    };
    let two = Token { period: 60, ..Token::plain("X-2", SEEDS[1]) };
    assert_eq!(
        text(&written(&[one, two], Target::MsCsv)),
        "upn,serial number,secret key,time interval,manufacturer,model\r\n\
         o''hara@example.test,0012,ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z,30,Maker,\"C,\"\"1\"\"\"\r\n\
         ,X-2,436KRXINZ23OLBSUSGOI4JWTW63RIOB4,60,Maker,C301\r\n"
    );
}

#[test]
fn graph_json_to_the_letter() {
    let mut builder = TableBuilder::default();
    let source = builder.source(Source::default());
    let token = Token { hash: Hash::Sha256, model: "a\"b".into(), ..Token::plain("1", SEEDS[0]) };
    let draft = RowDraft { user_id: Some("0b2c"), upn: None, ..token.draft() };
    builder.push(source, draft, Some(&token.seed));
    let written = write(builder.finish().rows(), Target::GraphJson, None).unwrap();
    assert_eq!(
        text(&written),
        "{\"@context\":\"#$delta\",\"value\":[\n\
         {\"@contentId\":\"1\",\"serialNumber\":\"1\",\"manufacturer\":\"Maker\",\"model\":\"a\\\"b\",\
         \"secretKey\":\"ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z\",\"timeIntervalInSeconds\":30,\
         \"hashFunction\":\"hmacsha256\",\"assignTo\":{\"id\":\"0b2c\"}}\n]}\n"
    );
    let empty: serde_json::Value =
        serde_json::from_slice(&write([], Target::GraphJson, None).unwrap().bytes).unwrap();
    assert_eq!(empty["value"], serde_json::json!([]));
}

#[test]
fn key_uris_and_oath_csv_to_the_letter() {
    let totp = Token { hash: Hash::Sha512, digits: 8, period: 60, ..Token::plain("A 1", SEEDS[0]) };
    let hotp = Token { hotp: true, counter: 16_887_061_004_979_670, ..Token::plain("2", SEEDS[0]) };
    let tokens = [totp, Token { manufacturer: String::new(), ..hotp }];
    assert_eq!(
        text(&written(&tokens, Target::Otpauth)),
        "otpauth://totp/Maker:A%201?secret=ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z&issuer=Maker&algorithm=SHA512&digits=8&period=60\n\
         otpauth://hotp/2?secret=ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z&algorithm=SHA1&digits=6&counter=16887061004979670\n"
    );
    assert_eq!(
        text(&written(&tokens, Target::OathCsv)),
        "# serial, seed in hex, type, digits, period or counter, hash\n\
         A 1,ccb624b7cbd69c64624c30c6ad9775a28a8f33d9,totp,8,60,sha512\n\
         2,ccb624b7cbd69c64624c30c6ad9775a28a8f33d9,hotp,6,16887061004979670,sha1\n"
    );
}

#[test]
fn what_a_target_cannot_hold_is_left_out_and_the_others_are_written() {
    let base = || Token::plain("1", SEEDS[0]);
    let tokens = [
        Token { hash: Hash::Sha256, ..base() },
        Token { hotp: true, ..base() },
        Token { digits: 8, ..base() },
        Token { period: 45, ..base() },
        Token { seed: vec![7; 81], ..base() },
        Token { hash: Hash::Sha512, ..base() },
        Token { model: "=cmd".into(), ..base() },
        Token { manufacturer: "a\nb".into(), ..base() },
        Token::plain("9", SEEDS[1]),
    ];
    let ms = written(&tokens, Target::MsCsv);
    let expected = [
        cannot("Microsoft CSV", "hash", "sha256"),
        cannot("Microsoft CSV", "kind", "hotp"),
        cannot("Microsoft CSV", "digits", "8"),
        cannot("Microsoft CSV", "period", "45"),
        Reason::SeedTooLong { bytes: 81 },
        cannot("Microsoft CSV", "hash", "sha512"),
        Reason::UnsafeCell { field: "model".into() },
        cannot("Microsoft CSV", "manufacturer", "a b"),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .zip(1..)
        .map(|(reason, line)| (reason, Some(line), Some("1".to_owned())))
        .collect();
    assert_eq!((ms.tokens, left_out(&ms)), (1, expected));
    assert_eq!(text(&ms).lines().count(), 2);

    let words = |target| {
        left_out(&written(&tokens, target)).iter().filter_map(|(_, line, _)| *line).collect::<Vec<_>>()
    };
    assert_eq!(words(Target::GraphJson), [2, 3, 4, 5, 6, 8]);
    assert_eq!(words(Target::Pskc), [8]);
    assert_eq!(words(Target::Otpauth), [8]);
    assert_eq!(words(Target::OathCsv), [8]);
}

#[test]
fn nothing_is_made_up() {
    let mut builder = TableBuilder::default();
    let source = builder.source(Source::default());
    let draft = RowDraft { serial: "1", period_secs: Some(30), ..RowDraft::default() };
    builder.push(source, draft, Some(&[7; 32]));
    builder.push(source, RowDraft { hash: Some(Hash::Sha1), period_secs: None, ..draft }, Some(&[7; 20]));
    builder.push(source, draft, None);
    builder.push(source, RowDraft { serial: "", ..draft }, Some(&[7; 20]));
    let hotp = RowDraft { kind: Some(OtpKind::Hotp), period_secs: None, ..draft };
    builder.push(source, hotp, Some(&[7; 20]));
    builder.push(
        source,
        RowDraft { kind: Some(OtpKind::Other), hash: Some(Hash::Sha1), ..draft },
        Some(&[7; 20]),
    );
    let written = write(builder.finish().rows(), Target::OathCsv, None).unwrap();
    let reasons: Vec<Reason> = written.left_out.into_iter().map(|f| f.reason).collect();
    let expected = [
        Reason::HashUnstated { seed_bytes: 32, rows: 1 },
        Reason::PeriodUnstated,
        Reason::SeedMissing,
        Reason::SerialMissing,
        cannot("OATH CSV", "kind", "other"),
    ];
    assert_eq!((written.tokens, reasons), (1, expected.to_vec()));
}

#[test]
fn columns_without_a_place_are_told() {
    let token = Token { upn: "a@example.test".into(), ..Token::plain("1", SEEDS[0]) };
    let lost = |target| written(std::slice::from_ref(&token), target).not_carried;
    assert_eq!(lost(Target::MsCsv), []);
    assert_eq!(lost(Target::GraphJson), [Field::Upn]);
    assert_eq!(lost(Target::Pskc), [Field::Upn]);
    assert_eq!(lost(Target::Otpauth), [Field::Upn, Field::Model]);
    assert_eq!(lost(Target::OathCsv), [Field::Upn, Field::Manufacturer, Field::Model]);
    let bare =
        Token { upn: String::new(), manufacturer: String::new(), model: String::new(), ..token.clone() };
    assert_eq!(written(&[bare], Target::OathCsv).not_carried, []);
}

#[test]
fn tokens_entra_cannot_use_are_convertible_and_faulty_rows_are_not() {
    let file = "serial,secret (hex),type,digits,period,hash\n\
        1,ccb624b7cbd69c64624c30c6ad9775a28a8f33d9,hotp,6,,sha1\n\
        2,e6fca8dd0dceb6e58654919c8e26d3b7b714383c,totp,8,60,sha512\n\
        3,nonsense,totp,6,30,sha1\n\
        4,e5a9a4cd979b55ca6792989ae1524f87aab72420,totp,6,30,md5\n\
        5,f5a9a4cd979b55ca6792989ae1524f87aab72421,totp,6,30,sha1\n\
        5,f5a9a4cd979b55ca6792989ae1524f87aab72421,totp,6,30,sha1\n";
    let table = checked_with(file, &ReadOptions::default());
    let written = write(convertible(&table), Target::OathCsv, None).unwrap();
    let serials: Vec<&str> =
        text(&written).lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(serials, ["1", "2", "5"], "{:?}", table.faults());
}

#[test]
fn a_lock_is_only_for_pskc() {
    let (lock, random) = (lock("p", PskcCipher::Aes256), Counting::default());
    assert!(write([], Target::MsCsv, Some((&lock, &random))).is_err());
}

#[test]
fn locked_pskc_has_no_seed_in_it_and_two_files_nothing_in_common() {
    let tokens = [Token::plain("1", SEEDS[0]), Token::plain("2", SEEDS[0])];
    let random = Counting::default();
    let once = |cipher| {
        let locked = lock("right horse", cipher);
        text(&write(table(&tokens).rows(), Target::Pskc, Some((&locked, &random))).unwrap()).to_owned()
    };
    let values = |text: &str| -> Vec<String> {
        let parts = text.split("CipherValue>").skip(1).step_by(2);
        parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
    };
    for cipher in [PskcCipher::Aes128, PskcCipher::Aes256] {
        let (first, second) = (once(cipher), once(cipher));
        assert!(!first.contains(&data_encoding::BASE64.encode(&tokens[0].seed)));
        assert!(!first.contains("right horse"));
        let all: std::collections::BTreeSet<String> =
            [values(&first), values(&second)].concat().into_iter().collect();
        assert_eq!(all.len(), 6, "{first}");
    }
}

struct OnePassphrase(&'static str);

impl KeyRing for OnePassphrase {
    fn key_files(&self) -> Vec<KeyFile> {
        Vec::new()
    }

    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        (locked.attempt == 0).then(|| Passphrase::new(self.0.into()))
    }
}

struct KeyFiles(Vec<KeyFile>);

impl KeyRing for KeyFiles {
    fn key_files(&self) -> Vec<KeyFile> {
        self.0.clone()
    }

    fn passphrase(&mut self, _: &Locked<'_>) -> Option<Passphrase> {
        None
    }
}

/// What a target has a place for, as it is to come back.
fn carried(token: &Token, target: Target) -> Token {
    let mut token = token.clone();
    token.upn = if target == Target::MsCsv { token.upn } else { String::new() };
    if target == Target::OathCsv {
        token.manufacturer.clear();
    }
    if matches!(target, Target::OathCsv | Target::Otpauth) {
        token.model.clear();
    }
    (token.period, token.counter) = if token.hotp { (0, token.counter) } else { (token.period, 0) };
    token
}

fn read_back(bytes: &[u8], target: Target, keys: &mut dyn KeyRing) -> Result<Vec<Token>, String> {
    let table = read(Input::new(Some("out".into()), bytes.to_vec()), &ReadOptions::default(), keys);
    if table.is_rejected() {
        return Err(format!("{:?}", table.faults()));
    }
    let token = |row: oathctl_core::table::RowView<'_>| {
        let hotp = row.kind() == OtpKind::Hotp;
        let token = Token {
            serial: row.serial().into(),
            upn: row.upn().unwrap_or("").into(),
            seed: row.expose_seed().to_vec(),
            hotp,
            // Microsoft's CSV is SHA-1 and six digits by its definition.
            hash: row.hash().unwrap_or(Hash::Sha1),
            digits: row.digits().unwrap_or(6),
            period: row.period_secs().unwrap_or(0),
            counter: row.counter().unwrap_or(0),
            manufacturer: row.manufacturer().into(),
            model: row.model().into(),
        };
        carried(&token, target)
    };
    Ok(table.rows().map(token).collect())
}

fn token() -> impl Strategy<Value = Token> {
    let seed = prop::collection::vec(any::<u8>(), 16..=64);
    let hash = prop_oneof![Just(Hash::Sha1), Just(Hash::Sha256), Just(Hash::Sha512)];
    let upn = prop_oneof!["[a-z]{1,8}['._]?[a-z]{1,8}@example\\.test", Just(String::new())];
    let name = "[A-Za-z][A-Za-z ,;&<>\"\u{e9}-]{0,9}[a-z]";
    let period = prop_oneof![Just(30u32), Just(60), 1u32..600];
    let digits = prop_oneof![Just(6u8), Just(8)];
    ("[A-Z]{0,3}[0-9]{6,13}", upn, seed, any::<bool>(), hash, digits, period, any::<u64>(), name, name)
        .prop_map(|(serial, upn, seed, hotp, hash, digits, period, counter, manufacturer, model)| Token {
            serial,
            upn,
            seed,
            hotp,
            hash,
            digits,
            period,
            counter,
            manufacturer,
            model,
        })
}

/// Brings a token within a target's limits, so that most rows of a case are written.
fn within(mut token: Token, target: Target) -> Token {
    if matches!(target, Target::MsCsv | Target::GraphJson) {
        (token.hotp, token.digits) = (false, 6);
        token.period = if token.period.is_multiple_of(2) { 30 } else { 60 };
        token.hash =
            if target == Target::MsCsv || token.hash == Hash::Sha512 { Hash::Sha1 } else { token.hash };
    }
    token
}

fn round_trip(tokens: Vec<Token>, target: Target, cipher: Option<PskcCipher>) -> Result<(), TestCaseError> {
    let tokens: Vec<Token> = tokens.into_iter().map(|token| within(token, target)).collect();
    let random = Counting::default();
    let lock = cipher.map(|cipher| lock("right horse", cipher));
    let lock = lock.as_ref().map(|lock| (lock, &random as &dyn Random));
    let written = write(table(&tokens).rows(), target, lock).unwrap();
    prop_assert_eq!(written.left_out, vec![]);
    let back = read_back(&written.bytes, target, &mut OnePassphrase("right horse"));
    let expected: Vec<Token> = tokens.iter().map(|token| carried(token, target)).collect();
    prop_assert_eq!(back, Ok(expected));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn microsoft_s_csv_reads_back(tokens in prop::collection::vec(token(), 1..8)) {
        round_trip(tokens, Target::MsCsv, None)?;
    }

    #[test]
    fn pskc_reads_back(tokens in prop::collection::vec(token(), 1..8)) {
        round_trip(tokens, Target::Pskc, None)?;
    }

    #[test]
    fn locked_pskc_reads_back(tokens in prop::collection::vec(token(), 1..8), old in any::<bool>()) {
        round_trip(tokens, Target::Pskc, Some(if old { PskcCipher::Aes128 } else { PskcCipher::Aes256 }))?;
    }

    #[test]
    fn graph_json_reads_back(tokens in prop::collection::vec(token(), 1..8)) {
        round_trip(tokens, Target::GraphJson, None)?;
    }

    #[test]
    fn key_uris_read_back(tokens in prop::collection::vec(token(), 1..8)) {
        round_trip(tokens, Target::Otpauth, None)?;
    }

    #[test]
    fn what_is_sealed_reads_back(tokens in prop::collection::vec(token(), 1..4), pgp in any::<bool>()) {
        let tokens: Vec<Token> = tokens.into_iter().map(|token| within(token, Target::OathCsv)).collect();
        let written = write(table(&tokens).rows(), Target::OathCsv, None).unwrap();
        let public = KeyFile::new("pgp".into(), public_half(PGP_KEY));
        let age_key = include_str!("../../../../fixtures/sample-age.key");
        let recipient = age_key.split_whitespace().find(|word| word.starts_with("age1")).unwrap().to_owned();
        let (recipients, keys) = ([recipient], [public]);
        let how = if pgp { Sealing::Pgp(&keys) } else { Sealing::Age(&recipients) };
        let sealed = seal(&written.bytes, &how, &Counting::default(), None).unwrap();
        let pgp_key = KeyFile::new("pgp".into(), PGP_KEY.to_vec());
        let mut ring = KeyFiles(vec![KeyFile::new("age".into(), age_key.into()), pgp_key]);
        let back = read_back(&sealed, Target::OathCsv, &mut ring);
        let expected: Vec<Token> = tokens.iter().map(|token| carried(token, Target::OathCsv)).collect();
        prop_assert_eq!(back, Ok(expected));
    }

    #[test]
    fn oath_csv_reads_back(tokens in prop::collection::vec(token(), 1..8)) {
        round_trip(tokens, Target::OathCsv, None)?;
    }
}

#[test]
fn an_empty_list_is_a_file_without_tokens() {
    for target in Target::ALL {
        let written = write([], target, None).unwrap();
        let table = read(Input::new(None, written.bytes.to_vec()), &ReadOptions::default(), &mut NoKeys);
        assert!(table.is_empty(), "{target:?}");
    }
}

#[test]
fn several_keys_of_one_device_go_where_ids_go() {
    let key = |id: &str, seed: &str| {
        format!(
            "<KeyPackage><DeviceInfo><SerialNo>A-1</SerialNo></DeviceInfo><Key Id=\"{id}\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">\
             <AlgorithmParameters><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters>\
             <Data><Secret><PlainValue>{seed}</PlainValue></Secret><TimeInterval><PlainValue>30</PlainValue></TimeInterval></Data></Key></KeyPackage>"
        )
    };
    let keys = [key("1", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTE="), key("2", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTI=")].concat();
    let text = format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">{keys}</KeyContainer>"
    );
    let mut table = crate::support::read_text(&text);
    let purpose = oathctl_core::check::Purpose::Convert;
    let options = oathctl_core::check::CheckOptions { purpose, ..Default::default() };
    oathctl_core::check::check(&mut table, &options);
    for (target, tokens, left_out) in [(Target::MsCsv, 0, 2), (Target::GraphJson, 0, 2), (Target::Pskc, 2, 0)]
    {
        let written = oathctl_files::write(table.rows(), target, None).unwrap();
        assert_eq!((written.tokens, written.left_out.len()), (tokens, left_out), "{}", target.word());
    }
}
