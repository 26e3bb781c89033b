//! Puts the tenant on a loopback address, and breaks connections where a fault says so.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::Sim;
use crate::face::http::{ConnectionCount, SimFault, counted_router};

/// A listener that is bound to a loopback address; there is no other way to make one.
#[derive(Debug)]
pub struct LoopbackListener(StdListener);

impl LoopbackListener {
    /// Binds to `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is not a loopback address, or it cannot be bound.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a loopback address"));
        }
        Self::take(StdListener::bind(address)?)
    }

    /// Takes over a listener.
    ///
    /// # Errors
    /// It is not bound to a loopback address.
    pub fn take(listener: StdListener) -> io::Result<Self> {
        if !listener.local_addr()?.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a loopback address"));
        }
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The operating system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// The ready line, `oathctl.sim/1`: everything a client needs to know.
#[derive(Clone, Serialize)]
pub struct Ready {
    /// `oathctl.sim/1`.
    pub schema: &'static str,
    /// Base of Graph.
    pub graph_url: String,
    /// Base of the legacy portal; not served yet.
    pub portal_url: Option<String>,
    /// Base of the sign-in service.
    pub authority: String,
    /// Base of the control routes.
    pub control_url: String,
    /// Tenant id.
    pub tenant_id: String,
    /// Client id.
    pub client_id: String,
    /// Client secret; invented, and good for nothing else.
    pub client_secret: String,
}

impl Ready {
    /// What to say about a tenant that listens at `address`.
    #[must_use]
    pub fn new(sim: &Sim, address: SocketAddr) -> Self {
        let base = format!("http://{address}");
        let app = sim.app();
        Self {
            schema: "oathctl.sim/1",
            graph_url: format!("{base}/beta"),
            portal_url: None,
            control_url: format!("{base}/_sim"),
            authority: base,
            tenant_id: app.tenant_id.to_string(),
            client_id: app.client_id.to_string(),
            client_secret: app.client_secret.open().clone(),
        }
    }
}

/// Serves until `stop` is done.
///
/// # Errors
/// The listener cannot be used by the runtime.
pub async fn serve(
    listener: LoopbackListener,
    sim: Sim,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let connections = ConnectionCount::default();
    let listener =
        Breakable { listener: TcpListener::from_std(listener.0)?, connections: connections.clone() };
    let app = counted_router(sim, connections).layer(from_fn(break_connection));
    axum::serve(listener, app.into_make_service_with_connect_info::<Breaker>())
        .with_graceful_shutdown(stop)
        .await
}

/// Turns the marker of a fault into a broken connection.
async fn break_connection(
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<SimFault>().is_some() {
        breaker.0.store(true, Ordering::SeqCst);
    }
    response
}

/// Breaks one connection.
#[derive(Debug, Clone, Default)]
struct Breaker(Arc<AtomicBool>);

struct Breakable {
    listener: TcpListener,
    connections: ConnectionCount,
}

impl Listener for Breakable {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, address) = Listener::accept(&mut self.listener).await;
        self.connections.add();
        // Small answers must not wait for each other.
        let _unsupported = tcp.set_nodelay(true);
        (Stream { tcp, breaker: Breaker::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Breakable>> for Breaker {
    fn connect_info(stream: IncomingStream<'_, Breakable>) -> Self {
        stream.io().breaker.clone()
    }
}

struct Stream {
    tcp: TcpStream,
    breaker: Breaker,
}

impl Stream {
    fn intact(&self) -> io::Result<()> {
        if self.breaker.0.load(Ordering::SeqCst) {
            let _unsupported = self.tcp.set_zero_linger();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.intact() {
            Ok(()) => Pin::new(&mut self.tcp).poll_read(cx, buf),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.intact() {
            Ok(()) => Pin::new(&mut self.tcp).poll_write(cx, buf),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.intact() {
            Ok(()) => Pin::new(&mut self.tcp).poll_flush(cx),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
