//! The mission: from a table of rows to a tenant in which every row is where it should be, and the truth about it.
//!
//! Owns: codes ([`otp`]), the table of rows and its checks ([`table`], [`check`]), the tenant port ([`tenant`]),
//! planning ([`plan`], [`gate`]), the engine ([`engine`]), pacing ([`pace`]), reasons, events, the report.
//! Does not own: sockets, databases, terminals, the environment, any clock or source of randomness. Those come
//! in through ports.

pub mod check;
pub mod engine;
pub mod event;
pub mod fault;
pub mod gate;
pub mod journal;
mod methods;
pub mod offset;
pub mod otp;
pub mod pace;
pub mod place;
pub mod plan;
pub mod reason;
pub mod report;
pub mod seed;
pub mod snapshot;
pub mod stop;
pub mod table;
pub mod tenant;
pub mod time;
pub mod token;
