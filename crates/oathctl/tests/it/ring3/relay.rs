//! A wire between the program and a server: the tenant's, or the store's. It keeps what the program sends, so that the leak
//! tests look for the access tokens and codes that were really used; it counts the pieces that pass, and can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::looks::Count;

/// Listens on loopback; its threads end with their connections.
pub struct Relay {
    pub address: SocketAddr,
    /// The pieces that passed, both ways; a deed at one of them is done before it goes on.
    pub pieces: Arc<Count>,
    sent: Arc<Mutex<Vec<u8>>>,
    scissors: Arc<Scissors>,
}

/// What cuts a wire, from anywhere.
#[derive(Default)]
pub struct Scissors {
    is_cut: AtomicBool,
    live: Mutex<Vec<TcpStream>>,
}

impl Scissors {
    /// Ends every connection, and every new one at once.
    pub fn cut(&self) {
        let mut live = self.live.lock().unwrap();
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in live.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets connections pass again.
    pub fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }

    /// A connection that has come; false where it may not pass.
    fn lets(&self, client: &TcpStream) -> bool {
        let mut live = self.live.lock().unwrap();
        let passes = !self.is_cut.load(Ordering::SeqCst);
        if passes {
            live.push(client.try_clone().unwrap());
        }
        passes
    }
}

impl Relay {
    /// To a server at `host:port`.
    pub fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self {
            address: listener.local_addr().unwrap(),
            pieces: Arc::default(),
            sent: Arc::default(),
            scissors: Arc::default(),
        };
        let (sent, server) = (Arc::clone(&relay.sent), server.to_owned());
        let (pieces, scissors) = (Arc::clone(&relay.pieces), Arc::clone(&relay.scissors));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if !scissors.lets(&client) {
                    continue;
                }
                let server = TcpStream::connect(&server).unwrap();
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let sent = Arc::clone(&sent);
                let (there, here) = (Arc::clone(&pieces), Arc::clone(&pieces));
                std::thread::spawn(move || {
                    pass(client, server, |part| {
                        sent.lock().unwrap().extend(part);
                        there.step();
                    });
                });
                std::thread::spawn(move || pass(back.0, back.1, |_| here.step()));
            }
        });
        relay
    }

    /// What cuts it.
    pub fn scissors(&self) -> Arc<Scissors> {
        Arc::clone(&self.scissors)
    }

    /// Everything it sent.
    pub fn sent(&self) -> Vec<u8> {
        self.sent.lock().unwrap().clone()
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
