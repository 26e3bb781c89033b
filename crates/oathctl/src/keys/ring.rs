//! The key ring of the command line.
//!
//! Owns: [`Ring`]: the order in which passphrases are lent (those given, those typed, new ones asked for), at most
//! three questions a lock. Does not own: reading files ([`super::source`]), starting gpg ([`super::gpg`]).

use oathctl_files::{KeyFile, KeyRing, Locked, Passphrase};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::gpg;
use crate::desk::Desk;
use crate::words;

/// Questions for one lock.
const QUESTIONS: u32 = 3;

type Opened = Result<Zeroizing<Vec<u8>>, String>;

/// Lends what was given, and asks on a terminal.
pub struct Ring<'d> {
    desk: &'d Desk,
    files: Vec<KeyFile>,
    /// Given or typed, in this order.
    known: Vec<Passphrase>,
    asked: u32,
    gpg: bool,
    /// What gpg made of messages, by their digest: a file that is read again asks no smart card again.
    opened: Vec<([u8; 32], Opened)>,
}

impl<'d> Ring<'d> {
    pub(super) fn new(desk: &'d Desk, known: Vec<Passphrase>, files: Vec<KeyFile>, gpg: bool) -> Self {
        Self { desk, files, known, asked: 0, gpg, opened: Vec::new() }
    }

    fn ask(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        if !self.desk.ui.terminals().can_ask() || self.asked == QUESTIONS {
            return None;
        }
        if locked.attempt > 0 {
            self.desk.ui.show(words::ask::not_opened(self.asked > 0));
        }
        self.asked += 1;
        let question = words::ask::passphrase(locked.lock.word(), locked.place, locked.hint);
        let mut typed = (self.desk.ask_secret)(&question).ok()?;
        if typed.is_empty() {
            return None;
        }
        let passphrase = Passphrase::new(std::mem::take(&mut *typed));
        self.known.push(passphrase.clone());
        Some(passphrase)
    }
}

impl KeyRing for Ring<'_> {
    fn key_files(&self) -> Vec<KeyFile> {
        self.files.clone()
    }

    fn passphrase(&mut self, locked: &Locked<'_>) -> Option<Passphrase> {
        if locked.attempt == 0 {
            self.asked = 0;
        }
        let next = usize::try_from(locked.attempt).ok().and_then(|nth| self.known.get(nth));
        match next {
            Some(known) => Some(known.clone()),
            None => self.ask(locked),
        }
    }

    fn gpg(&mut self, message: &[u8]) -> Option<Opened> {
        if !self.gpg {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(message).into();
        if let Some((_, opened)) = self.opened.iter().find(|(known, _)| *known == digest) {
            return Some(opened.clone());
        }
        let opened = gpg::decrypt(&self.desk.env, message);
        self.opened.push((digest, opened.clone()));
        Some(opened)
    }
}
