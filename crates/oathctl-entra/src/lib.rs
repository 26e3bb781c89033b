//! Microsoft Entra: sign-in, one-shot HTTP, the Graph back end.
//!
//! Owns: where access tokens and seeds may go ([`endpoint`]), how one request is sent ([`transport`],
//! [`http_reqwest`]), how we sign in ([`signin`]), and what Graph looks like on the wire ([`graph`]).
//! Does not own: any decision about a token, any repetition of a write (a 401 apart), any store.
//!
//! To add a way to sign in: one module under [`signin`] that implements [`signin::Credential`].
//! To add a back end: one folder beside [`graph`] that implements core's two tenant traits.

pub mod counters;
mod dates;
pub mod endpoint;
mod fault;
pub mod graph;
pub mod http_reqwest;
mod pacing;
mod remote;
mod retry_after;
pub mod secret;
pub mod signin;
#[cfg(test)]
mod testing;
pub mod transport;
