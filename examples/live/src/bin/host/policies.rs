//! The policies: a file `<domain>.txt` for each domain, so that `inspect` reads the same folder.
//!
//! A file is read anew for each request; it is small, and so nothing can be stale. To replace it, write the new one beside it and rename it: who reads
//! while a file is being written sees half of it.

use crate::journal::{self, Journal};
use mta_sts::{MAX_POLICY_LEN, Policy, PolicyDomain};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The folder.
#[derive(Debug)]
pub(crate) struct Policies {
    folder: PathBuf,
    journal: Journal,
}

/// What there is for a domain.
#[derive(Debug)]
pub(crate) enum Found {
    /// A valid policy, byte for byte as in the file.
    Policy(Vec<u8>),
    /// A file that is no valid policy, or cannot be read.
    Unusable,
    Nothing,
}

impl Policies {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            journal: Journal::default(),
        }
    }

    /// The policy of a domain, if there is one and it is valid. What is wrong with it is told.
    pub(crate) fn find(&self, domain: &PolicyDomain) -> Found {
        // A domain is made of letters, digits, hyphens and single dots between them: it cannot lead out of the folder.
        let path = self.folder.join(format!("{domain}.txt"));
        let text = match read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.journal.forget(&path);
                return Found::Nothing;
            }
            Err(error) => {
                let complaint = format!("it is not served, because it cannot be read: {error}");
                self.journal.tell(&path, &journal::error(&path, &complaint));
                return Found::Unusable;
            }
        };
        let inspection = Policy::inspect(&text);
        let mut lines = journal::findings(&path, &text, inspection.diagnostics());
        let found = if inspection.policy().is_some() {
            Found::Policy(text)
        } else {
            lines += &journal::error(&path, "it is not served, because it is not a valid policy");
            Found::Unusable
        };
        self.journal.tell(&path, &lines);
        found
    }

    /// Looks at all files, so that what is wrong with them is told before senders find it. The domains are those that have a policy.
    pub(crate) fn check(&self) -> io::Result<Vec<PolicyDomain>> {
        let entries = fs::read_dir(&self.folder)?;
        let mut paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        let mut domains = Vec::new();
        for path in paths {
            if path.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            match name.parse::<PolicyDomain>() {
                Ok(domain) if domain.as_str() == name => {
                    if let Found::Policy(_) = self.find(&domain) {
                        domains.push(domain);
                    }
                }
                Ok(domain) => {
                    let complaint = format!("nobody asks for it; the name would be `{domain}.txt`");
                    self.journal
                        .tell(&path, &journal::warning(&path, &complaint));
                }
                Err(error) => {
                    let complaint = format!("nobody asks for it: {error:#}");
                    self.journal
                        .tell(&path, &journal::warning(&path, &complaint));
                }
            }
        }
        Ok(domains)
    }
}

/// Reads a file of no more than a policy may have.
///
/// A link is followed, so that a provider can link many domains to one policy, and because that is how some systems deploy files. It cannot give away
/// what it leads to, for only valid policies are served.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Looked at before it is opened: to open a pipe is to wait for somebody who writes to it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let limit = u64::try_from(MAX_POLICY_LEN).unwrap_or(u64::MAX);
    let mut text = Vec::new();
    let file = File::open(path)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut text)?;
    if text.len() > MAX_POLICY_LEN {
        return Err(io::Error::other(
            "it is longer than senders read, which is 64 KiB",
        ));
    }
    Ok(text)
}
