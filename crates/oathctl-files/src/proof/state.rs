//! How a reading is stated, so that the file is read so from then on.
//!
//! Owns: [`Statement`]. Does not own: the flags themselves.

use oathctl_core::place::Field;
use oathctl_core::table::Table;
use oathctl_core::token::Hash;

use super::Explanation;
use super::candidate::Candidate;
use super::reading::{self, Spelling};
use crate::options::SeedEncoding;

/// What has to be stated besides the file; all absent where the file says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// `--secret-encoding`.
    pub secret_encoding: Option<SeedEncoding>,
    /// `--hash`.
    pub hash: Option<Hash>,
    /// `--period`, in seconds.
    pub period_secs: Option<u32>,
    /// `--digits`.
    pub digits: Option<u8>,
    /// Fields in which the file itself states something else. No flag overrules a cell: the file has to be corrected,
    /// or asked for again.
    pub contradicts: Vec<Field>,
}

impl Statement {
    pub(super) fn of(table: &Table, explanation: Explanation, tokens: &[&Candidate<'_>]) -> Self {
        let mut statement = Self::default();
        statement.say_digits(table, tokens);
        let uncertain = table.decisions().iter().any(|d| d.what == "seed_encoding" && !d.certain);
        let read_as = reading::read_as(table);
        let Explanation::Otherwise(reading) = explanation else {
            statement.secret_encoding = read_as.filter(|_| uncertain);
            return statement;
        };
        match reading.spelling {
            Spelling::AsRead => statement.secret_encoding = read_as.filter(|_| uncertain),
            Spelling::As(encoding) => statement.secret_encoding = Some(encoding),
            Spelling::Within(_) => statement.contradicts.push(Field::Seed),
        }
        if tokens.iter().any(|token| token.row.hash() != Some(reading.hash)) {
            let open = tokens.iter().all(|token| token.row.hash().is_none()) || is_defined(table, "hash");
            statement.hash = Some(reading.hash).filter(|_| open);
            statement.contradict(Field::Hash, open);
        }
        let timed = reading.period_secs != 0;
        if timed && tokens.iter().any(|token| token.row.period_secs() != Some(reading.period_secs)) {
            let open =
                tokens.iter().all(|token| token.row.period_secs().is_none()) || is_defined(table, "period");
            statement.period_secs = Some(reading.period_secs).filter(|_| open);
            statement.contradict(Field::Period, open);
        }
        statement
    }

    /// A code has as many digits as the display shows.
    fn say_digits(&mut self, table: &Table, tokens: &[&Candidate<'_>]) {
        let shown = |token: &&Candidate<'_>| {
            token.codes.first().and_then(|code| u8::try_from(code.expose_code().len()).ok())
        };
        let Some(digits) = tokens.first().and_then(shown) else { return };
        let differs = |token: &&Candidate<'_>| token.row.digits().unwrap_or(6) != digits;
        if tokens.iter().all(|token| shown(token) == Some(digits)) && tokens.iter().any(differs) {
            let open = tokens.iter().all(|token| token.row.digits().is_none()) || is_defined(table, "digits");
            self.digits = Some(digits).filter(|_| open);
            self.contradict(Field::Digits, open);
        }
    }

    fn contradict(&mut self, field: Field, open: bool) {
        if !open {
            self.contradicts.push(field);
        }
    }
}

/// True where a definition and no cell said it: a flag fills what cells leave open.
fn is_defined(table: &Table, what: &str) -> bool {
    let mut about = table.decisions().iter().filter(|d| d.what == what).peekable();
    about.peek().is_some() && about.all(|d| matches!(d.why.as_str(), "definition" | "stated_by_flag"))
}
