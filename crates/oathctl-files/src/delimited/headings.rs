//! What a column is called, in any spelling and several languages.
//!
//! Owns: the table of headings. Does not own: choosing between two columns of one name ([`super::columns`]).
//! To add a heading: a word in [`NAMES`]; case, accents, blanks and punctuation do not matter.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use oathctl_core::place::Field;
use unicode_normalization::UnicodeNormalization;

use crate::options::SeedEncoding;

/// What a heading names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Field(Field),
    /// `type`: a kind of code or a model; its cells decide.
    KindOrModel,
    /// `algorithm`: a hash or a kind of code; each cell decides.
    HashOrKind,
}

/// A heading that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) named: Named,
    /// 0 names the field beyond doubt; 1 gives way to such a heading.
    pub(crate) rank: u8,
    /// `Seed (hex)` says how the seeds are spelled.
    pub(crate) encoding: Option<SeedEncoding>,
}

/// Headings by what they name: first those beyond doubt, then those that give way.
const NAMES: [(Named, &str, &str); 12] = [
    (
        Named::Field(Field::Serial),
        "serial, serial number, serial no, serial nr, sn, s/n, s no, token serial, token serial number, device serial, \
         Seriennummer, Serien-Nr, numéro de série, n° de série, no de serie, número de serie, nº de serie, \
         numero di serie, numero seriale, número de série, serienummer, serie nummer, numer seryjny, sériové číslo, \
         序列号, 序號, 序列號, シリアル番号, シリアル, 製造番号, 일련번호, серийный номер, αριθμός σειράς",
        "token id, token number, token, device, device id",
    ),
    (
        Named::Field(Field::Seed),
        "secret, secret key, seed, seed key, otp key, otp secret, shared secret, token key, token seed, secret seed, \
         geheimer Schlüssel, Geheimschlüssel, Geheimnis, Schlüssel, clé secrète, clave secreta, clave, \
         chiave segreta, chiave, chave secreta, geheime sleutel, sleutel, klucz tajny, tajny klucz, tajný klíč, \
         密钥, 密鑰, 秘密鍵, シークレット, シード, 비밀키, секретный ключ, ключ",
        "key, secretkey value",
    ),
    (
        Named::Field(Field::Period),
        "time interval, interval, time step, timestep, period, time interval in seconds, time window, time period, \
         totp interval, totp time step, Zeitintervall, Intervall, Zeitschritt, intervalle de temps, intervalle, \
         intervalo de tiempo, intervalo, intervallo di tempo, intervallo, intervalo de tempo, tijdsinterval, \
         odstęp czasu, 时间间隔, 時間間隔, 타임스텝, интервал времени, интервал",
        "step, window",
    ),
    (
        Named::Field(Field::Upn),
        "upn, user principal name, Benutzerprinzipalname, nom d'utilisateur principal, nombre principal de usuario, \
         nome dell'entità utente, 用户主体名称, ユーザー プリンシパル名",
        "user, user name, login, account, e-mail, mail, email address, mail address, assigned to, assignee, owner, \
         Benutzer, Benutzername, Anwender, utilisateur, nom d'utilisateur, usuario, nombre de usuario, utente, \
         nome utente, gebruiker, gebruikersnaam, użytkownik, 用户, 用户名, 使用者, ユーザー, пользователь",
    ),
    (
        Named::Field(Field::Manufacturer),
        "manufacturer, maker, vendor, brand, Hersteller, fabricant, fabricante, produttore, fabrikant, producent, \
         výrobce, 制造商, 製造商, メーカー, 製造元, 제조사, производитель",
        "make, supplier",
    ),
    (
        Named::Field(Field::Model),
        "model, model number, token model, device model, Modell, modèle, modelo, modello, výrobek, 型号, 型號, モデル, 型番, \
         모델, модель",
        "product, device type, token type",
    ),
    (
        Named::Field(Field::Digits),
        "digits, otp length, otp len, length, code length, number of digits, otp digits, Stellen, Ziffern, chiffres, \
         dígitos, cifre, cijfers, 位数, 桁数",
        "len",
    ),
    (
        Named::Field(Field::Hash),
        "hash, hash function, hash algorithm, hash algo, hash alg, hash type, hash method, hash mode, hash name, hmac, \
         hmac algorithm, hmac algo, hmac alg, hmac type, hmac hash, hmac function, otp hash, token hash, totp hash, sha, \
         sha type, sha algorithm, sha version, sha mode, crypto, crypto function, crypto algorithm, crypto algo, digest, \
         digest algorithm, Hashfunktion, Hash-Algorithmus, Hashverfahren, algorithme de hachage, algoritmo hash, \
         algoritmo de hash, algoritmo di hash, fonction de hachage, \
         función hash, funzione hash, 哈希函数, ハッシュ関数, хеш-функция",
        "",
    ),
    (
        Named::HashOrKind,
        "algorithm, algo, alg, otp algorithm, otp algo, totp algorithm, totp algo, oath algorithm, token algorithm, Algorithmus, algorithme, algoritmo, 算法",
        "",
    ),
    (Named::Field(Field::Kind), "otp type, oath type, mode, otp mode", ""),
    (Named::KindOrModel, "type, Typ, tipo, kind, 类型, 種類", ""),
    (
        Named::Field(Field::Counter),
        "counter, moving factor, hotp counter, event counter, Zähler, compteur, contador",
        "",
    ),
];

static TABLE: LazyLock<BTreeMap<String, Heading>> = LazyLock::new(|| {
    let mut table = BTreeMap::new();
    for (named, certain, doubtful) in NAMES {
        for (rank, names) in [(0, certain), (1, doubtful)] {
            for name in names.split(", ").map(normal).filter(|name| !name.is_empty()) {
                table.entry(name).or_insert(Heading { named, rank, encoding: None });
            }
        }
    }
    table
});

/// A heading as it is compared: letters and digits, lower case, without accents.
pub(crate) fn normal(heading: &str) -> String {
    let accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    heading
        .nfkd()
        .filter(|c| !accent(c))
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// What a heading names, if anything.
pub(crate) fn lookup(heading: &str) -> Option<Heading> {
    // Longer than any heading: a cell of data.
    if heading.is_empty() || heading.len() > 120 {
        return None;
    }
    let name = normal(heading);
    TABLE.get(&name).copied().or_else(|| seed_with_encoding(&name)).or_else(|| period_with_unit(&name))
}

/// `secrethex`, `seedbase32`, `hex`.
fn seed_with_encoding(name: &str) -> Option<Heading> {
    let marks = [
        ("base32", SeedEncoding::Base32),
        ("b32", SeedEncoding::Base32),
        ("base64", SeedEncoding::Base64),
        ("b64", SeedEncoding::Base64),
        ("hexadecimal", SeedEncoding::Hex),
        ("hex", SeedEncoding::Hex),
    ];
    let (mark, encoding) = marks.into_iter().find(|(mark, _)| name.contains(mark))?;
    let rest = name.replacen(mark, "", 1);
    let rest = ["encoded", "encoding", "string", "format", "in"]
        .iter()
        .fold(rest.as_str(), |rest, word| rest.strip_suffix(word).unwrap_or(rest));
    let seed = Named::Field(Field::Seed);
    let is_seed = rest.is_empty() || TABLE.get(rest).is_some_and(|heading| heading.named == seed);
    is_seed.then_some(Heading { named: seed, rank: 0, encoding: Some(encoding) })
}

/// `timeintervalsec`, `periods`.
fn period_with_unit(name: &str) -> Option<Heading> {
    let units = ["inseconds", "seconds", "insec", "secs", "sec", "sek", "s"];
    let bare = units.iter().find_map(|unit| TABLE.get(name.strip_suffix(unit)?))?;
    (bare.named == Named::Field(Field::Period)).then_some(*bare)
}

/// The field a heading names without looking at cells.
pub(crate) fn field_of(heading: &str) -> Option<Field> {
    match lookup(heading)?.named {
        Named::Field(field) => Some(field),
        Named::HashOrKind => Some(Field::Hash),
        Named::KindOrModel => Some(Field::Kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_reference_is_known() {
        let cases = [
            (
                Field::Serial,
                "serial|Serial Number|serialno|SN|S/N|tokenserial|TokenID|token|device|deviceserial|Seriennummer|numerodeserie|nºdeserie|numerodiserie|serienummer|序列号|序號|シリアル番号|Серийный номер|Numéro de série",
            ),
            (
                Field::Seed,
                "secret|secret key|SecretKey|KEY|seed|otpkey|shared_secret|Secret Key (Base32)|secrethex|seed-hex|hexseed|tokenkey|Geheimer Schlüssel|Schlüssel|clé secrète|clave secreta|chiave segreta|密钥|密鑰|秘密鍵|Секретный ключ",
            ),
            (
                Field::Period,
                "time interval|timeinterval|Interval|timestep|period|timeIntervalInSeconds|Time Interval (sec)|time window|Zeitintervall|intervalle de temps|时间间隔",
            ),
            (
                Field::Upn,
                "upn|UserPrincipalName|user|username|email|E-Mail|mail|assigned to|Benutzer|Benutzername",
            ),
            (Field::Manufacturer, "manufacturer|maker|vendor|brand|Hersteller|fabricant|fabricante|制造商"),
            (Field::Model, "model|Modell|modèle|modelo|型号"),
            (Field::Digits, "digits|OTP Length|length|otplen"),
            (
                Field::Hash,
                "hash|hashFunction|hmac|crypto|Hash Algo|hash_algorithm|HMAC Type|hmac-algo|algo|OTP hash|hashType|SHA type|Algorithm",
            ),
            (Field::Counter, "counter"),
        ];
        for (field, spellings) in cases {
            for spelling in spellings.split('|') {
                assert_eq!(field_of(spelling), Some(field), "{spelling}");
            }
        }
    }

    #[test]
    fn a_hint_in_the_heading() {
        assert_eq!(lookup("Seed (hex)").unwrap().encoding, Some(SeedEncoding::Hex));
        assert_eq!(lookup("secretKeyBase32").unwrap().encoding, Some(SeedEncoding::Base32));
        assert_eq!(lookup("Secret Key").unwrap().encoding, None);
        assert_eq!(lookup("hexagon"), None);
    }

    #[test]
    fn data_is_no_heading() {
        for cell in
            ["1200000000011", "ZS3CJN6L22OGIYSMGDDK3F3VUKFI6M6Z", "30", "ada@example.test", "Examplar", ""]
        {
            assert_eq!(lookup(cell), None, "{cell}");
        }
    }
}
