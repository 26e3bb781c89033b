//! The real transport against tiny servers: what counts as not sent, what as lost, and that nothing is repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const PLENTY: Duration = Duration::from_secs(30);

fn request(url: String) -> http::Request<Bytes> {
    http::Request::post(url).body(Bytes::from_static(b"{}")).unwrap()
}

async fn send(url: String, timeout: Duration) -> Result<http::Response<Bytes>, TransportError> {
    HttpTransport::new(PLENTY).send(request(url), timeout).await
}

/// Reads one request head and its two-byte body.
async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    let mut part = [0; 1024];
    loop {
        let read = socket.read(&mut part).await.ok().filter(|n| *n > 0)?;
        text.extend_from_slice(&part[..read]);
        if text.ends_with(b"\r\n\r\n{}") {
            return String::from_utf8(text).ok();
        }
    }
}

/// A server that treats every connection alike, and how many requests it has seen.
async fn server<F, Fut>(serve: F) -> (String, Arc<AtomicUsize>)
where
    F: Fn(TcpStream, Arc<AtomicUsize>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve(socket, Arc::clone(&counted)));
        }
    });
    (url, seen)
}

async fn answer_once(mut socket: TcpStream, seen: Arc<AtomicUsize>, reply: &'static str) {
    while read_request(&mut socket).await.is_some() {
        seen.fetch_add(1, Ordering::SeqCst);
        let _ = socket.write_all(reply.as_bytes()).await;
    }
}

fn not_sent(result: Result<http::Response<Bytes>, TransportError>) -> (Broke, &'static str) {
    match result {
        Err(TransportError::NotSent { kind, detail }) => (kind, detail),
        other => panic!("{other:?}"),
    }
}

fn lost(result: Result<http::Response<Bytes>, TransportError>) -> Broke {
    match result {
        Err(TransportError::Lost { kind, .. }) => kind,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_reply_comes_back_whole() {
    let (url, _) = server(|socket, seen| {
        answer_once(socket, seen, "HTTP/1.1 418 T\r\ncontent-length: 2\r\nx-a: b\r\n\r\nok")
    })
    .await;
    let reply = send(url, PLENTY).await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.body().as_ref()), (418, b"ok".as_slice()));
    assert_eq!(reply.headers()["x-a"], "b");
}

#[tokio::test]
async fn h20_redirects_come_back_as_they_are() {
    let (url, seen) = server(|socket, seen| {
        answer_once(socket, seen, "HTTP/1.1 307 R\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")
    })
    .await;
    assert_eq!(send(url, PLENTY).await.unwrap().status().as_u16(), 307);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn refused_connections_are_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(not_sent(send(url, PLENTY).await), (Broke::Connect, "refused"));
}

#[tokio::test]
async fn names_that_do_not_exist_are_not_sent() {
    let (kind, _) = not_sent(send("https://nowhere.invalid/x".into(), PLENTY).await);
    assert_eq!(kind, Broke::Dns);
}

#[tokio::test]
async fn plain_http_to_other_hosts_is_not_sent() {
    assert_eq!(not_sent(send("http://nowhere.invalid/x".into(), PLENTY).await).0, Broke::Request);
}

#[tokio::test]
async fn a_server_without_tls_is_not_sent() {
    let (url, _) = server(|mut socket, _| async move {
        let mut part = [0; 16_384];
        let _ = socket.read(&mut part).await;
        let _ = socket.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await;
    })
    .await;
    assert_eq!(not_sent(send(url.replace("http:", "https:"), PLENTY).await), (Broke::Tls, "not_tls"));
    let (url, _) = server(|mut socket, _| async move {
        let mut part = [0; 16_384];
        let _ = socket.read(&mut part).await;
    })
    .await;
    assert_eq!(not_sent(send(url.replace("http:", "https:"), PLENTY).await), (Broke::Tls, "closed"));
}

#[tokio::test]
async fn a_connection_that_ends_after_the_request_is_lost() {
    let (url, seen) = server(|mut socket, seen| async move {
        if read_request(&mut socket).await.is_some() {
            seen.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    assert_eq!(lost(send(url, PLENTY).await), Broke::Reset);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_lost() {
    let (url, _) = server(|mut socket, _| async move {
        if read_request(&mut socket).await.is_some() {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf").await;
        }
    })
    .await;
    assert_eq!(lost(send(url, PLENTY).await), Broke::Reset);
}

#[tokio::test]
async fn silence_is_lost_by_time() {
    let (url, _) = server(|mut socket, _| async move {
        let _ = read_request(&mut socket).await;
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(lost(send(url, Duration::from_millis(50)).await), Broke::Timeout);
}

#[tokio::test]
async fn too_large_a_reply_is_not_read_to_its_end() {
    let (url, _) = server(|mut socket, _| async move {
        if read_request(&mut socket).await.is_some() {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
            while socket.write_all(&chunk).await.is_ok() {}
        }
    })
    .await;
    assert_eq!(lost(send(url, PLENTY).await), Broke::TooLarge);
}

/// A connection that was used before and dies under the second request: that request has been seen and must
/// not be sent again on another connection.
#[tokio::test]
async fn a_write_on_a_dying_connection_is_sent_once() {
    let (url, seen) = server(|mut socket, seen| async move {
        if read_request(&mut socket).await.is_none() {
            return;
        }
        seen.fetch_add(1, Ordering::SeqCst);
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        if read_request(&mut socket).await.is_some() {
            seen.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let transport = HttpTransport::new(PLENTY);
    assert!(transport.send(request(url.clone()), PLENTY).await.is_ok());
    assert_eq!(lost(transport.send(request(url), PLENTY).await), Broke::Reset);
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_proxy_that_will_not_connect_us_is_not_sent() {
    let (url, _) = server(|mut socket, _| async move {
        let mut part = [0; 16_384];
        let _ = socket.read(&mut part).await;
        let _ = socket.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    })
    .await;
    let transport = HttpTransport::new(PLENTY);
    let client = transport.builder().proxy(reqwest::Proxy::all(url).unwrap()).build().unwrap();
    let error = client.get("https://graph.microsoft.com/").send().await.unwrap_err();
    assert_eq!(classify(&error), TransportError::NotSent { kind: Broke::Proxy, detail: "" });
}

#[test]
fn loopback_by_number_only() {
    for (url, wanted) in [
        ("http://127.0.0.1:1/", true),
        ("http://127.8.8.8/", true),
        ("http://[::1]:1/", true),
        ("http://localhost/", false),
        ("https://graph.microsoft.com/", false),
        ("http://127.0.0.1.evil.example/", false),
    ] {
        assert_eq!(is_loopback(&url.parse().unwrap()), wanted, "{url}");
    }
}
