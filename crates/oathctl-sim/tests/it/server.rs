//! The server on a real loopback socket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use oathctl_sim::server::{LoopbackListener, Ready, serve};
use oathctl_sim::time::ManualTime;
use oathctl_sim::{Setup, Sim};
use tokio::sync::oneshot;

use crate::support::START;

/// Serves in a thread of its own while `f` talks to it with plain sockets.
fn served(options: &[(&str, &str)], f: impl FnOnce(&Ready)) {
    let mut setup = Setup::default();
    for (key, value) in options {
        setup.options.set(key, value).unwrap();
    }
    let sim = Sim::new(setup, Arc::new(ManualTime::at(START)));
    let listener = LoopbackListener::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let ready = Ready::new(&sim, listener.address().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let stopped = async { stopped.await.unwrap_or(()) };
        runtime.block_on(serve(listener, sim, stopped)).unwrap();
    });
    f(&ready);
    let _gone = stop.send(());
    server.join().unwrap();
}

fn ask(ready: &Ready, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(ready.authority.trim_start_matches("http://"))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn answers_on_loopback_and_counts_connections() {
    served(&[], |ready| {
        let text = ask(ready, "/beta/organization").unwrap();
        assert!(text.starts_with("HTTP/1.1 401") && text.contains("InvalidAuthenticationToken"), "{text}");
        assert!(text.contains("date: Sun, 22 Nov 2026 03:40:00 GMT"), "the tenant's own date: {text}");
        assert!(ask(ready, "/_sim/stats").unwrap().contains("\"connections\":2"));
        let line = serde_json::to_value(ready).unwrap();
        assert_eq!(line["schema"], "oathctl.sim/1");
        assert!(line["portal_url"].is_null());
    });
}

#[test]
fn a_lost_reply_is_a_broken_connection() {
    served(&[("p_lost", "1")], |ready| {
        let answer = ask(ready, "/beta/organization");
        assert!(answer.map_or(true, |text| text.is_empty()));
    });
}

#[test]
fn no_other_address_than_loopback() {
    assert!(LoopbackListener::bind(([0, 0, 0, 0], 0).into()).is_err());
    let elsewhere = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    assert!(LoopbackListener::take(elsewhere).is_err());
}
