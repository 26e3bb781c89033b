//! Faults of a seed. No sentence ever has one, nor a part of it beyond the one character that is wrong.
//!
//! Owns: pages and sentences of these reasons. Does not own: how seeds are read.

use super::page::{Said, count, explanations};
use super::sources::{BASE32, SEED_LEAST, SEED_MOST, SPARE_BITS};

explanations! {
    SEED_MISSING "seed_missing" {
        means: "The row has no seed.",
        seen: "The cell is empty.",
        advice: "Ask the vendor for the seed of this serial; without it the token can't be put to work.",
    }
    SEED_BAD_CHARACTER "seed_bad_character" {
        means: "The seed has a character that its spelling doesn't have.",
        seen: "Base32 has A to Z and 2 to 7, hex has 0 to 9 and A to F. Letters are never exchanged for digits here, \
            since a wrong guess would be a wrong seed.",
        advice: "Compare the cell with the vendor's original and correct it; if the whole column is spelt \
            differently, say `--secret-encoding hex` or `--secret-encoding base32`.",
        source: [BASE32],
    }
    SEED_BAD_LENGTH "seed_bad_length" {
        means: "The seed has a length that its spelling can't have.",
        seen: "An odd number of hex digits, or a number of Base32 characters that no bytes give.",
        advice: "Compare the cell with the vendor's original, since it was probably cut; if it's cut there too, ask \
            the vendor for the file again.",
        source: [BASE32],
    }
    SEED_TOO_SHORT "seed_too_short" {
        means: "The seed has fewer than 10 bytes.",
        seen: "Its length after decoding.",
        advice: "Compare the cell with the vendor's original, since it was probably cut; if it's like this there too, \
            ask the vendor for the file again.",
    }
    SEED_TOO_LONG "seed_too_long" {
        means: "The seed has more than 80 bytes, which is more than Microsoft Entra takes.",
        seen: "Its length after decoding.",
        advice: "Check that the cell holds one seed only. If it does, the token can't be used with Microsoft Entra; \
            ask the vendor for one with a shorter seed.",
        source: [SEED_MOST],
    }
    SEED_WEAK "seed_weak" {
        means: "The seed has fewer than the 16 bytes that RFC 4226 asks for.",
        seen: "Its length after decoding.",
        advice: "The token can be used; ask the vendor for longer seeds with the next delivery.",
        source: [SEED_LEAST],
    }
    SEED_FOR_TESTS "seed_for_tests" {
        means: "The seed is a test seed that anybody can look up.",
        seen: "All its bytes are alike, or it stands in an RFC or in somebody's documentation.",
        advice: "Put the token's own seed in its place; a token with this one gives no protection. To rehearse with it all the \
            same, say `--allow-test-seeds`.",
    }
    SEED_SHARED "seed_shared" {
        means: "The same seed stands under two serials.",
        seen: "Equal bytes after decoding. Neither row is used: two devices never share a seed, so one row is wrong.",
        advice: "Ask the vendor which serial the seed belongs to, and for the other one's seed.",
    }
    SEED_DOUBLE_ENCODED "seed_double_encoded" {
        means: "The decoded seed is itself hex text, so it was probably encoded twice.",
        seen: "Every byte of it is a letter or digit of hex.",
        advice: "Ask the vendor for the seeds in one plain spelling; until then activate a single token and sign in \
            with it before the others.",
    }
    SEED_TRAILING_BITS "seed_trailing_bits" {
        means: "The last character of the seed carries bits that Base32 doesn't use, which a typing error does too.",
        seen: "Spare bits at its end that aren't zero. Some vendors write them; the seed was read without them.",
        advice: "Compare the end of the cell with the vendor's original; if it's the same there, nothing is to be done.",
        source: [SPARE_BITS],
    }
    SEED_PADDING "seed_padding" {
        means: "The = signs at the end of the seed don't fit its length and were passed over.",
        seen: "More or fewer of them than Base32 puts there.",
        advice: "Compare the end of the cell with the vendor's original, in case it was cut; if it's the same there, \
            nothing is to be done.",
        source: [BASE32],
    }
}

pub(super) fn bad_character(character: char, position: u32, encoding: &str) -> Said {
    let (alphabet, named) = (spelling(encoding), named(character));
    let said = SEED_BAD_CHARACTER.says(format!(
        "The seed has {named} at character {position} of its cell, which {alphabet} doesn't have."
    ));
    let Some(letter) = misread_as(character, alphabet) else { return said };
    let other = if alphabet == "hex" { "base32" } else { "hex" };
    said.advising(format!(
        "Compare the cell with the vendor's original: a misread {letter} looks like {named}. If the whole column is \
         spelt differently, say `--secret-encoding {other}`."
    ))
}

pub(super) fn bad_length(characters: u32, encoding: &str) -> Said {
    SEED_BAD_LENGTH.says(format!(
        "The seed has {}, a length that {} can't have.",
        count(characters, "character"),
        spelling(encoding)
    ))
}

pub(super) fn too_short(bytes: u32) -> Said {
    SEED_TOO_SHORT.says(format!("The seed has {}, and 10 are the least.", count(bytes, "byte")))
}

pub(super) fn too_long(bytes: u32) -> Said {
    SEED_TOO_LONG
        .says(format!("The seed has {}, and Microsoft Entra takes at most 80.", count(bytes, "byte")))
}

pub(super) fn weak(bytes: u32) -> Said {
    SEED_WEAK
        .says(format!("The seed has {}, fewer than the 16 that RFC 4226 asks for.", count(bytes, "byte")))
}

pub(super) fn shared(other_line: u64) -> Said {
    SEED_SHARED.says(format!("Line {other_line} has the same seed under another serial."))
}

/// The spelling's name.
fn spelling(encoding: &str) -> &'static str {
    match encoding.to_ascii_lowercase().as_str() {
        "hex" => "hex",
        "base64" => "Base64",
        _ => "Base32",
    }
}

/// A character as people can see it.
fn named(character: char) -> String {
    if character.is_ascii_graphic() || (character.is_alphanumeric() && !character.is_ascii()) {
        return format!("\"{character}\"");
    }
    format!("the character U+{:04X}", u32::from(character))
}

/// What the eye or a scanner takes this character for.
fn misread_as(character: char, alphabet: &str) -> Option<&'static str> {
    match (alphabet, character) {
        ("hex", 'O' | 'o') => Some("0"),
        ("hex", 'I' | 'i' | 'l' | 'L') => Some("1"),
        ("Base32", '0') => Some("O"),
        ("Base32", '1') => Some("I or L"),
        ("Base32", '8') => Some("B"),
        _ => None,
    }
}
