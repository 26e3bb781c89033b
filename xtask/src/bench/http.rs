//! One HTTP/1.1 call to a loopback address, JSON in and out, a connection a call: enough for control routes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longest wait for bytes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls `url` (`http://ADDRESS:PORT/…`) and gives the answer's JSON if its status is a 2xx.
pub fn call(method: &str, url: &str, body: Option<&Value>) -> Result<Value, String> {
    let fault = |why: String| format!("{method} {url}: {why}.");
    let (address, path) = parts(url).ok_or_else(|| fault("no loopback URL".into()))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(address, request.as_bytes()).map_err(|why| fault(why.to_string()))?;
    read(&answer).map_err(fault)
}

fn parts(url: &str) -> Option<(SocketAddr, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (address, path) = rest.split_at(rest.find('/')?);
    let address: SocketAddr = address.parse().ok()?;
    address.ip().is_loopback().then_some((address, path))
}

fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The body of an answer that ended with its connection.
fn read(answer: &[u8]) -> Result<Value, String> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("it broke off")?;
    let (head, body) = (&answer[..end], &answer[end + 4..]);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if head.contains("\r\ntransfer-encoding:") {
        return Err("it came in pieces, which is not understood here".into());
    }
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        return Err(format!("it answered {status}: {}", String::from_utf8_lossy(body)));
    }
    serde_json::from_slice(body).map_err(|why| format!("its answer is not JSON: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_called() {
        assert_eq!(parts("http://127.0.0.1:80/_sim/stats").unwrap().1, "/_sim/stats");
        for other in
            ["https://127.0.0.1:80/x", "http://192.0.2.1:80/x", "http://localhost/x", "http://127.0.0.1:80"]
        {
            assert!(parts(other).is_none(), "{other}");
        }
    }

    #[test]
    fn an_answer_is_read_or_refused_with_its_words() {
        assert_eq!(read(b"HTTP/1.1 201 Created\r\na: b\r\n\r\n{\"n\":1}").unwrap()["n"], 1);
        assert!(
            read(b"HTTP/1.1 400 Bad Request\r\na: b\r\n\r\nno such").unwrap_err().contains("400: no such")
        );
        assert!(read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n").is_err());
        assert!(read(b"HTTP/1.1 200 OK\r\n").is_err());
    }
}
