//! The vectors of RFC 4226 appendix D and RFC 6238 appendix B.

use super::*;

const ASCII_20: &[u8] = b"12345678901234567890";
const ASCII_32: &[u8] = b"12345678901234567890123456789012";
const ASCII_64: &[u8] = b"1234567890123456789012345678901234567890123456789012345678901234";

fn params(hash: Hash, digits: u8, period_secs: u32) -> TotpParams {
    TotpParams { hash, digits, period_secs }
}

#[test]
fn rfc4226_appendix_d() {
    let expected =
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (counter, code) in expected.iter().enumerate() {
        assert_eq!(hotp(ASCII_20, counter as u64, Hash::Sha1, 6).unwrap().as_str(), *code);
    }
}

#[test]
fn rfc6238_appendix_b() {
    let rows: [(i64, &str, &str, &str); 6] = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    for (secs, sha1, sha256, sha512) in rows {
        let at = Utc::from_unix_secs(secs);
        let code = |seed, hash| totp_at(seed, params(hash, 8, 30), at).unwrap();
        assert_eq!(code(ASCII_20, Hash::Sha1).expose_code(), sha1);
        assert_eq!(code(ASCII_32, Hash::Sha256).expose_code(), sha256);
        assert_eq!(code(ASCII_64, Hash::Sha512).expose_code(), sha512);
    }
}

#[test]
fn a_code_knows_its_window() {
    let code = totp_at(ASCII_20, params(Hash::Sha1, 6, 60), Utc::from_unix_ms(119_999)).unwrap();
    assert_eq!((code.valid_from.unix_secs(), code.valid_until.unix_secs()), (60, 120));
    assert_eq!(code.ms_left(Utc::from_unix_secs(110)), 10_000);
    assert_eq!(code.ms_left(Utc::from_unix_secs(121)), 0);
}

#[test]
fn impossible_parameters_are_refused() {
    assert_eq!(hotp(ASCII_20, 0, Hash::Sha1, 5).unwrap_err(), OtpError::Digits(5));
    assert_eq!(hotp(ASCII_20, 0, Hash::Sha1, 11).unwrap_err(), OtpError::Digits(11));
    let none = totp_at(ASCII_20, params(Hash::Sha1, 6, 0), Utc::from_unix_secs(1));
    assert_eq!(none.unwrap_err(), OtpError::Period);
}

#[test]
fn debug_hides_the_digits() {
    let code = totp_at(ASCII_20, params(Hash::Sha1, 6, 30), Utc::from_unix_secs(59)).unwrap();
    let shown = format!("{code:?}");
    assert!(!shown.contains(code.expose_code()), "{shown}");
    assert!(code.matches("287082") && !code.matches("287083"));
}
