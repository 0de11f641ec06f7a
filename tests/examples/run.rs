//! Running a program.

use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::{env, fs};

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The program, which `cargo test` builds beside the tests.
fn program(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile
        .join("examples")
        .join(name)
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        program.exists(),
        "`cargo test --test` builds no examples: first `cargo build --examples`"
    );
    program
}

/// The program in the root of the project, without what a user may have set up for others.
pub(crate) fn command<A: AsRef<OsStr>>(name: &str, args: &[A]) -> Command {
    let mut command = Command::new(program(name));
    command.args(args).current_dir(ROOT).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(variable);
    }
    command
}

/// Running, with pipes to it.
pub(crate) fn start<A: AsRef<OsStr>>(name: &str, args: &[A]) -> Child {
    command(name, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(crate) fn run<A: AsRef<OsStr>>(name: &str, args: &[A]) -> Run {
    run_with(name, args, &[])
}

/// With these variables in the environment.
pub(crate) fn run_with<A: AsRef<OsStr>>(name: &str, args: &[A], variables: &[(&str, &str)]) -> Run {
    let mut command = command(name, args);
    Run::of(command.envs(variables.iter().copied()).output().unwrap())
}

/// With this on standard input.
pub(crate) fn run_input<A: AsRef<OsStr>>(name: &str, args: &[A], input: &[u8]) -> Run {
    let mut child = start(name, args);
    // A program that does not read it is none the worse.
    let _ = child.stdin.take().unwrap().write_all(input);
    Run::of(child.wait_with_output().unwrap())
}

#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let run = Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }

    /// The last line of what was printed.
    pub(crate) fn last(&self) -> &str {
        self.stdout.lines().next_back().unwrap()
    }

    /// What was printed, an object a line.
    pub(crate) fn json(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        let values = lines.map(|line| serde_json::from_str(line).unwrap());
        values
            .inspect(|value: &Value| assert!(value.is_object(), "{value}"))
            .collect()
    }

    /// The one object that was printed.
    pub(crate) fn object(&self) -> Value {
        let mut objects = self.json();
        assert_eq!(objects.len(), 1, "{}", self.stdout);
        objects.remove(0)
    }
}

/// A new directory for the files of one test.
pub(crate) fn directory(program: &str, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(program)
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}
