//! Ring 3: the program as it is shipped, real HTTP, real SQLite, real signals, the machine's own clock. The practice
//! tenant lives in the test's process, so that its looks at the clock tell when to strike, and what is true.
//!
//! [`looks`] strikes at a look of the tenant, [`practice`] serves it, [`process`] is the program, [`exact`] says what must
//! hold, [`life`] goes on until a run has ended. The tests: [`kills`], [`torn`], [`ends`], [`from_vault`], [`stops`],
//! [`leak`], [`memory`].
#![cfg(unix)]

mod ends;
mod exact;
mod from_vault;
mod kills;
mod leak;
mod life;
mod looks;
mod memory;
mod practice;
mod process;
mod relay;
mod search;
mod stops;
mod torn;
mod wire;
