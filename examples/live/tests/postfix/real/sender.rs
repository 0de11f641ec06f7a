//! Postfix with a configuration, a queue and a log of its own.

use super::names::until;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Where the program listens.
pub(super) const SOCKETMAP: &str = "127.0.0.1:8461";
/// Where Postfix takes the messages of this test.
const SUBMISSION: &str = "127.0.0.1:2525";

const MAIN: &str = "
compatibility_level = 3.6
queue_directory = DIRECTORY/queue
data_directory = DIRECTORY/data
maillog_file = DIRECTORY/log/mail
maillog_file_prefixes = DIRECTORY
myhostname = sender.example
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.1
smtp_tls_CAfile = DIRECTORY/ca.pem
smtp_tls_loglevel = 1
smtp_host_lookup = dns
smtp_dns_support_level = dnssec
smtp_tls_security_level = dane
smtp_tls_mandatory_protocols = >=TLSv1.2
smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:mta-sts
";

/// What the README tells an operator to write is what is tried here.
#[test]
fn main_cf_of_the_readme() {
    let readme = include_str!("../../../README.md");
    let (_, lines) = readme.split_once("In `main.cf`:\n\n```text\n").unwrap();
    let (lines, _) = lines.split_once("```").unwrap();
    for line in lines.lines() {
        // There is an authority of our own.
        let is_here = MAIN.lines().any(|it| it == line);
        assert!(is_here || line.starts_with("smtp_tls_CApath = "), "{line}");
    }
}

const MASTER: &str = "
127.0.0.1:2525 inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
";

/// A program of the system that has Postfix.
fn command(name: &str) -> Command {
    let Ok(root) = std::env::var("MTA_STS_POSTFIX_ROOT") else {
        return Command::new(name);
    };
    let mut command = Command::new("chroot");
    command.arg(root).arg(name);
    command
}

/// Whether this is Postfix 3.10 or later, and best 3.10.5, which makes use of them.
pub(super) fn knows_attributes() -> bool {
    let version = command("postconf").args(["-dh", "mail_version"]).output();
    let version = String::from_utf8(version.unwrap().stdout).unwrap();
    let mut numbers = version
        .split('.')
        .map(|number| number.trim().parse().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(3), Some(10))
}

pub(super) struct Postfix {
    config: PathBuf,
    log: PathBuf,
    process: Child,
}

impl Postfix {
    pub(super) async fn start(directory: &Path) -> Self {
        let config = directory.join("postfix");
        for name in ["postfix", "queue", "data", "log"] {
            fs::create_dir(directory.join(name)).unwrap();
        }
        let main = MAIN.replace("DIRECTORY", directory.to_str().unwrap());
        fs::write(config.join("main.cf"), main).unwrap();
        fs::write(config.join("master.cf"), MASTER).unwrap();
        let owner = command("chown")
            .arg("postfix")
            .arg(directory.join("data"))
            .status();
        assert!(owner.unwrap().success());
        let process = command("postfix")
            .arg("-c")
            .arg(&config)
            .arg("start-fg")
            .spawn();
        let postfix = Self {
            config,
            log: directory.join("log/mail"),
            process: process.unwrap(),
        };
        until(async || TcpStream::connect(SUBMISSION).await.ok()).await;
        postfix
    }

    /// Hands in a message for somebody at the domain.
    pub(super) async fn send(&self, domain: &str) {
        let mut stream = BufReader::new(TcpStream::connect(SUBMISSION).await.unwrap());
        let recipient = format!("RCPT TO:<somebody@{domain}>\r\n");
        let commands = [
            ("", 220),
            ("EHLO test.example\r\n", 250),
            ("MAIL FROM:<>\r\n", 250),
            (&recipient, 250),
            ("DATA\r\n", 354),
            ("Subject: test\r\n\r\ntest\r\n.\r\n", 250),
            ("QUIT\r\n", 221),
        ];
        for (command, wanted) in commands {
            stream.write_all(command.as_bytes()).await.unwrap();
            let mut line = String::new();
            while line.as_bytes().get(3) != Some(&b' ') {
                line.clear();
                stream.read_line(&mut line).await.unwrap();
            }
            assert!(line.starts_with(&wanted.to_string()), "{command}: {line}");
        }
    }

    /// What the log says about the message for a domain: its status, and all of the line.
    pub(super) async fn outcome(&self, domain: &str) -> (String, String) {
        let recipient = format!("to=<somebody@{domain}>");
        until(async || {
            let log = fs::read_to_string(&self.log).ok()?;
            let line = log.lines().find(|line| line.contains(&recipient))?;
            let (_, status) = line.split_once(" status=")?;
            let status = status.split(' ').next()?;
            Some((status.to_owned(), line.to_owned()))
        })
        .await
    }

    /// The lines of the log in which a host is named.
    pub(super) fn lines_about(&self, host: &str) -> String {
        let log = fs::read_to_string(&self.log).unwrap();
        let lines = log.lines().filter(|line| line.contains(host));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        command("postfix")
            .arg("-c")
            .arg(&self.config)
            .arg("stop")
            .status()
            .ok();
        self.process.wait().ok();
        if std::thread::panicking() {
            eprintln!("{}", fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}
