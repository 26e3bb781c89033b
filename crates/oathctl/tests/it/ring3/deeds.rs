//! What a helpdesk does, by the dice: one command each, with what must be true after it.

use oathctl_sim::rng::Rng;

use super::drawer::{At, Drawer, PEOPLE, TOKENS};
use super::practice::{HEADER, row, upn};

/// One command.
pub struct Deed {
    pub kind: Kind,
    pub line: String,
    /// Where every token is after it.
    pub tokens: Vec<At>,
    /// What else changes.
    pub also: Also,
}

/// What a deed changes beside the tenant.
#[derive(Clone, Debug)]
pub enum Also {
    Nothing,
    Lost(usize),
    Found(usize),
    Kept(Vec<String>),
    Forgotten(String),
    Opens(String),
    OpensNoMore(String),
    Copied(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Keep,
    Assign,
    Replace,
    Lost,
    Found,
    Release,
    Unassign,
    Deactivate,
    Activate,
    Reseed,
    Delete,
    Rename,
    Import,
    Forget,
    Rekey,
    AddUnlocker,
    RemoveUnlocker,
    Backup,
}

pub const KINDS: [Kind; 18] = [
    Kind::Keep,
    Kind::Assign,
    Kind::Replace,
    Kind::Lost,
    Kind::Found,
    Kind::Release,
    Kind::Unassign,
    Kind::Deactivate,
    Kind::Activate,
    Kind::Reseed,
    Kind::Delete,
    Kind::Rename,
    Kind::Import,
    Kind::Forget,
    Kind::Rekey,
    Kind::AddUnlocker,
    Kind::RemoveUnlocker,
    Kind::Backup,
];

impl Kind {
    /// The tenant is asked to change something, in a run.
    pub fn is_run(self) -> bool {
        self <= Self::Rename && self != Self::Found
    }
}

/// The command of this kind that makes sense now, if any does.
pub fn deed(drawer: &mut Drawer, kind: Kind, dice: &mut Rng) -> Option<Deed> {
    let tokens = drawer.tokens.clone();
    let of = |fits: &dyn Fn(At) -> bool| -> Vec<usize> {
        (0..TOKENS).filter(|n| fits(tokens[*n]) && !drawer.lost.contains(n)).collect()
    };
    let free = of(&|at| matches!(at, At::Out | At::Stock));
    let held = of(&|at| matches!(at, At::With(..)));
    let active = of(&|at| matches!(at, At::With(_, true)));
    let idle = of(&|at| matches!(at, At::With(_, false)));
    let stock = of(&|at| at == At::Stock);
    let out = of(&|at| at == At::Out);
    let without: Vec<usize> =
        (0..PEOPLE).filter(|who| !tokens.iter().any(|at| matches!(at, At::With(w, _) if w == who))).collect();
    let mut pick = |from: &[usize]| Drawer::any(dice, from);
    let mut after = tokens.clone();
    let mut also = Also::Nothing;
    let mut with = |n: usize, at: At| after[n] = at;
    let holder = |n: usize| if let At::With(who, _) = tokens[n] { who } else { PEOPLE };
    let serial = |n: usize| drawer.devices[n].serial.clone();
    let line = match kind {
        Kind::Keep => {
            let (n, who) = (pick(&out)?, pick(&without)?);
            let text = format!("{HEADER}{}", row(&drawer.devices[n], &upn(who)));
            drawer.practice.write(&format!("one{n}-{who}.csv"), &text);
            with(n, At::With(who, true));
            format!("activate one{n}-{who}.csv --keep")
        }
        Kind::Assign => {
            let (n, who) = (pick(&free)?, pick(&without)?);
            with(n, At::With(who, true));
            format!("tokens assign {} {}", serial(n), upn(who))
        }
        Kind::Replace | Kind::Lost => {
            let (old, new) = (pick(&active)?, pick(&free)?);
            with(old, At::Stock);
            with(new, At::With(holder(old), true));
            let lost = if kind == Kind::Lost { " --lost --no-revoke-sessions" } else { "" };
            also = if kind == Kind::Lost { Also::Lost(old) } else { Also::Nothing };
            format!("tokens replace {} --with {} --in-hand{lost}", serial(old), serial(new))
        }
        Kind::Found => {
            let n = *drawer.lost.first()?;
            also = Also::Found(n);
            format!("tokens found {}", serial(n))
        }
        Kind::Release | Kind::Unassign => {
            let n = pick(&held)?;
            with(n, At::Stock);
            format!("tokens {} {}", if kind == Kind::Release { "release" } else { "unassign" }, serial(n))
        }
        Kind::Deactivate => {
            let n = pick(&active)?;
            with(n, At::With(holder(n), false));
            format!("tokens deactivate {}", serial(n))
        }
        Kind::Activate => {
            let n = pick(&idle)?;
            with(n, At::With(holder(n), true));
            format!("tokens activate {}", serial(n))
        }
        Kind::Reseed => format!("tokens reseed {}", serial(pick(&active)?)),
        Kind::Delete => {
            let n = pick(&stock)?;
            with(n, At::Out);
            format!("tokens delete {}", serial(n))
        }
        Kind::Rename => format!("tokens rename {} shelf-7", serial(pick(&stock)?)),
        Kind::Import => {
            let name = format!("extra{}.csv", drawer.files);
            also = Also::Kept(drawer.extra_file(&name));
            format!("vault import {name} --batch box-{}", drawer.files)
        }
        Kind::Forget => {
            let serial = drawer.extras.first()?.clone();
            also = Also::Forgotten(serial.clone());
            format!("vault forget {serial}")
        }
        Kind::Rekey => "vault rekey".to_owned(),
        Kind::AddUnlocker => {
            drawer.files += 1;
            let name = format!("more{}", drawer.files);
            also = Also::Opens(name.clone());
            format!("vault unlocker add {name} --new-key-file {name}.key")
        }
        Kind::RemoveUnlocker => {
            let name = drawer.unlockers.first()?.clone();
            also = Also::OpensNoMore(name.clone());
            format!("vault unlocker remove {name}")
        }
        Kind::Backup => {
            drawer.files += 1;
            let name = format!("copy{}", drawer.files);
            also = Also::Copied(name.clone());
            format!("store backup {name} --together")
        }
    };
    let yes = if matches!(kind, Kind::Import | Kind::Backup | Kind::AddUnlocker | Kind::Found) {
        ""
    } else {
        " --yes"
    };
    let report = if kind.is_run() { " --report report.json" } else { "" };
    Some(Deed { kind, line: format!("{line}{yes}{report}"), tokens: after, also })
}
