//! `oathctl vault export`: seeds into an encrypted file.
//!
//! Owns: which tokens go, what is told of those that can't. Does not own: formats and encryption (`oathctl-files`);
//! there is no way to write them in clear.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_core::seed::SeedKey;
use oathctl_files::{Target, Written, seal, write};
use oathctl_store::vault::{Door, Lack, Listed, TokenKey, Vault};
use oathctl_store::{DeedKind, Store};
use serde_json::{Value, json};

use super::token_of;
use crate::cli::convert::sealing::{Lock, Sealed};
use crate::cli::convert::{TO, all_targets, exists, failed, refused, target};
use crate::cli::unlock::Unlock;
use crate::cli::{Output, audit};
use crate::desk::Desk;
use crate::failure::{Failure, quoted};
use crate::host::SystemRandom;
use crate::input;
use crate::lent;
use crate::places::Places;
use crate::tell::{counted, faults};

/// Write seeds into an encrypted file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    oathctl vault export tokens.csv.age --to ms-csv --recipient age1…\n  \
    oathctl vault export tokens.xml --out-passphrase-file new.txt --only these.csv\n  \
    oathctl vault export one.json.asc --to graph-json --recipient colleague.asc 1200000000011")]
pub(super) struct Export {
    /// The file to write; none is written over
    #[arg(value_name = "OUT")]
    out: String,
    /// Only these serials; `MAKER:SERIAL` where makers share one
    serials: Vec<String>,
    /// The format to write [default: by the ending of OUT]
    #[arg(long, value_name = "FORMAT", value_parser = target, help = TO)]
    to: Option<Target>,
    /// Only the serials of this list
    #[arg(long, value_name = "FILE", conflicts_with = "serials")]
    only: Option<String>,
    /// Write nothing when any of them would be left out
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    sealed: Sealed,
    #[command(flatten)]
    unlock: Unlock,
}

/// So many serials stand in the record of an export.
const NAMED: usize = 1000;

/// A token that is not in the new file, and why: a stable word.
type LeftOut = (String, &'static str);

impl Export {
    pub(super) fn places(&self) -> Places {
        let places = self.unlock.places(self.sealed.places(Places::default()));
        places.read("the list of `--only`", self.only.as_deref()).write("OUT", Some(&self.out))
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        let target = self.target()?;
        if desk.fs.path(&self.out).symlink_metadata().is_ok() {
            return Err(exists(&self.out));
        }
        let lock = self.sealed.lock_always(desk, target)?;
        let chosen = self.chosen(desk, store).await?;
        let vault = self.unlock.open(desk, store).await?;
        let tokens: Vec<TokenKey> = chosen.iter().map(|listed| listed.token).collect();
        let lent = vault.lend(&tokens).await?;
        let mut left_out: Vec<LeftOut> =
            lent.lacking().iter().filter_map(|(key, lack)| lacking(&chosen, *key, *lack)).collect();
        let table = lent::table(&lent, &chosen, Door::Export)
            .map_err(|_| Failure::own("A seed that was lent can't be opened."))?;
        let random: &dyn oathctl_files::Random = &SystemRandom;
        let pskc = lock.pskc().map(|lock| (lock, random));
        let written = write(table.rows(), target, pskc).map_err(|reason| failed(&reason))?;
        faults::on_stderr(desk, written.left_out.iter());
        left_out.extend(
            written
                .left_out
                .iter()
                .map(|fault| (fault.serial.clone().unwrap_or_default(), fault.reason.word())),
        );
        tell_lacking(desk, lent.lacking());
        if written.tokens == 0 {
            return Err(refused("No seed can be written."));
        }
        if self.strict && !left_out.is_empty() {
            return Err(refused(&format!(
                "{} would be left out, and `--strict` was said.",
                counted(left_out.len(), "token")
            )));
        }
        let named: Vec<&str> = chosen.iter().take(NAMED).map(|token| token.serial.as_str()).collect();
        let tokens = usize::try_from(written.tokens).unwrap_or(usize::MAX);
        audit::note(desk, store, DeedKind::SeedsExported, &named, tokens).await?;
        self.deliver(desk, &lock, &written)?;
        self.tell(desk, (target, &lock), &written, &left_out, vault.doors.count(Door::Export));
        Ok(if left_out.is_empty() { Exit::Ok } else { Exit::Rows })
    }

    fn target(&self) -> Result<Target, Failure> {
        if self.out == "-" {
            return Err(
                Failure::usage("An export goes into a file.").advice("Name one. Nothing was written.")
            );
        }
        self.to.or_else(|| Target::from_name(&self.out)).ok_or_else(|| {
            Failure::usage(format!("The name {} doesn't tell which format is wanted.", quoted(&self.out)))
                .advice(format!("Say `--to FORMAT`, with one of {}.", all_targets()))
        })
    }

    /// By serial, by a list, or all.
    async fn chosen(&self, desk: &Desk, store: &Store) -> Result<Vec<Listed>, Failure> {
        let mut chosen = Vec::new();
        for serial in &self.serials {
            chosen.push(token_of(store, serial).await?);
        }
        if self.serials.is_empty() {
            chosen = Vault::list(store).await?;
        }
        if let Some(path) = &self.only {
            let list = input::list(desk, "--only", path)?;
            chosen.retain(|token| list.selects(&token.serial, None, 0));
        }
        chosen.sort_by(|a, b| (&a.serial, &a.maker).cmp(&(&b.serial, &b.maker)));
        chosen.dedup_by_key(|token| token.token);
        if chosen.is_empty() {
            return Err(Failure::usage("The vault has none of these tokens.")
                .advice("`oathctl vault list` shows which it has. Nothing was written."));
        }
        Ok(chosen)
    }

    fn deliver(&self, desk: &Desk, lock: &Lock, written: &Written) -> Result<(), Failure> {
        let sealed = match lock.whole() {
            None => None,
            Some(sealing) => {
                let at = Some(desk.clock.utc());
                Some(seal(&written.bytes, &sealing, &SystemRandom, at).map_err(|reason| failed(&reason))?)
            }
        };
        let bytes: &[u8] = sealed.as_ref().map_or(&*written.bytes, |sealed| sealed);
        desk.fs.write_new_private(&self.out, bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(&self.out),
            _ => Failure::unwritable("The new file", &self.out, &error),
        })
    }

    fn tell(
        &self,
        desk: &Desk,
        (target, lock): (Target, &Lock),
        written: &Written,
        left_out: &[LeftOut],
        opened: u64,
    ) {
        if desk.output() == Output::Text {
            let tokens = usize::try_from(written.tokens).unwrap_or(usize::MAX);
            let rest =
                if left_out.is_empty() { String::new() } else { format!(", {} left out", left_out.len()) };
            desk.ui.say(&format!(
                "{} written to {} as {}, {}{rest}.",
                counted(tokens, "seed"),
                quoted(&self.out),
                target.name(),
                lock.words()
            ));
            desk.ui.say("Whoever can open that file can make the codes. The vault has the seeds as before.");
            return;
        }
        let left_out: Vec<Value> =
            left_out.iter().map(|(serial, reason)| json!({"serial": serial, "reason": reason})).collect();
        let document = json!({
            "schema": "oathctl.vault_export/1", "file": self.out, "format": target.word(), "tokens": written.tokens,
            "opened": opened, "left_out": left_out,
        });
        desk.ui.data(&format!("{document}\n"));
    }
}

fn lacking(chosen: &[Listed], key: SeedKey, lack: Lack) -> Option<LeftOut> {
    let token = chosen.get(usize::try_from(key.0).ok()?)?;
    let reason = match lack {
        Lack::NotHeld => "seed_not_held",
        Lack::Sealed => "vault_sealed",
    };
    Some((token.serial.clone(), reason))
}

fn tell_lacking(desk: &Desk, lacking: &[(SeedKey, Lack)]) {
    let of = |wanted: Lack| lacking.iter().filter(|(_, lack)| *lack == wanted).count();
    let (sealed, gone) = (of(Lack::Sealed), of(Lack::NotHeld));
    if sealed > 0 {
        desk.ui.wrong(&format!(
            "error: {} of handed-out tokens: sealed, and this unlocker opens the stock only. Open the vault with one that opens \
             the sealed compartment.",
            counted(sealed, "seed")
        ));
    }
    if gone > 0 {
        desk.ui.wrong(&format!("error: {} forgotten.", counted(gone, "seed")));
    }
}
