//! A Redis of its own for each test: on a socket in a temporary directory, writing nothing to disk.

use crate::support::skip;
use live::redis_store::RedisStore;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};
use std::{fs, thread};
use tempfile::TempDir;

pub(crate) struct Server {
    directory: TempDir,
    process: Child,
}

impl Server {
    /// Starts one; `None`, and a line that says so, where it is not installed.
    pub(crate) fn start(arguments: &[&str]) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let Ok(process) = Self::spawn(directory.path(), arguments) else {
            static SAID: Once = Once::new();
            SAID.call_once(|| skip("the store in Redis: redis-server is not installed"));
            return None;
        };
        let server = Self { directory, process };
        server.wait();
        Some(server)
    }

    fn spawn(directory: &Path, arguments: &[&str]) -> std::io::Result<Child> {
        Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no"])
            .args(["--unixsocket", "redis.sock"])
            .args(arguments)
            .current_dir(directory)
            .stdout(Stdio::null())
            .spawn()
    }

    fn wait(&self) {
        let begin = Instant::now();
        while self.cli(&["ping"]) != "PONG" {
            assert!(begin.elapsed() < Duration::from_secs(20), "no Redis");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn url(&self) -> String {
        format!(
            "redis+unix://{}/redis.sock",
            self.directory.path().display()
        )
    }

    pub(crate) async fn store(&self) -> RedisStore {
        RedisStore::connect(&self.url()).await.unwrap()
    }

    /// What an operator sees who asks Redis directly.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .arg("-s")
            .arg(self.directory.path().join("redis.sock"))
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Ends it, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        let status = Command::new("kill").args(["-s", name, &process]).status();
        assert!(status.unwrap().success());
    }

    /// Starts it again, empty.
    pub(crate) fn restart(&mut self) {
        self.kill();
        fs::remove_file(self.directory.path().join("redis.sock")).ok();
        self.process = Self::spawn(self.directory.path(), &[]).unwrap();
        self.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
