//! The program `tlsrpt-mail`.

mod browser;
mod collected;
mod hostile;
mod page;
mod post;
mod read;
mod receive;
mod send;

use data_encoding::BASE64;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What the program wrote, and how it ended.
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Reports that were counted, and those that came twice.
    fn reports(&self) -> u64 {
        let json = self.json();
        json["reports"].as_u64().unwrap() + json["duplicates"].as_u64().unwrap()
    }

    /// The place and the code of each thing that is no report, in their order.
    fn told(&self) -> Vec<(String, String)> {
        let json = self.json();
        let told = json["files"].as_array().unwrap().iter();
        let told = told.filter(|told| !told["error"].is_null());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        told.map(|told| (text(&told["file"]), text(&told["error"]["code"])))
            .collect()
    }
}

fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>, input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tlsrpt-mail"))
        .args(arguments)
        .current_dir(root())
        .env_remove("CLICOLOR_FORCE")
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that does not read it is none the worse.
    let writer = std::thread::spawn(move || stdin.write_all(&input).ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Where the commands of the README are given.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A report of one session that succeeded, and one that failed with this result.
fn report(id: &str, result: &str) -> String {
    serde_json::json!({
        "organization-name": "Kestrel", "contact-info": "tls@kestrel.example", "report-id": id,
        "date-range": {"start-datetime": "2026-11-20T00:00:00Z", "end-datetime": "2026-11-20T23:59:59Z"},
        "policies": [{
            "policy": {"policy-type": "no-policy-found", "policy-domain": "kestrel-mail.net"},
            "summary": {"total-successful-session-count": 1, "total-failure-session-count": 1},
            "failure-details": [{"result-type": result, "failed-session-count": 1}]
        }]
    })
    .to_string()
}

/// A part with this content in base64.
fn part(fields: &str, content: &[u8]) -> String {
    let base64 = BASE64.encode(content);
    format!("{fields}\nContent-Transfer-Encoding: base64\n\n{base64}\n")
}

/// A mail of these parts.
fn mail(kind: &str, parts: &[&str]) -> String {
    multipart("From: tls@kestrel.example\n", kind, "outer", parts)
}

fn multipart(fields: &str, kind: &str, boundary: &str, parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| format!("--{boundary}\n{part}\n"));
    let parts: String = parts.collect();
    format!(
        "{fields}Content-Type: multipart/{kind}; boundary=\"{boundary}\"\n\n{parts}--{boundary}--\n"
    )
}
