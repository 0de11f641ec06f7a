//! A program of this package that goes on until it is stopped.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A running program. It is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Program {
    pub(crate) fn start<S: AsRef<OsStr>>(
        path: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut child = Command::new(path)
            .args(arguments)
            .env_remove("CLICOLOR_FORCE")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = Arc::new(Mutex::default());
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let written: Arc<Mutex<String>> = Arc::clone(&stderr);
        let reader = thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap() > 0 {
                *written.lock().unwrap() += &std::mem::take(&mut line);
            }
        });
        Self {
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
            stderr,
            reader: Some(reader),
        }
    }

    /// The next line of standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// What it has written to standard error since this was asked last. Waits until these are as many lines, but not for ever.
    pub(crate) fn errors(&self, lines: usize) -> String {
        let started = Instant::now();
        loop {
            let mut written = self.stderr.lock().unwrap();
            let is_late = started.elapsed() > Duration::from_secs(10);
            if written.lines().count() >= lines || is_late {
                return std::mem::take(&mut written);
            }
            drop(written);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status();
        assert!(kill.unwrap().success());
    }

    /// Waits for its end, and gives what is left of both outputs.
    pub(crate) fn wait(mut self) -> (ExitStatus, String, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let status = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        (status, rest, self.errors(0))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
