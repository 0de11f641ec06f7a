//! Connections, their limits, and their end.

use super::{Lookup, MAX_REPLY, Malformed, Netstrings, Reply, Untrusted, netstring};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What one side may cost the other.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once. Further ones wait until one has ended.
    pub connections: usize,
    /// The bytes of a request: the name of the table, a blank, the key.
    pub request: usize,
    /// How long a connection may be idle. Postfix closes its own after ten seconds.
    pub idle: Duration,
    /// How long a request may take to arrive, and a reply to leave.
    pub transfer: Duration,
    /// How long the answer may take. Postfix waits for a hundred seconds.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            request: 1_024,
            idle: Duration::from_secs(60),
            transfer: Duration::from_secs(10),
            answer: Duration::from_secs(95),
        }
    }
}

/// Where requests come from.
#[derive(Debug)]
pub enum Listener {
    /// A TCP port.
    Tcp(TcpListener),
    /// A socket in the file system, which goes when this goes.
    Unix(UnixListener, SocketFile),
}

/// A socket in the file system.
#[derive(Debug)]
pub struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Somebody else may have removed it: it is gone in any case.
        std::fs::remove_file(&self.0).ok();
    }
}

impl Listener {
    /// Listens on a TCP port.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub async fn tcp(address: SocketAddr) -> io::Result<Self> {
        Ok(Self::Tcp(TcpListener::bind(address).await?))
    }

    /// Listens on a socket in the file system with these permissions, in the place of one on which nobody listens any more.
    ///
    /// # Errors
    ///
    /// Those of the system; something else is there.
    pub async fn unix(path: &Path, mode: u32) -> io::Result<Self> {
        if let Ok(metadata) = std::fs::symlink_metadata(path) {
            let is_dead = metadata.file_type().is_socket()
                && matches!(UnixStream::connect(path).await, Err(error) if error.kind() == io::ErrorKind::ConnectionRefused);
            if is_dead {
                std::fs::remove_file(path)?;
            }
        }
        let listener = UnixListener::bind(path)?;
        let file = SocketFile(path.to_owned());
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
        Ok(Self::Unix(listener, file))
    }
}

/// Tells servers to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// No more requests are taken.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Waits until it is time to stop.
    pub async fn stopped(&self) {
        // The sender is in `self`, so there is an end only by its word.
        self.0.subscribe().wait_for(|stop| *stop).await.ok();
    }
}

/// Answers requests on any number of listeners.
#[derive(Debug)]
pub struct Server<L> {
    lookup: L,
    limits: Limits,
    places: Arc<Semaphore>,
    stop: Stop,
}

impl<L: Lookup> Server<L> {
    /// A server that answers by this table, until it is stopped.
    pub fn new(lookup: L, limits: Limits, stop: Stop) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.connections)),
            lookup,
            limits,
            stop,
        }
    }

    /// Serves until it is stopped. Then it takes no more connections and no more requests, answers those that it has, and returns once the last reply
    /// has left.
    pub async fn serve(self: Arc<Self>, listener: Listener) {
        let mut connections = JoinSet::new();
        loop {
            // Those that have ended need not be kept.
            while connections.try_join_next().is_some() {}
            let serving = Arc::clone(&self);
            tokio::select! {
                () = self.stop.stopped() => break,
                accepted = self.accept(&listener) => match accepted {
                    Ok((Connection::Tcp(stream), place)) => connections.spawn(serving.converse(stream, place)),
                    Ok((Connection::Unix(stream), place)) => connections.spawn(serving.converse(stream, place)),
                    Err(error) => {
                        // Out of file descriptors, for instance: they come back when connections end.
                        tracing::warn!("no connection: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
    }

    async fn accept(&self, listener: &Listener) -> io::Result<(Connection, OwnedSemaphorePermit)> {
        if self.places.available_permits() == 0 {
            tracing::warn!("{} connections: more have to wait", self.limits.connections);
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        let connection = match listener {
            Listener::Tcp(listener) => Connection::Tcp(listener.accept().await?.0),
            Listener::Unix(listener, _) => Connection::Unix(listener.accept().await?.0),
        };
        Ok((connection, place))
    }

    /// A connection from its beginning to its end.
    async fn converse<S>(self: Arc<Self>, mut stream: S, _place: OwnedSemaphorePermit)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut requests = Netstrings::new(self.limits.request);
        loop {
            let request = match self.request(&mut stream, &mut requests).await {
                Ok(Some(request)) => request,
                Ok(None) => return,
                Err(malformed) => {
                    tracing::warn!("a connection is closed: {malformed}");
                    // The reply is for whoever looks into the log of Postfix; that it arrives is not certain.
                    let reply = Reply::Permanent("the request is not a netstring, or too long");
                    self.send(&mut stream, &reply).await.ok();
                    return;
                }
            };
            let reply = self.answer(&request).await;
            if let Err(error) = self.send(&mut stream, &reply).await {
                tracing::debug!("a reply was not taken: {error}");
                return;
            }
        }
    }

    /// The next request; `None` if there will not be one.
    async fn request<S>(
        &self,
        stream: &mut S,
        requests: &mut Netstrings,
    ) -> Result<Option<Vec<u8>>, Malformed>
    where
        S: AsyncRead + Unpin,
    {
        if let Some(request) = requests.take()? {
            return Ok(Some(request));
        }
        if requests.is_empty() {
            let first = tokio::select! {
                biased;
                () = self.stop.stopped() => false,
                read = timeout(self.limits.idle, read(stream, requests)) => read.is_ok_and(|it| it),
            };
            if !first {
                return Ok(None);
            }
        }
        let whole = async {
            loop {
                if let Some(request) = requests.take()? {
                    return Ok(Some(request));
                }
                if !read(stream, requests).await {
                    return Ok(None);
                }
            }
        };
        timeout(self.limits.transfer, whole)
            .await
            .unwrap_or_else(|_| {
                tracing::warn!("a connection is closed: a request was too slow");
                Ok(None)
            })
    }

    async fn answer(&self, request: &[u8]) -> Reply {
        let Some(blank) = request.iter().position(|&byte| byte == b' ') else {
            tracing::warn!("a request without a key: {}", Untrusted(request));
            return Reply::Permanent("the request has no key");
        };
        let (table, key) = (&request[..blank], &request[blank + 1..]);
        let answer = timeout(self.limits.answer, self.lookup.lookup(table, key)).await;
        answer.unwrap_or_else(|_| {
            tracing::warn!("no answer in time for {}", Untrusted(key));
            Reply::TimedOut("it took too long")
        })
    }

    async fn send<S>(&self, stream: &mut S, reply: &Reply) -> io::Result<()>
    where
        S: AsyncWrite + Unpin,
    {
        let mut text = reply.to_string();
        if text.len() > MAX_REPLY {
            tracing::error!("a reply of {} bytes is too long for Postfix", text.len());
            text = Reply::Temporary("the reply is too long").to_string();
        }
        let reply = netstring(text.as_bytes());
        let sending = async {
            stream.write_all(&reply).await?;
            stream.flush().await
        };
        timeout(self.limits.transfer, sending).await?
    }
}

enum Connection {
    Tcp(tokio::net::TcpStream),
    Unix(UnixStream),
}

/// Reads a piece; `false` if there is no more.
async fn read<S: AsyncRead + Unpin>(stream: &mut S, requests: &mut Netstrings) -> bool {
    let mut piece = [0; 4_096];
    match stream.read(&mut piece).await {
        Ok(0) | Err(_) => false,
        Ok(len) => {
            requests.push(&piece[..len]);
            true
        }
    }
}
