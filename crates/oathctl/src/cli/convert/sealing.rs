//! How the new file is encrypted.
//!
//! Owns: the flags that say so, the refusal to write seeds in plain text unasked, the question for a new passphrase.
//! Does not own: encrypting (`oathctl-files`).

use clap::Args;
use oathctl_core::reason::Reason;
use oathctl_files::{KeyFile, Passphrase, PskcLock, Sealing, Target};
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::failure::{Failure, io_words, quoted};
use crate::keys;
use crate::places::Places;
use crate::words;

/// How the new file is kept from others.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How the new file is encrypted")]
pub struct Flags {
    #[command(flatten)]
    sealed: Sealed,
    /// Not at all: whoever reads the file can make the codes
    #[arg(long, conflicts_with_all = ["recipient", "out_passphrase_file"])]
    plaintext: bool,
}

/// The same where it has to be.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How the new file is encrypted")]
pub struct Sealed {
    /// For whom: `age1…`, a file of such lines, or a PGP public key file; several times for several
    #[arg(long, value_name = "age1…|FILE")]
    recipient: Vec<String>,
    /// By the passphrase in the first line of this file, 12 characters or more: PSKC's own encryption, else age
    #[arg(long, value_name = "FILE")]
    out_passphrase_file: Option<String>,
}

/// What was settled.
pub struct Lock {
    pskc: Option<PskcLock>,
    whole: Whole,
}

/// Around the whole file.
enum Whole {
    None,
    Age(Vec<String>),
    Pgp(Vec<KeyFile>),
    Passphrase(Passphrase),
}

impl Lock {
    /// Around every seed of a PSKC file.
    pub fn pskc(&self) -> Option<&PskcLock> {
        self.pskc.as_ref()
    }

    /// Around the whole file.
    pub fn whole(&self) -> Option<Sealing<'_>> {
        match &self.whole {
            Whole::None => None,
            Whole::Age(recipients) => Some(Sealing::Age(recipients)),
            Whole::Pgp(keys) => Some(Sealing::Pgp(keys)),
            Whole::Passphrase(passphrase) => Some(Sealing::AgePassphrase(passphrase)),
        }
    }

    /// The stable word, for scripts.
    pub fn word(&self) -> &'static str {
        match (&self.whole, &self.pskc) {
            (Whole::Age(_), _) => "age",
            (Whole::Pgp(_), _) => "pgp",
            (Whole::Passphrase(_), _) => "age_passphrase",
            (Whole::None, Some(_)) => "pskc_passphrase",
            (Whole::None, None) => "none",
        }
    }

    /// As it is told.
    pub fn words(&self) -> &'static str {
        match (&self.whole, &self.pskc) {
            (Whole::Age(_), _) => "encrypted by age",
            (Whole::Pgp(_), _) => "encrypted by PGP",
            (Whole::Passphrase(_), _) => "encrypted by age with the passphrase",
            (Whole::None, Some(_)) => "every seed encrypted with the passphrase",
            (Whole::None, None) => "in plain text",
        }
    }

    /// Nothing keeps the seeds from a reader.
    pub fn is_plain(&self) -> bool {
        self.pskc.is_none() && matches!(self.whole, Whole::None)
    }
}

impl Flags {
    /// The files of these flags, as files that are read.
    pub fn places(&self, places: Places) -> Places {
        self.sealed.places(places)
    }

    /// Settles it; asks for a passphrase for PSKC on a terminal.
    pub fn lock(&self, desk: &Desk, target: Target, others: &[&str]) -> Result<Lock, Failure> {
        if self.plaintext {
            return Ok(Lock { pskc: None, whole: Whole::None });
        }
        self.sealed.lock(desk, target, others).map_err(|failure| match failure {
            Unsettled::NoWay => {
                no_way(target, "; or `--plaintext` if it must be readable by anybody who gets it")
            }
            Unsettled::Other(failure) => failure,
        })
    }
}

/// Why it wasn't settled.
enum Unsettled {
    /// Nothing was named.
    NoWay,
    Other(Failure),
}

impl From<Failure> for Unsettled {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl Sealed {
    /// The files of these flags, as files that are read.
    pub fn places(&self, places: Places) -> Places {
        let files = self.recipient.iter().filter(|name| !is_age(name));
        let places = files.fold(places, |places, file| places.read("the file of `--recipient`", Some(file)));
        places.read("the new passphrase's file", self.out_passphrase_file.as_deref())
    }

    /// Settles it where there is no other choice.
    pub fn lock_always(&self, desk: &Desk, target: Target) -> Result<Lock, Failure> {
        self.lock(desk, target, &[]).map_err(|failure| match failure {
            Unsettled::NoWay => no_way(target, ""),
            Unsettled::Other(failure) => failure,
        })
    }

    fn lock(&self, desk: &Desk, target: Target, others: &[&str]) -> Result<Lock, Unsettled> {
        let named = self.out_passphrase_file.as_deref();
        if named == Some("-") && others.contains(&"-") {
            return Err(Failure::usage("Only one thing can come by standard input.").into());
        }
        let whole = self.recipients(desk)?;
        let asks = named.is_none() && matches!(whole, Whole::None);
        let passphrase = match named {
            Some(path) => Some(keys::long_enough(keys::passphrase_of(desk, path)?)?),
            None if asks && target == Target::Pskc && desk.ui.terminals().can_ask() => Some(new(desk)?),
            None if asks => return Err(Unsettled::NoWay),
            None => None,
        };
        match (passphrase, target, whole) {
            (Some(passphrase), Target::Pskc, whole) => {
                Ok(Lock { pskc: Some(PskcLock::new(passphrase)), whole })
            }
            (Some(passphrase), _, Whole::None) => {
                Ok(Lock { pskc: None, whole: Whole::Passphrase(passphrase) })
            }
            (Some(_), ..) => {
                Err(Failure::usage("A file can't be for recipients and for a passphrase at once.")
                    .advice("Say `--recipient` or `--out-passphrase-file`, not both.")
                    .into())
            }
            (None, _, whole) => Ok(Lock { pskc: None, whole }),
        }
    }

    fn recipients(&self, desk: &Desk) -> Result<Whole, Failure> {
        let (mut age, mut pgp) = (Vec::new(), Vec::new());
        for name in &self.recipient {
            if is_age(name) {
                age.push(name.clone());
                continue;
            }
            let text = keys::public_file(desk, name)?;
            match age_lines(text.expose()) {
                Some(lines) if lines.iter().any(|line| is_age_secret(line)) => {
                    let why = "secret".into();
                    return Err(super::failed(&Reason::RecipientUnusable { name: name.clone(), why }));
                }
                Some(lines) => age.extend(lines),
                None => pgp.push(text),
            }
        }
        match (age.is_empty(), pgp.is_empty()) {
            (true, true) => Ok(Whole::None),
            (false, true) => Ok(Whole::Age(age)),
            (true, false) => Ok(Whole::Pgp(pgp)),
            (false, false) => Err(Failure::usage("Some recipients are of age and some of PGP.")
                .advice("A file is encrypted in one way: name recipients of one kind.")),
        }
    }
}

fn is_age(name: &str) -> bool {
    name.starts_with("age1") || is_age_secret(name)
}

fn is_age_secret(name: &str) -> bool {
    name.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-")
}

/// The recipients of a file as age itself reads it: one a line, `#` before comments.
fn age_lines(bytes: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.first().is_some_and(|line| is_age(line)).then_some(lines)
}

/// Typed twice.
fn new(desk: &Desk) -> Result<Passphrase, Unsettled> {
    let ask = |question: &str| {
        (desk.ask_secret)(question)
            .map_err(|error| Failure::usage("The passphrase can't be asked for.").because(io_words(&error)))
    };
    let mut typed: Zeroizing<String> = ask(words::ask::NEW_PASSPHRASE)?;
    if typed.is_empty() {
        return Err(Unsettled::NoWay);
    }
    // Before the question is put again: nobody types a passphrase twice to hear that it is too short.
    let passphrase = keys::long_enough(Passphrase::new(std::mem::take(&mut *typed)))?;
    if *ask(words::ask::NEW_PASSPHRASE_AGAIN)? != *passphrase.expose() {
        return Err(Failure::usage("The two passphrases aren't the same; nothing was written.").into());
    }
    Ok(passphrase)
}

fn no_way(target: Target, otherwise: &str) -> Failure {
    let own = if target == Target::Pskc { " (on a terminal it is also asked for)" } else { "" };
    Failure::usage(format!("Nothing says how the seeds in the new file ({}) are to be encrypted.", target.name()))
        .advice(format!(
            "Say `--recipient age1…`, `--recipient {}` with a PGP public key, `--out-passphrase-file FILE`{own}{otherwise}.",
            quoted("KEY.asc").replace('`', "")
        ))
}
