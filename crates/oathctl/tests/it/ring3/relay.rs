//! A wire between the program and the tenant that keeps what the program sends: the access tokens and codes that the leak
//! test looks for are those that were really used.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Listens on loopback; its threads end with their connections.
pub struct Relay {
    pub address: SocketAddr,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Relay {
    /// To a server at `host:port`.
    pub fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self { address: listener.local_addr().unwrap(), sent: Arc::default() };
        let (sent, server) = (Arc::clone(&relay.sent), server.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(&server).unwrap();
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let sent = Arc::clone(&sent);
                std::thread::spawn(move || pass(client, server, |part| sent.lock().unwrap().extend(part)));
                std::thread::spawn(move || pass(back.0, back.1, |_| ()));
            }
        });
        relay
    }

    /// Every access token it sent.
    pub fn access_tokens(&self) -> Vec<String> {
        self.after("Bearer ", |c| !c.is_whitespace())
    }

    /// Every code it sent.
    pub fn codes(&self) -> Vec<String> {
        self.after("\"verificationCode\":\"", |c| c.is_ascii_digit())
    }

    fn after(&self, mark: &str, belongs: impl Fn(char) -> bool) -> Vec<String> {
        let sent = String::from_utf8_lossy(&self.sent.lock().unwrap()).into_owned();
        let found = sent.split(mark).skip(1).map(|rest| rest.chars().take_while(|c| belongs(*c)).collect());
        let mut found: Vec<String> = found.collect();
        found.sort();
        found.dedup();
        found
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, keep: impl Fn(&[u8])) {
    let mut buffer = [0; 16_384];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        keep(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
