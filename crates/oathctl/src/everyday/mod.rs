//! The everyday life of a token: what a command or a page asks, walked like the main job.
//!
//! Owns: [`Request`] and its walk: request → rows → table without seeds → plan → consent → run. One file a step:
//! [`resolve`] finds out which tokens and people are meant, [`sheet`] makes the table, [`seeds`] lends what the vault
//! holds, [`said`] has the sentences of the question, [`memory`] what this store remembers. Does not own: any rule
//! (`oathctl-core` plans and refuses), any flag ([`crate::cli`] parses into requests).

mod again;
mod leavers;
mod list;
mod memory;
mod replace;
mod request;
mod resolve;
mod said;
mod seeds;
mod sheet;

use std::collections::BTreeMap;

use oathctl_core::engine::resume::Carried;
use oathctl_core::plan::{Plan, UpTo};
use oathctl_core::report::Exit;
use oathctl_core::table::RowId;
use oathctl_core::token::{Mark, RunId};
use oathctl_store::Store;

use crate::cli::Unlock;
use crate::failure::Failure;
use crate::walk::{Attempt, Beside, Delivery, Order, Recorded, Walk};

use crate::words::en::everyday;
use crate::words::en::foreign::clean;

pub use again::go_on;
pub use list::{People, read as read_list, read_pairs};
pub use memory::{found, marks, note_run, who};
pub use request::{About, Named, Replace, Request, Successor, TakeOut, Verb, Who};
pub use said::after as said_after;
pub use seeds::hand_out;

use sheet::Sheet;

/// Walks a request from its tokens to its report.
pub fn carry(
    attempt: &Attempt<'_>,
    request: Request,
    unlock: &Unlock,
    to: &Delivery,
) -> Result<Exit, Failure> {
    let desk = attempt.desk;
    let settings = desk.settings()?;
    attempt.may_write()?;
    desk.block_on(async {
        let walk = Walk::begin(desk, settings, attempt).await?;
        let (_lock, store) = walk.open_store().await?;
        let resolved = resolve::resolve(&walk, &store, &request).await?;
        resolved.notes.iter().for_each(|note| desk.ui.show(note));
        if request.verb == Verb::Assign && request.options.up_to == UpTo::Assigned {
            let serials: Vec<String> = resolved.rows.iter().map(|row| clean(&row.named.serial)).collect();
            desk.ui.show(&everyday::until_in_hand(&serials));
        }
        let recorded = recorded(&walk, &request, &resolved);
        let sheet = sheet::of_rows(&store, &request, &resolved.rows).await?;
        attempt.read(&sheet.loaded, &recorded);
        let supersedes = walk.replaces(&store, &sheet.loaded, Some(request.verb.word())).await?;
        let begun = Begun { supersedes, first_only: request.first_only, ..Begun::default() };
        through(&walk, &store, sheet, (recorded, begun, &resolved.marked), unlock, to).await
    })
}

fn recorded(walk: &Walk<'_>, request: &Request, resolved: &resolve::Resolved) -> Recorded {
    let mut plan = request.options.clone();
    plan.custom_endpoint.clone_from(&walk.settings.custom_endpoint);
    plan.up_to = resolved.up_to.unwrap_or(plan.up_to);
    Recorded {
        command: format!("tokens {}", request.verb.word()),
        verb: Some(request.verb.word().to_owned()),
        strict: request.strict,
        yes: walk.desk.global.yes,
        plan,
        limits: request.limits,
        ..Recorded::default()
    }
}

/// A fresh plan, and what earlier runs left behind for its rows.
type Adopt = dyn Fn(Plan) -> (Plan, BTreeMap<RowId, Carried>) + Send + Sync;

/// What a walk goes on with; nothing, when it is new.
#[derive(Default)]
struct Begun {
    resumes: Option<RunId>,
    supersedes: Option<RunId>,
    /// Nobody gets a second token.
    first_only: bool,
    /// Bends a fresh plan to what was begun.
    adopt: Option<Box<Adopt>>,
}

/// Plan, seeds, question, run: the same for a new request and for one that is gone on with.
async fn through(
    walk: &Walk<'_>,
    store: &Store,
    mut sheet: Sheet,
    (recorded, begun, marked): (Recorded, Begun, &[(String, Mark)]),
    unlock: &Unlock,
    to: &Delivery,
) -> Result<Exit, Failure> {
    let desk = walk.desk;
    let (options, limits) = (&recorded.plan, recorded.limits);
    let mut snapshot = walk.read_concerned(&sheet.loaded, options).await?;
    memory::see(walk, store, &snapshot).await?;
    sheet.fill(&mut snapshot).iter().for_each(|open| desk.ui.wrong(open));
    let marks = memory::marks(store, &walk.identity.tenant).await?;
    let plan_now = |sheet: &Sheet| {
        let (wishes, marks, held) = (sheet.wishes.clone(), marks.clone(), sheet.held());
        let beside = Beside { wishes, marks, held, ..Beside::default() };
        let plan = walk.plan_from(&sheet.loaded, &snapshot, options, limits, beside);
        match &begun.adopt {
            Some(adopt) => adopt(plan),
            None => (plan, BTreeMap::new()),
        }
    };
    let (mut plan, mut carried) = plan_now(&sheet);
    let (lent, mut vault) = seeds::lend(walk, store, &sheet, (&plan, &carried), unlock).await?;
    if seeds::drop_lacking(desk, &mut sheet, &lent) {
        (plan, carried) = plan_now(&sheet);
    }
    // A run of a file is refused by its own faults before it begins, not by what the vault lacks later.
    if recorded.verb.is_some() {
        walk.is_strict(&plan, &recorded)?;
    }
    if begun.first_only {
        walk.is_first(&snapshot, &plan)?;
    }
    let yes = desk.global.yes || (begun.resumes.is_some() && recorded.yes && !desk.ui.terminals().can_ask());
    let names = memory::names(store, &plan, &snapshot).await?;
    walk.consent_in_words(&snapshot, &plan, yes, &said::before(&plan, &snapshot, &names)).await?;
    // On the disk before anything is sent: whatever happens now, nothing revives it (H15).
    memory::mark(walk, store, &snapshot, marked).await?;
    let order = Order {
        loaded: &sheet.loaded,
        seeds: &lent,
        plan,
        digest: None,
        snapshot: &snapshot,
        resumes: begun.resumes.clone(),
        supersedes: begun.supersedes.clone(),
        carried,
        recorded,
    };
    walk.carry_out_of(store, order, to, vault.as_mut()).await
}

/// How far a token goes that is given.
const fn up_to(in_hand: bool) -> UpTo {
    if in_hand { UpTo::Activated } else { UpTo::Assigned }
}
