//! Serves a practice tenant on loopback and prints the ready line:
//! `cargo run -p oathctl-sim --example serve -- [PORT] [PEOPLE] [KEY=VALUE …]`.
#![expect(clippy::disallowed_methods, reason = "a program of its own: it has arguments, a clock, a terminal")]

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use oathctl_sim::server::{LoopbackListener, Ready, serve};
use oathctl_sim::time::TokioTime;
use oathctl_sim::{Setup, Sim};

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |p| p.parse())?;
    let mut setup = Setup { people: arguments.next().map_or(Ok(100), |p| p.parse())?, ..Setup::default() };
    for pair in arguments {
        let (key, value) = pair.split_once('=').ok_or("KEY=VALUE is needed")?;
        setup.options.set(key, value)?;
    }
    let base = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let sim = Sim::new(setup, Arc::new(TokioTime::starting_at(base)));
    let listener = LoopbackListener::bind(([127, 0, 0, 1], port).into())?;
    let ready = Ready::new(&sim, listener.address()?);
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&ready)?)?;
    serve(listener, sim, std::future::pending()).await?;
    Ok(())
}
