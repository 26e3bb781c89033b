//! Microsoft Entra: sign-in, one-shot HTTP, the Graph back end.
//!
//! Owns: where access tokens and seeds may go ([`endpoint`]), how one request is sent ([`transport`],
//! [`http_reqwest`]), whose certificates are believed ([`tls`]), how we sign in ([`signin`]), and what Graph looks
//! like on the wire ([`graph`]).
//! Does not own: any decision about a token, any repetition of a write (a 401 apart), any store.
//!
//! # Who reads along (H20)
//!
//! A certificate that the operating system does not accept ends the connection; nothing can change that. One
//! that it accepts, but whose chain ends in no public root, is told by [`tls::Trust`]. Whoever wires this crate
//! gates on it: take [`http_reqwest::HttpTransport::trust`] before the transport is shared, and after
//! `identity()` (by then both hosts have shown their certificates) and before the first write ask
//! [`tls::Trust::inspected`]. `Some(issuer)` without the user's `--allow-inspected-tls` is exit 7, naming issuer
//! and flag; with it, set [`graph::GraphSettings::allow_inspected_tls`] and write the issuer to the audit.
//! Behind that gate the back end guards itself, also where an inspection begins in the middle of a run: creations
//! are answered `Refused` and activations `NotSent` (a refusal would count as a code that was judged), both with
//! the code `tls_inspected`. [`transport::PublicRootOnly`] marks their requests, and no connection to a private
//! root comes about for one of them.
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
pub mod tls;
pub mod transport;
