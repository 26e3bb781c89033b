//! Where a test's store lies: in the state folder, or on the server of the tests behind a wire that counts and can be cut.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::practice::Practice;
use super::relay::Relay;

/// The server of the tests; without it they say so and pass.
#[expect(clippy::disallowed_methods, reason = "only the environment knows where the server is")]
fn server() -> Option<String> {
    let server = std::env::var("OATHCTL_TEST_POSTGRES").ok();
    if server.is_none() {
        let left_out =
            "PostgreSQL left out: OATHCTL_TEST_POSTGRES names no server (`cargo xtask test` starts one).";
        let _ = writeln!(std::io::stdout().lock(), "{left_out}");
    }
    server
}

/// A schema of its own on that server, and the wire to it.
pub struct Served {
    pub relay: Arc<Relay>,
    pub location: String,
}

impl Served {
    /// `None` where there is no server.
    pub fn fresh() -> Option<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let server = server()?;
        let (user, rest) = server.strip_prefix("postgres://").unwrap().split_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        let relay = Arc::new(Relay::to(host));
        let schema = format!("ring3_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let location = format!("postgres://{user}@{}/{database}?schema={schema}", relay.address);
        Some(Self { relay, location })
    }

    /// The store of this tenant's commands lies there.
    pub fn holds(&self, practice: &mut Practice) {
        practice.env.insert("OATHCTL_STORE".into(), self.location.clone());
    }
}
