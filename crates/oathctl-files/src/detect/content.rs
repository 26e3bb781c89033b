//! Formats that show in their text.

use super::{Format, Found};

/// How much of a text is looked at.
const HEAD: usize = 16 * 1024;

/// Looks at text before it is taken for delimited text.
pub(crate) fn of_text(text: &str) -> Found {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Found::Binary("unknown");
    }
    let head = head(text).trim_start();
    let found = match head.as_bytes().first() {
        Some(b'<') => Some(xml(head)),
        Some(b'{' | b'[') => Some(json(text)),
        _ => lines(head),
    };
    found.map_or(Found::Text, Found::Named)
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(HEAD);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn xml(head: &str) -> Format {
    let name = root_name(head).unwrap_or_default();
    match name.to_ascii_lowercase().as_str() {
        "keycontainer" | "secretcontainer" => Format::Pskc,
        cut if is_cut_pskc(head, cut) => Format::Pskc,
        "tokens" => Format::SafeNet,
        "data" if head.contains("manufacturerCode") || head.contains("<seed") => Format::DualShield,
        "tknbatch" => Format::SecurId,
        "html" => Format::Html,
        _ if head.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) => Format::Html,
        _ => Format::Xml,
    }
}

/// The whole text is a start tag that ends within the name of a container, or within the prefix it usually has.
fn is_cut_pskc(head: &str, name: &str) -> bool {
    let roots = ["keycontainer", "secretcontainer", "pskc:keycontainer"];
    name.len() >= 3
        && head.to_ascii_lowercase().trim_end().ends_with(name)
        && roots.iter().any(|root| root.starts_with(name))
}

/// The local name of the first element, past declarations and comments.
fn root_name(mut rest: &str) -> Option<&str> {
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")?..];
        } else if !rest.starts_with(['?', '!']) {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
            let name = &rest[..end];
            return Some(name.rsplit_once(':').map_or(name, |(_, local)| local));
        }
    }
}

fn json(text: &str) -> Format {
    let head = head(text);
    let has = |word: &str| head.contains(word);
    match () {
        () if has("\"@odata.context\"") && has("\"status\"") => Format::GraphListing,
        () if has("\"secretKey\"") || has("\"serialNumber\"") => Format::GraphJson,
        () if has("\"db\"") && has("\"header\"") => Format::Aegis,
        () if has("\"services\"") => Format::TwoFas,
        () => Format::Json,
    }
}

fn lines(head: &str) -> Option<Format> {
    let mut rows = head.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = rows.clone().next()?;
    if rows.clone().all(is_checksum) {
        return Some(Format::Checksums);
    }
    if first.starts_with("# ykksm") {
        return Some(Format::Ykksm);
    }
    if first.contains("SafeWord Authenticator Records") {
        return Some(Format::SafeWord);
    }
    let found = rows.clone().find_map(by_line);
    let data = || rows.clone().filter(|line| !line.starts_with('#'));
    found.or_else(|| mostly(data().take(50), is_nexus).then_some(Format::Nexus)).or_else(|| {
        let header = rows.find(|line| !line.starts_with('#'))?;
        let known = cells(header).any(|cell| matches!(cell.as_str(), "hotptoken" | "totptoken"));
        known.then_some(Format::SecureAuth)
    })
}

fn by_line(line: &str) -> Option<Format> {
    match line {
        _ if starts(line, "otpauth://") => Some(Format::Otpauth),
        _ if starts(line, "otpauth-migration://") => Some(Format::OtpauthMigration),
        _ if line.starts_with("sccTokenData:") => Some(Format::SafeWord),
        _ if line.contains("AUTHENEXDB") || inserts_otp(line) => Some(Format::Authenex),
        _ if line.starts_with("LOGGING START") => Some(Format::YubicoTraditional),
        _ if line.contains("TokenKey=") => Some(Format::RcDevs),
        _ => by_cells(line),
    }
}

/// True for a line that begins with a word, in any case, quoted or not.
fn starts(line: &str, word: &str) -> bool {
    let line = line.trim_start_matches(['"', '\'']);
    line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn inserts_otp(line: &str) -> bool {
    let upper = line.get(..120).unwrap_or(line).to_ascii_uppercase();
    upper.split_once("INSERT INTO").is_some_and(|(_, table)| {
        table.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').take(4).any(|word| word == "OTP")
    })
}

fn by_cells(line: &str) -> Option<Format> {
    let cells: Vec<String> = cells(line).take(20).collect();
    let yubico = ["yubico otp", "oath-hotp", "static password", "challenge-response"];
    match cells.as_slice() {
        [first, ..] if cells.len() > 10 && yubico.iter().any(|word| first.starts_with(word)) => {
            Some(Format::YubicoTraditional)
        }
        [a, b, c, d] if [a, b, c, d] == ["type", "reference", "description", "data"] => Some(Format::RcDevs),
        [serial, public, internal, key, _, created, ..]
            if is_ykksm(serial, public, internal, key, created) =>
        {
            Some(Format::Ykksm)
        }
        _ => None,
    }
}

/// `digits, modhex or nothing, 12 hex or 0 or nothing, hex, …, date`.
fn is_ykksm(serial: &str, public: &str, internal: &str, key: &str, created: &str) -> bool {
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    let modhex = public.bytes().all(|b| b"cbdefghijklnrtuv".contains(&b));
    let number = !serial.is_empty() && serial.bytes().all(|b| b.is_ascii_digit());
    let name = matches!(internal, "" | "0") || hex(internal, 12);
    let date = created.len() >= 10 && created.starts_with("20") && created.get(4..5) == Some("-");
    number && modhex && name && (hex(key, 32) || hex(key, 40)) && date
}

fn cells(line: &str) -> impl Iterator<Item = String> {
    line.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"').to_ascii_lowercase())
}

/// True when more than half of the lines pass: a damaged one among them hides nothing.
fn mostly<'t>(lines: impl Iterator<Item = &'t str>, pass: impl Fn(&str) -> bool) -> bool {
    let (all, passed) = lines.fold((0, 0), |(all, passed), line| (all + 1, passed + usize::from(pass(line))));
    passed * 2 > all
}

/// `HEX  file.csv`, as `sha256sum` writes it: two blanks, or a blank and a `*`, then the name of a file.
fn is_checksum(line: &str) -> bool {
    let Some((sum, name)) = line.split_once("  ").or_else(|| line.split_once(" *")) else { return false };
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    [32, 40, 64, 96, 128].contains(&sum.len())
        && sum.bytes().all(|b| b.is_ascii_hexdigit())
        && (1..=5).contains(&ending.len())
        && ending.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// `serial:base64:base64`.
fn is_nexus(line: &str) -> bool {
    let base64 = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    match line.split(':').collect::<Vec<_>>().as_slice() {
        [serial, seed, counter] => {
            !serial.is_empty()
                && !serial.contains([',', ';', ' ', '\t'])
                && seed.len() >= 16
                && base64(seed)
                && base64(counter)
        }
        _ => false,
    }
}
