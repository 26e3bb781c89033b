//! Seeds out of documentation and out of somebody's patience.
//!
//! Owns: recognising a seed that everybody knows. Does not own: what follows from it ([`super::rows`]).

/// Patterns that, repeated or cut to any length, stand in standards, manuals and examples.
const CYCLES: [&[u8]; 5] = [
    // RFC 4226 appendix D and RFC 6238 appendix B, for each of the three hashes.
    b"1234567890",
    // The same digits written as hex, and their continuation.
    &[0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef],
    &[0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef],
    // `JBSWY3DPEHPK3PXP`, the example of the key URI format.
    b"Hello!\xde\xad\xbe\xef",
    &[0xde, 0xad, 0xbe, 0xef],
];

/// `2234567abcdef2234567abcdef`, the seed in Microsoft's description of its CSV
/// (<https://learn.microsoft.com/entra/identity/authentication/how-to-mfa-upload-oath-tokens>).
const MICROSOFT_SAMPLE: [u8; 16] =
    [0xd6, 0xb7, 0xce, 0xfb, 0xe0, 0x08, 0x86, 0x42, 0xeb, 0x5b, 0xe7, 0x7d, 0xf0, 0x04, 0x43, 0x21];

/// True for a seed that protects nothing: documented, counted up, or one byte over and over.
pub(super) fn is_for_tests(seed: &[u8]) -> bool {
    if seed.len() < 8 {
        return false;
    }
    let flat = seed.windows(2).all(|pair| pair[0] == pair[1]);
    let counted = seed.windows(2).all(|pair| pair[0].wrapping_add(1) == pair[1]);
    let cycled = CYCLES.iter().any(|cycle| seed.iter().zip(cycle.iter().cycle()).all(|(a, b)| a == b));
    flat || counted || cycled || *seed == MICROSOFT_SAMPLE
}

#[cfg(test)]
mod tests {
    use super::is_for_tests;

    #[test]
    fn seeds_everybody_knows() {
        assert!(is_for_tests(b"12345678901234567890"));
        assert!(is_for_tests(b"12345678901234567890123456789012"));
        assert!(is_for_tests(b"Hello!\xde\xad\xbe\xef"));
        assert!(is_for_tests(&[7; 20]));
        assert!(is_for_tests(&std::array::from_fn::<u8, 20, _>(|n| n as u8)));
        assert!(is_for_tests(&super::MICROSOFT_SAMPLE));
    }

    #[test]
    fn others_are_not() {
        assert!(!is_for_tests(b"12345678901234567891"));
        assert!(!is_for_tests(&[]));
        assert!(!is_for_tests(b"\xcc\xb6\x24\xb7\xcb\xd6\x9c\x64\x62\x4c"));
    }
}
