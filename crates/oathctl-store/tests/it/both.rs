//! What lets one test run on both databases. The tests inside the crate use this file too.
//!
//! `on_both!(a, b)` makes of `async fn a(desk: Desk)` the tests `sqlite::a` and `postgres::a`. The latter need a
//! server: `cargo xtask test` starts one and names it in `OATHCTL_TEST_POSTGRES`. Without it they say so and pass.

use std::io::Write;

/// The server of the tests: `postgres://USER@HOST:PORT/DATABASE`, whose user may do anything.
#[expect(
    clippy::disallowed_methods,
    reason = "only the environment knows where the server is, and a test may say so"
)]
pub fn server() -> Option<String> {
    let server = std::env::var("OATHCTL_TEST_POSTGRES").ok();
    if server.is_none() {
        let left_out =
            "PostgreSQL left out: OATHCTL_TEST_POSTGRES names no server (`cargo xtask test` starts one).";
        let _ = writeln!(std::io::stdout().lock(), "{left_out}");
    }
    server
}

/// A location on that server, in a schema that is there for this folder's test alone.
pub fn fresh(folder: &std::path::Path) -> Option<String> {
    let name = folder.file_name()?.to_string_lossy().into_owned();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(format!("{}?schema=t{}_{}", server()?, std::process::id(), name.to_lowercase()))
}

macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Desk::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(desk) = super::Desk::postgres() {
                    super::$name(desk).await;
                }
            })+
        }
    };
}

pub(crate) use on_both;
