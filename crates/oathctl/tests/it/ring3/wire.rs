//! One call of the practice tenant's control routes, by hand.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// Posts to `/_sim{path}` and gives the answer's body.
pub fn control(authority: &str, path: &str, body: &Value) -> Value {
    let (host, body) = (authority.strip_prefix("http://").unwrap(), body.to_string());
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!("POST /_sim{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    let head = format!("{head}content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}
