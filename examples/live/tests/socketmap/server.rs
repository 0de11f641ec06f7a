//! The server: what clients do to it, well-meaning or not.

use live::socketmap::{Limits, Listener, Lookup, Reply, Server, Stop, netstring};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Says what it was asked. Some keys are special.
#[derive(Clone, Default)]
struct Echo(Arc<State>);

struct State {
    /// Whoever asks for `gate` waits here.
    gate: Semaphore,
    asked: AtomicUsize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            gate: Semaphore::new(0),
            asked: AtomicUsize::new(0),
        }
    }
}

impl Lookup for Echo {
    async fn lookup(&self, table: &[u8], key: &[u8]) -> Reply {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        match key {
            b"none" => Reply::NotFound,
            b"gate" => {
                self.0.gate.acquire().await.unwrap().forget();
                Reply::Found("open".to_owned())
            }
            b"never" => std::future::pending().await,
            b"long" => Reply::Found("x".repeat(100_000)),
            _ => Reply::Found(format!(
                "{} of {}",
                key.escape_ascii(),
                table.escape_ascii()
            )),
        }
    }
}

const QUICK: Limits = Limits {
    connections: 3,
    request: 64,
    idle: Duration::from_millis(400),
    transfer: Duration::from_millis(400),
    answer: Duration::from_millis(400),
};

/// For tests in which nothing takes too long.
const PATIENT: Limits = Limits {
    idle: Duration::from_secs(60),
    transfer: Duration::from_secs(60),
    answer: Duration::from_secs(60),
    ..QUICK
};

struct Running {
    address: SocketAddr,
    echo: Echo,
    stop: Stop,
    serving: JoinHandle<()>,
}

async fn start(limits: Limits) -> Running {
    let listener = Listener::tcp((Ipv4Addr::LOCALHOST, 0).into())
        .await
        .unwrap();
    let Listener::Tcp(tcp) = &listener else {
        unreachable!("it is one")
    };
    let (echo, stop) = (Echo::default(), Stop::default());
    Running {
        address: tcp.local_addr().unwrap(),
        serving: tokio::spawn(
            Arc::new(Server::new(echo.clone(), limits, stop.clone())).serve(listener),
        ),
        echo,
        stop,
    }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Waits until so many requests have been made.
    async fn asked(&self, number: usize) {
        while self.echo.0.asked.load(Ordering::SeqCst) < number {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn send(stream: &mut (impl AsyncWriteExt + Unpin), requests: &[&str]) {
    let text = requests.iter().map(|request| netstring(request.as_bytes()));
    stream
        .write_all(&text.collect::<Vec<_>>().concat())
        .await
        .unwrap();
}

#[track_caller]
fn expected(replies: &[&str]) -> Vec<u8> {
    let replies = replies.iter().map(|reply| netstring(reply.as_bytes()));
    replies.collect::<Vec<_>>().concat()
}

async fn receives(stream: &mut (impl AsyncReadExt + Unpin), replies: &[&str]) {
    let expected = expected(replies);
    let mut received = vec![0; expected.len()];
    let reading = stream.read_exact(&mut received);
    timeout(Duration::from_secs(20), reading)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        received.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

/// These replies, and then the end.
async fn ends_with(stream: &mut (impl AsyncReadExt + Unpin), replies: &[&str]) {
    let mut received = Vec::new();
    let reading = stream.read_to_end(&mut received);
    timeout(Duration::from_secs(20), reading)
        .await
        .unwrap()
        .unwrap();
    let expected = expected(replies);
    assert_eq!(
        received.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

#[tokio::test]
async fn requests_one_by_one_in_pieces_and_all_at_once() {
    let server = start(PATIENT).await;
    let mut stream = server.connect().await;
    send(&mut stream, &["mta-sts example.com"]).await;
    receives(&mut stream, &["OK example.com of mta-sts"]).await;
    for byte in netstring(b"t none") {
        stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    receives(&mut stream, &["NOTFOUND "]).await;
    send(&mut stream, &["t 1", "t 2 3", "t ", " 4", "t \n\u{fc}"]).await;
    receives(
        &mut stream,
        &[
            "OK 1 of t",
            "OK 2 3 of t",
            "OK  of t",
            "OK 4 of ",
            "OK \\n\\xc3\\xbc of t",
        ],
    )
    .await;
    // More than the system keeps for a reader who does not read yet; replies come in order.
    let (mut read, mut write) = stream.into_split();
    let writing = tokio::spawn(async move {
        for _ in 0..2_000 {
            send(&mut write, &["t a", "t none"]).await;
        }
        write
    });
    for _ in 0..2_000 {
        receives(&mut read, &["OK a of t", "NOTFOUND "]).await;
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn a_client_that_has_said_all_still_gets_its_replies() {
    let server = start(PATIENT).await;
    let mut stream = server.connect().await;
    send(&mut stream, &["t gate", "t b"]).await;
    stream.shutdown().await.unwrap();
    server.echo.0.gate.add_permits(1);
    ends_with(&mut stream, &["OK open", "OK b of t"]).await;
    // Half a request is none.
    let mut stream = server.connect().await;
    stream.write_all(b"3:t a,9:t gat").await.unwrap();
    stream.shutdown().await.unwrap();
    ends_with(&mut stream, &["OK a of t"]).await;
}

#[tokio::test]
async fn what_is_no_request_ends_the_connection() {
    let server = start(PATIENT).await;
    let refusal = "PERM the request is not a netstring, or too long";
    let oversized = netstring(&[b'a'; 65]);
    for text in [&b"hello\n"[..], b"3:t a;", b"99999999999:", &oversized] {
        let mut stream = server.connect().await;
        send(&mut stream, &["t a"]).await;
        receives(&mut stream, &["OK a of t"]).await;
        stream.write_all(text).await.unwrap();
        receives(&mut stream, &[refusal]).await;
        let mut rest = Vec::new();
        // The system may say that some of what was sent was never read.
        stream.read_to_end(&mut rest).await.ok();
        assert!(rest.is_empty());
    }
    // A request at the limit, and one without a key, do not.
    let mut stream = server.connect().await;
    let key = "a".repeat(62);
    send(&mut stream, &[&format!("t {key}"), "t", "", "t a"]).await;
    let no_key = "PERM the request has no key";
    receives(
        &mut stream,
        &[&format!("OK {key} of t"), no_key, no_key, "OK a of t"],
    )
    .await;
}

#[tokio::test]
async fn nobody_may_be_slow() {
    let server = start(QUICK).await;
    let begin = Instant::now();
    let mut idle = server.connect().await;
    let mut slow = server.connect().await;
    slow.write_all(b"3:t").await.unwrap();
    let mut unanswered = server.connect().await;
    send(&mut unanswered, &["t never"]).await;
    receives(&mut unanswered, &["TIMEOUT it took too long"]).await;
    ends_with(&mut idle, &[]).await;
    ends_with(&mut slow, &[]).await;
    let took = begin.elapsed();
    assert!(
        took >= Duration::from_millis(400) && took < Duration::from_secs(10),
        "{took:?}"
    );
    // A byte now and then does not help.
    let mut trickling = server.connect().await;
    let trickle = async {
        for byte in b"40:t aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa," {
            if trickling.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it was not cut off");
    };
    timeout(Duration::from_secs(10), trickle).await.unwrap();
}

#[tokio::test]
async fn one_that_does_not_read_does_not_keep_its_place() {
    let server = start(Limits {
        connections: 1,
        ..QUICK
    })
    .await;
    let mut deaf = server.connect().await;
    let requests = netstring(b"t long").repeat(200);
    deaf.write_all(&requests).await.unwrap();
    let mut next = server.connect().await;
    send(&mut next, &["t a"]).await;
    receives(&mut next, &["OK a of t"]).await;
}

#[tokio::test]
async fn further_connections_wait_for_a_place() {
    let server = start(PATIENT).await;
    let mut streams = Vec::new();
    for _ in 0..5 {
        let mut stream = server.connect().await;
        send(&mut stream, &["t gate"]).await;
        streams.push(stream);
    }
    server.asked(3).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.asked(3).await;
    assert_eq!(server.echo.0.asked.load(Ordering::SeqCst), 3);
    // A client that goes while it is answered leaves its place to another one.
    server.echo.0.gate.add_permits(5);
    receives(&mut streams[0], &["OK open"]).await;
    drop(streams.remove(0));
    server.asked(4).await;
    for stream in &mut streams[..2] {
        receives(stream, &["OK open"]).await;
    }
    drop(streams.remove(0));
    server.asked(5).await;
    for stream in &mut streams[1..] {
        receives(stream, &["OK open"]).await;
    }
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way() {
    let server = start(PATIENT).await;
    let mut idle = server.connect().await;
    send(&mut idle, &["t a"]).await;
    receives(&mut idle, &["OK a of t"]).await;
    let mut waiting = server.connect().await;
    send(&mut waiting, &["t gate", "t b"]).await;
    server.asked(2).await;
    server.stop.stop();
    ends_with(&mut idle, &[]).await;
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!server.serving.is_finished());
    server.echo.0.gate.add_permits(1);
    // What had come before the stop is answered too.
    ends_with(&mut waiting, &["OK open", "OK b of t"]).await;
    timeout(Duration::from_secs(10), server.serving)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn an_overlong_reply_is_none() {
    let server = start(PATIENT).await;
    let mut stream = server.connect().await;
    send(&mut stream, &["t long"]).await;
    receives(&mut stream, &["TEMP the reply is too long"]).await;
}

#[tokio::test]
async fn sockets_in_the_file_system() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    // One that a crash has left.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listener = Listener::unix(&path, 0o600).await.unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // One on which somebody listens, and something else, stay.
    Listener::unix(&path, 0o600).await.unwrap_err();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    Listener::unix(&file, 0o600).await.unwrap_err();
    assert!(file.exists());

    let stop = Stop::default();
    let server = Arc::new(Server::new(Echo::default(), PATIENT, stop.clone()));
    let serving = tokio::spawn(server.serve(listener));
    let mut stream = UnixStream::connect(&path).await.unwrap();
    send(&mut stream, &["t a"]).await;
    receives(&mut stream, &["OK a of t"]).await;
    stop.stop();
    ends_with(&mut stream, &[]).await;
    serving.await.unwrap();
    assert!(!path.exists());
}
