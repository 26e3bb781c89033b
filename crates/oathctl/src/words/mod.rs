//! Everything people read about rows, files and tenants, in whole sentences.
//!
//! Owns: the step from data ([`Reason`](oathctl_core::reason::Reason), decisions, refusals of the gate, ends of a
//! run, errors of the tenant) to a message (what is) and an advice (what to do next); the pages of
//! `oathctl explain`; `docs/reasons.md`, which a test writes from the same pages. Does not own: what is shown where,
//! nor any rule. JSON is always English ([`en`]); another language is another folder beside it.
//!
//! House words: a token is the device, the bearer is an access token, its secret is the seed, its digits are the
//! code. Messages say what is and never blame; every advice names something that can be done now. Foreign text is
//! stripped and, where it could be a seed, not shown ([`en::foreign`]).
//!
//! To add a reason: its line in the core's catalogue, then a page here in the file of its class, then an arm in
//! `en/reason.rs`. The compiler asks for the arm, a test for the page.

pub mod en;

pub use en::ask;
pub use en::codes;
pub use en::decision::decision;
pub use en::explain::{all_words, explain, explain_value, index};
pub use en::gate::gate_refusal;
pub use en::outcome::{outcome, proof};

pub use en::reason::{Way, advice, advice_for, message};
pub use en::remote::remote;
pub use en::stopped::stopped;
pub use en::tenant_error::tenant_error;
