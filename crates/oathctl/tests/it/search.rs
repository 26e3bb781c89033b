//! Looks for secrets in bytes, in every spelling a leak could have, whole or any eight bytes of them.
//!
//! The places searched are turned into a few plain views (escapes undone, separators dropped, lists of numbers read), and in
//! each view the windows of the spellings that can show there are looked up.

use std::collections::{BTreeSet, HashMap};

/// A part of a secret this long counts as found.
const PART: usize = 8;

/// What is looked for.
pub struct Search {
    /// Eight bytes as they are.
    raw: Net,
    /// Sixteen hexadecimal digits.
    hex: Net,
    /// Twelve characters of Base32: what eight bytes fill wholly. In small letters.
    base32: Net,
    /// Ten characters of Base64, for the same reason.
    base64: Net,
    codes: BTreeSet<String>,
}

impl Search {
    /// Secrets with their names, and codes.
    pub fn new(secrets: &[(String, Vec<u8>)], codes: impl IntoIterator<Item = String>) -> Self {
        let mut it = Self {
            raw: Net::of(PART),
            hex: Net::of(2 * PART),
            base32: Net::of(12),
            base64: Net::of(10),
            codes: codes.into_iter().collect(),
        };
        for (name, secret) in secrets {
            it.raw.add(name, secret);
            it.hex.add(name, hex(secret).as_bytes());
            // A part may begin anywhere, and groups of five or three bytes begin with it.
            for from in 0..5 {
                it.base32.add(name, base32(&secret[from..]).to_lowercase().as_bytes());
                it.base64.add(name, encode(&secret[from..], BASE64, 6).as_bytes());
            }
        }
        it
    }

    /// What shows in these bytes: `secret as spelling`, each once. Never the secret itself.
    pub fn find(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.spelled(bytes, "", &mut found);
        if bytes.iter().any(|byte| matches!(byte, b'%' | b'\\')) {
            self.spelled(&unescaped(bytes), "escaped ", &mut found);
        }
        for list in numbers(bytes) {
            self.raw.haul(&list, "a list of numbers", &mut found);
        }
        found
    }

    fn spelled(&self, bytes: &[u8], how: &str, found: &mut BTreeSet<String>) {
        self.raw.haul(bytes, &format!("{how}bytes"), found);
        // Without zeros UTF-16 of either kind is plain again.
        let plain: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        self.raw.haul(&plain, &format!("{how}UTF-16"), found);
        let letters = || plain.iter().filter(|byte| byte.is_ascii_alphanumeric());
        let folded: Vec<u8> = letters().map(u8::to_ascii_lowercase).collect();
        self.hex.haul(&folded, &format!("{how}hex"), found);
        self.base32.haul(&folded, &format!("{how}Base32"), found);
        let joined: Vec<u8> = plain.iter().filter_map(|byte| base64_symbol(*byte)).collect();
        self.base64.haul(&joined, &format!("{how}Base64"), found);
        let words = plain.split(|byte| !byte.is_ascii_alphanumeric());
        let texts = words
            .filter(|word| (6..=8).contains(&word.len()))
            .filter_map(|word| std::str::from_utf8(word).ok());
        found.extend(texts.filter(|word| self.codes.contains(*word)).map(|_| format!("a code as {how}text")));
    }
}

/// Strings of one length, looked up at every place.
struct Net {
    length: usize,
    /// Whether any begins with these two bytes: nearly every place is passed by this alone.
    beginnings: Vec<bool>,
    knots: HashMap<Vec<u8>, String>,
}

impl Net {
    fn of(length: usize) -> Self {
        Self { length, beginnings: vec![false; 1 << 16], knots: HashMap::new() }
    }

    fn add(&mut self, name: &str, text: &[u8]) {
        for part in text.windows(self.length) {
            self.beginnings[usize::from(part[0]) << 8 | usize::from(part[1])] = true;
            self.knots.insert(part.to_vec(), name.to_owned());
        }
    }

    fn haul(&self, sea: &[u8], spelling: &str, found: &mut BTreeSet<String>) {
        for part in sea.windows(self.length) {
            if self.beginnings[usize::from(part[0]) << 8 | usize::from(part[1])] {
                found.extend(self.knots.get(part).map(|name| format!("{name} as {spelling}")));
            }
        }
    }
}

/// `%41`, `\x41` and `\u0041` as the byte they stand for.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (skip, digits) = match (bytes[at], bytes.get(at + 1)) {
            (b'%', _) => (1, 2),
            (b'\\', Some(b'x')) => (2, 2),
            (b'\\', Some(b'u')) => (2, 4),
            _ => (0, 0),
        };
        let spelled = bytes.get(at + skip..at + skip + digits).and_then(|it| std::str::from_utf8(it).ok());
        match spelled.filter(|_| digits > 0).and_then(|it| u16::from_str_radix(it, 16).ok()) {
            Some(value) => {
                out.push(value.to_be_bytes()[1]);
                at += skip + digits;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

/// Runs of decimal numbers below 256 with nothing but a little punctuation between them.
fn numbers(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut lists, mut list, mut gap) = (Vec::new(), Vec::new(), 0);
    for word in bytes.split(|byte| !byte.is_ascii_alphanumeric()) {
        if word.is_empty() {
            gap += 1;
            continue;
        }
        let number = std::str::from_utf8(word).ok().and_then(|it| it.parse::<u8>().ok());
        if gap > 24 || number.is_none() {
            lists.push(std::mem::take(&mut list));
        }
        list.extend(number);
        gap = 0;
    }
    lists.push(list);
    lists.retain(|list| list.len() >= PART);
    lists
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A symbol of Base64 or Base64url as the former has it.
fn base64_symbol(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        _ => Some(byte).filter(|it| BASE64.contains(it)),
    }
}

/// RFC 4648, capital letters, no padding.
pub fn base32(bytes: &[u8]) -> String {
    encode(bytes, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5)
}

fn hex(bytes: &[u8]) -> String {
    encode(bytes, b"0123456789abcdef", 4)
}

/// Bits in groups of `width`, without padding.
fn encode(bytes: &[u8], alphabet: &[u8], width: usize) -> String {
    let bit = |n: usize| bytes.get(n / 8).map_or(0, |byte| usize::from(byte >> (7 - n % 8) & 1));
    let symbol = |n: usize| (0..width).fold(0, |value, k| value << 1 | bit(n * width + k));
    (0..(bytes.len() * 8).div_ceil(width)).map(|n| char::from(alphabet[symbol(n)])).collect()
}

#[test]
fn h24_the_search_finds_every_spelling_of_every_part() {
    let secret: Vec<u8> = (0..20).map(|n: u8| n.wrapping_mul(83).wrapping_add(0x9D)).collect();
    let search = Search::new(&[("seed".into(), secret.clone())], ["314159".into()]);
    assert!(search.find(b"nothing of the kind: 271828, 1, 2, 3, %41%42, \\u0041").is_empty());
    for from in 0..=secret.len() - PART {
        let part = &secret[from..from + PART];
        for (how, spelled) in spellings(part) {
            let noisy = [b"{\"x\": [\"".as_slice(), &spelled, b"\"]}"].concat();
            assert!(!search.find(&noisy).is_empty(), "{how} of the part from {from}");
        }
        let short: Vec<_> =
            spellings(&part[..5]).into_iter().filter(|(_, it)| !search.find(it).is_empty()).collect();
        assert!(short.is_empty(), "five bytes are no part: {short:?}");
    }
    let codes: [&[u8]; 3] = [b"code 314159.", b"\"314159\"", b"3\x001\x004\x001\x005\x009\x00"];
    assert!(codes.iter().all(|text| !search.find(text).is_empty()));
    assert!(search.find(b"13141592 a314159").is_empty(), "part of another number");
}

#[cfg(test)]
fn spellings(part: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let each = |f: fn(&u8) -> String| part.iter().map(f).collect::<Vec<_>>();
    let grouped = |text: &str, by: usize, with: &str| {
        let groups: Vec<_> = text.as_bytes().chunks(by).map(|it| std::str::from_utf8(it).unwrap()).collect();
        groups.join(with).into_bytes()
    };
    let (base32, base64, hex) = (base32(part), encode(part, BASE64, 6), hex(part));
    let wide = |bytes: fn(u16) -> [u8; 2]| base32.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let percent: String = base64.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let url = base64.replace('+', "-").replace('/', "_");
    vec![
        ("raw", part.to_vec()),
        ("UTF-16LE", wide(u16::to_le_bytes)),
        ("UTF-16BE", wide(u16::to_be_bytes)),
        ("Base32", base32.clone().into_bytes()),
        ("small Base32", base32.to_lowercase().into_bytes()),
        ("Base32 in blanks", grouped(&base32, 4, " ")),
        ("Base32 in dashes", grouped(&base32, 4, "-")),
        ("hex", hex.clone().into_bytes()),
        ("large hex", hex.to_uppercase().into_bytes()),
        ("hex in colons", grouped(&hex, 2, ":")),
        ("Base64", base64.into_bytes()),
        ("Base64url", url.into_bytes()),
        ("percent", each(|byte| format!("%{byte:02x}")).concat().into_bytes()),
        ("percent Base64", percent.into_bytes()),
        ("\\u", each(|byte| format!("\\u{byte:04X}")).concat().into_bytes()),
        ("\\x", each(|byte| format!("\\x{byte:02x}")).concat().into_bytes()),
        ("numbers", each(u8::to_string).join(", ").into_bytes()),
        ("numbers in lines", each(u8::to_string).join(",\n      ").into_bytes()),
    ]
}
