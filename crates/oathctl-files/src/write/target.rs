//! What can be written, and what it has a place for.
//!
//! Owns: [`Target`], its names. Does not own: which row fits ([`super::token`]).

use oathctl_core::place::Field;

use super::token::Token;

/// A format tokens can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Microsoft's upload: UPN, serial, Base32, period, manufacturer, model. SHA-1, 6 digits, 30 or 60 s only
    /// (<https://learn.microsoft.com/entra/identity/authentication/how-to-mfa-upload-oath-tokens>).
    MsCsv,
    /// The body of a bulk creation in Microsoft Graph. SHA-1 or SHA-256, 6 digits, 30 or 60 s
    /// (<https://learn.microsoft.com/graph/api/authenticationmethoddevice-update>).
    GraphJson,
    /// RFC 6030.
    Pskc,
    /// One key URI a line.
    Otpauth,
    /// `serial,hex,type,digits,period or counter,hash`, as OTP servers read it.
    OathCsv,
}

/// Endings of encrypted files, which say nothing of what is inside.
const SEALED: [&str; 4] = ["age", "asc", "gpg", "pgp"];

impl Target {
    /// Every target, in the order of the documentation.
    pub const ALL: [Target; 5] =
        [Target::MsCsv, Target::GraphJson, Target::Pskc, Target::Otpauth, Target::OathCsv];

    /// The word of `--to`: `ms-csv`, `graph-json`, `pskc`, `otpauth`, `oath-csv`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MsCsv => "ms-csv",
            Self::GraphJson => "graph-json",
            Self::Pskc => "pskc",
            Self::Otpauth => "otpauth",
            Self::OathCsv => "oath-csv",
        }
    }

    /// Its name as its makers write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MsCsv => "Microsoft CSV",
            Self::GraphJson => "Graph JSON",
            Self::Pskc => "PSKC",
            Self::Otpauth => "otpauth URIs",
            Self::OathCsv => "OATH CSV",
        }
    }

    /// Reads a word of [`Self::word`], in any case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.word().eq_ignore_ascii_case(word.trim()))
    }

    /// What a file of this name holds: by its ending, under those of encryption (`tokens.json.age`). `.csv` is
    /// Microsoft's, but for `.oath.csv`.
    pub fn from_name(name: &str) -> Option<Self> {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
        let mut endings = file.split('.').skip(1).collect::<Vec<_>>();
        while endings.last().is_some_and(|ending| SEALED.contains(ending)) {
            endings.pop();
        }
        match endings.as_slice() {
            [.., "oath" | "oath-csv", "csv"] => Some(Self::OathCsv),
            [.., "csv"] => Some(Self::MsCsv),
            [.., "json"] => Some(Self::GraphJson),
            [.., "xml" | "pskc" | "pskcxml"] => Some(Self::Pskc),
            [.., "txt" | "uri" | "uris" | "otpauth"] => Some(Self::Otpauth),
            [.., "oath"] => Some(Self::OathCsv),
            _ => None,
        }
    }

    /// About how long a row becomes, so that the buffer need not move.
    pub(super) const fn bytes_of_a_row(self) -> usize {
        match self {
            Self::MsCsv | Self::OathCsv => 160,
            Self::Otpauth => 220,
            Self::GraphJson => 320,
            Self::Pskc => 1400,
        }
    }

    const fn carries(self, field: Field) -> bool {
        match field {
            Field::Manufacturer => !matches!(self, Self::OathCsv),
            Field::Model => !matches!(self, Self::OathCsv | Self::Otpauth),
            _ => true,
        }
    }
}

/// The fields that some token states and the target has no place for.
pub(super) fn not_carried(target: Target, tokens: &[Token<'_>]) -> Vec<Field> {
    let lost = |token: &Token<'_>, field: Field| match field {
        Field::Upn => match target {
            Target::MsCsv => token.row.upn().is_none() && token.row.user_id().is_some(),
            Target::GraphJson => token.row.user_id().is_none() && token.row.upn().is_some(),
            _ => token.row.upn().is_some() || token.row.user_id().is_some(),
        },
        Field::Manufacturer => !target.carries(field) && !token.row.manufacturer().is_empty(),
        _ => !target.carries(field) && !token.row.model().is_empty(),
    };
    let fields = [Field::Upn, Field::Manufacturer, Field::Model];
    fields.into_iter().filter(|field| tokens.iter().any(|token| lost(token, *field))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for target in Target::ALL {
            assert_eq!(Target::parse(&target.word().to_uppercase()), Some(target));
        }
        assert_eq!(Target::parse("csv"), None);
    }

    #[test]
    fn a_name_tells_its_target_under_its_encryption() {
        let cases = [
            ("tokens.csv", Some(Target::MsCsv)),
            ("out/Tokens.CSV.age", Some(Target::MsCsv)),
            ("tokens.oath.csv", Some(Target::OathCsv)),
            ("tokens.json.asc", Some(Target::GraphJson)),
            ("tokens.pskc.xml", Some(Target::Pskc)),
            ("box.7.txt", Some(Target::Otpauth)),
            ("tokens.age", None),
            ("csv", None),
            ("dir.csv/tokens", None),
        ];
        for (name, target) in cases {
            assert_eq!(Target::from_name(name), target, "{name}");
        }
    }
}
