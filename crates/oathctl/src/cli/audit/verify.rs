//! `oathctl audit verify`.

use clap::Args;
use oathctl_core::report::Exit;
use oathctl_store::{ChainVerified, Checkpoint, Fault, Store, Verified};
use serde_json::{Value, json};

use crate::cli::Output;
use crate::desk::Desk;
use crate::failure::{Failure, io_words, quoted};
use crate::places::Places;

/// Read every record and compare the chain with the checkpoints.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// A file of checkpoints to compare with, beside the configured ones
    #[arg(long, value_name = "FILE")]
    checkpoints: Vec<String>,
}

impl Verify {
    pub(super) fn places(&self) -> Places {
        self.checkpoints
            .iter()
            .fold(Places::default(), |places, path| places.read("a file of checkpoints", Some(path)))
    }

    pub(super) async fn run(self, desk: &Desk, store: &Store) -> Result<Exit, Failure> {
        let checkpoints = self.gathered(desk, store)?;
        let found = store.audit().verify(&checkpoints).await?;
        match desk.output() {
            Output::Text => tell(desk, &found),
            Output::Json | Output::Ndjson => desk.ui.data(&format!("{}\n", value(&found))),
        }
        Ok(exit(&found))
    }

    /// Of the configured files those that are there; a named one has to be.
    fn gathered(&self, desk: &Desk, store: &Store) -> Result<Vec<Checkpoint>, Failure> {
        let audit = store.audit();
        let mut files: Vec<_> =
            audit.checkpoint_files().iter().filter(|path| path.exists()).cloned().collect();
        for path in &self.checkpoints {
            let file = desk.fs.path(path);
            std::fs::metadata(&file).map_err(|error| {
                Failure::usage(format!("The file of checkpoints {} can't be read.", quoted(path)))
                    .because(io_words(&error))
            })?;
            files.push(file);
        }
        let mut all = Vec::new();
        for file in &files {
            let (found, others) = Checkpoint::read_from(file)?;
            if others > 0 {
                desk.ui.wrong(&format!(
                    "warning: {}: {others} lines are no checkpoints",
                    quoted(&file.display().to_string())
                ));
            }
            all.extend(found);
        }
        Ok(all)
    }
}

/// 1 when something was altered; 3 when something can't be verified here.
fn exit(found: &Verified) -> Exit {
    if found.broken_at().is_some() {
        return Exit::Own;
    }
    let is_doubtful = found.foreign_checkpoints > 0 || found.chains.iter().any(|chain| !chain.is_ours);
    if is_doubtful { Exit::Rows } else { Exit::Ok }
}

fn tell(desk: &Desk, found: &Verified) {
    if found.chains.is_empty() {
        desk.ui.say("Nothing has been written to the audit yet.");
    }
    found.chains.iter().for_each(|chain| tell_chain(desk, chain));
    if found.foreign_checkpoints > 0 {
        desk.ui.wrong(&format!(
            "{} made with another key, or altered; not used.",
            some(found.foreign_checkpoints, "checkpoint was", "checkpoints were")
        ));
    }
}

fn tell_chain(desk: &Desk, chain: &ChainVerified) {
    let name = &chain.chain[..chain.chain.len().min(8)];
    let records = some(chain.records, "record", "records");
    if !chain.is_ours {
        return desk.ui.wrong(&format!(
            "Chain {name}: {records} of another audit key; what became of them can't be told here."
        ));
    }
    if let Some(broken) = &chain.broken_at {
        return desk.ui.wrong(&format!(
            "Chain {name}: BROKEN at record {}: {}.",
            broken.number,
            words(broken.fault)
        ));
    }
    desk.ui.data(&format!("Chain {name}: {records}, each as it was written.\n"));
    desk.ui.data(&match &chain.checkpoint {
        None => "No checkpoint: a holder of the audit key could have forged all of them.\n".to_owned(),
        Some(checkpoint) => format!(
            "The last checkpoint is of {} and covers {} of them; a holder of the audit key could have forged {}, and, \
             where he can write to the checkpoints, all.\n",
            checkpoint.at,
            chain.covered(),
            match chain.records - chain.covered() {
                0 => "none".to_owned(),
                n => format!("the last {n}"),
            },
        ),
    });
}

fn some(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

const fn words(fault: Fault) -> &'static str {
    match fault {
        Fault::Altered => "it, its number or what comes before it is not as it was written",
        Fault::Missing => "it is not there, though later ones are",
        Fault::IndexAltered => "its columns say otherwise than itself",
        Fault::CutOff => "it and all after it are not there",
        Fault::HeadAltered => "how many there are was altered",
        Fault::PersonAltered => "who stands behind a pseudonym was altered",
        Fault::NotAsCheckpointed => {
            "a checkpoint says otherwise: an older copy of the store was brought back, or somebody with the audit key wrote \
             it anew"
        }
        Fault::ChainMissing => {
            "a checkpoint names this chain, and it is not in this store (another store with the same state folder?)"
        }
    }
}

fn value(found: &Verified) -> Value {
    let chain = |chain: &ChainVerified| {
        let broken = chain.broken_at.as_ref();
        json!({
            "chain": chain.chain, "is_ours": chain.is_ours, "records": chain.records,
            "broken_at": broken.map(|broken| broken.number), "fault": broken.map(|broken| broken.fault),
            "checkpoint": chain.checkpoint.as_ref().map(|it| json!({"at": it.at, "records": it.records})),
            "covered": chain.covered(),
        })
    };
    json!({
        "schema": "oathctl.audit-verify/1", "records": found.records,
        "is_whole": exit(found) == Exit::Ok, "foreign_checkpoints": found.foreign_checkpoints,
        "chains": found.chains.iter().map(chain).collect::<Vec<_>>(),
    })
}
