//! Ring 3: the program as it is shipped, real HTTP, real SQLite, real signals, the machine's own clock. The practice
//! tenant lives in the test's process, so that its looks at the clock tell when to strike, and what is true.
//!
//! [`looks`] strikes at a look of the tenant, [`practice`] serves it, [`process`] is the program, [`exact`] says what must
//! hold, [`life`] goes on until a run has ended. The tests: [`kills`], [`torn`], [`ends`], [`from_vault`], [`stops`],
//! [`leak`], [`memory`]; over all commands and both databases ([`server`]) [`storm`] with [`drawer`] and [`deeds`],
//! [`away`], [`two`], [`kept`].
#![cfg(unix)]

mod away;
mod deeds;
mod drawer;
mod ends;
mod exact;
mod from_vault;
mod kept;
mod kills;
mod leak;
mod life;
mod looks;
mod memory;
mod practice;
mod process;
mod relay;
mod server;
mod stops;
mod storm;
mod torn;
mod two;
mod wire;
