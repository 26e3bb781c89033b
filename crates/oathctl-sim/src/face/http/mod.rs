//! The tenant over HTTP: sign-in (`/{tenant}/oauth2/v2.0/…`), Graph (`/beta/…`) and control (`/_sim/…`).
//!
//! One entry takes every request: Graph's paths ignore case, so the way is found by `graph`, not by the router. A
//! request is read, struck by faults (`strike`), and worked on under the lock in one go. To add a Graph resource: a
//! module with a `route` function and one line in `graph::resource`.

mod answer;
mod auth;
mod batch;
mod bulk;
mod call;
mod control;
mod directory;
mod filter;
mod graph;
mod inventory;
mod login;
mod methods;
mod other_methods;
mod page;
mod policy;
mod search;
mod stats;
mod strike;
mod users;
mod wire;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};

pub use stats::ConnectionCount;
pub use strike::SimFault;

use crate::Sim;
use call::{Call, Realm};

/// Larger bodies are refused; Graph takes 4 MB.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// What the face keeps beside the world: who is signed in, and what was counted.
pub(crate) struct Face {
    sim: Sim,
    sessions: Mutex<auth::Sessions>,
    stats: stats::Stats,
}

/// The whole tenant as an axum router, to be served or called in process.
pub fn router(sim: Sim) -> Router {
    counted_router(sim, ConnectionCount::default())
}

/// The same, with a counter of connections that the server keeps.
pub(crate) fn counted_router(sim: Sim, connections: ConnectionCount) -> Router {
    let stats = stats::Stats::new(connections);
    let face = Arc::new(Face { sim, sessions: Mutex::default(), stats });
    Router::new().fallback(entry).with_state(face)
}

async fn entry(State(face): State<Arc<Face>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let call = Call::new(&parts, body);
    match call.realm() {
        Realm::Control => control::answer(&face, &call),
        Realm::Login | Realm::Graph => {
            let _flight = face.stats.enter(&call);
            strike::answer(&face, &call).await
        }
        Realm::Nothing => plain(StatusCode::NOT_FOUND),
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
