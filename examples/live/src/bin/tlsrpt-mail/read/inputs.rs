//! Mails, wherever they are: in files of their own, in mailboxes, in maildirs, on standard input.

use super::mail::MAX_MAIL;
use mail_parser::mailbox::mbox;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

/// What a mailbox begins with, and each mail in it.
const FROM: &[u8] = b"From ";

/// A place where there are mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    File { path: PathBuf, len: u64 },
    Stdin,
}

/// One mail, and where it lies.
#[derive(Debug)]
pub(super) struct Raw {
    /// Which one of a mailbox, from 1 on; `None` for one that has a file of its own.
    pub(super) number: Option<usize>,
    /// Of a file of its own one byte too many at most, so that it can be seen that it is too long. A mail in a mailbox has once passed the limit of a
    /// mail server, and is held in memory whole.
    pub(super) octets: Vec<u8>,
}

/// The files behind the arguments, those of folders in the order of their paths. What cannot be looked at is told to `complain`.
pub(super) fn inputs(
    arguments: &[PathBuf],
    mut complain: impl FnMut(&Path, &io::Error),
) -> Vec<Input> {
    let mut inputs = Vec::new();
    for path in arguments {
        if path.as_os_str() == "-" {
            inputs.push(Input::Stdin);
        } else if path.is_dir() {
            folder(path, &mut inputs, &mut complain);
        } else {
            file(path.clone(), &mut inputs, &mut complain);
        }
    }
    inputs
}

/// All files in a folder and in those inside it; of a maildir only the mails. Links are not followed into folders.
fn folder(path: &Path, inputs: &mut Vec<Input>, complain: &mut impl FnMut(&Path, &io::Error)) {
    let paths = fs::read_dir(path).and_then(|entries| {
        let paths = entries.map(|entry| Ok(entry?.path()));
        paths.collect::<io::Result<Vec<_>>>()
    });
    let mut paths = match paths {
        Ok(paths) => paths,
        Err(error) => return complain(path, &error),
    };
    paths.sort();
    let is_maildir = ["cur", "new"].iter().all(|name| path.join(name).is_dir());
    for inner in paths {
        let is_folder = inner
            .symlink_metadata()
            .is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            // What lies there is not delivered yet, or never will be.
            if !(is_maildir && inner.ends_with("tmp")) {
                folder(&inner, inputs, complain);
            }
        } else if !is_maildir && !inner.is_dir() {
            // What lies beside the folders of a maildir belongs to a mail server.
            file(inner, inputs, complain);
        }
    }
}

fn file(path: PathBuf, inputs: &mut Vec<Input>, complain: &mut impl FnMut(&Path, &io::Error)) {
    match fs::metadata(&path) {
        Ok(metadata) => inputs.push(Input::File {
            len: metadata.len(),
            path,
        }),
        Err(error) => complain(&path, &error),
    }
}

/// The mails of an input, one after the other. After an error there are no more.
pub(super) fn mails(input: &Input) -> io::Result<Box<dyn Iterator<Item = io::Result<Raw>>>> {
    match input {
        Input::File { path, .. } => {
            // To open a pipe is to wait for somebody who writes to it.
            if !fs::metadata(path)?.is_file() {
                return Err(io::Error::other("it is not a file"));
            }
            split(BufReader::new(File::open(path)?))
        }
        Input::Stdin => split(io::stdin().lock()),
    }
}

/// The mails of a mailbox, or the only one.
fn split(
    mut octets: impl BufRead + 'static,
) -> io::Result<Box<dyn Iterator<Item = io::Result<Raw>>>> {
    let mut start = Vec::new();
    let len = u64::try_from(FROM.len()).unwrap_or(u64::MAX);
    octets.by_ref().take(len).read_to_end(&mut start)?;
    let is_mailbox = start == FROM;
    let octets = Cursor::new(start).chain(octets);
    if !is_mailbox {
        let limit = u64::try_from(MAX_MAIL)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let mut mail = Vec::new();
        octets.take(limit).read_to_end(&mut mail)?;
        let mail = Raw {
            number: None,
            octets: mail,
        };
        return Ok(Box::new([Ok(mail)].into_iter()));
    }
    let mails = mbox::MessageIterator::new(octets).zip(1..);
    let mails = mails.map(|(mail, number)| {
        Ok(Raw {
            number: Some(number),
            octets: mail?.unwrap_contents(),
        })
    });
    // The iterator would go on after an error, for ever where the file cannot be read.
    let mut is_over = false;
    Ok(Box::new(mails.take_while(move |mail| {
        !std::mem::replace(&mut is_over, mail.is_err())
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lens(octets: &'static [u8]) -> Vec<(Option<usize>, usize)> {
        let mails = split(octets).unwrap();
        mails
            .map(|mail| mail.unwrap())
            .map(|mail| (mail.number, mail.octets.len()))
            .collect()
    }

    #[test]
    fn mailboxes_and_mails() {
        assert_eq!(lens(b""), [(None, 0)]);
        assert_eq!(lens(b"From"), [(None, 4)]);
        assert_eq!(lens(b"From: a@example.com\n\nFrom \n"), [(None, 27)]);
        let mailbox = b"From a Mon\nA: b\n\n>From c\n\nFrom b Tue\nC: d\n";
        assert_eq!(lens(mailbox), [(Some(1), 14), (Some(2), 5)]);
    }

    /// A file that cannot be read on from some place.
    struct Broken(Cursor<&'static [u8]>);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("broken")),
                len => Ok(len),
            }
        }
    }

    #[test]
    fn nothing_comes_after_an_error() {
        let broken = Broken(Cursor::new(b"From a Mon\nA: b\n\nFrom b Tue\nC: d\n"));
        let mails = split(BufReader::new(broken)).unwrap();
        let is_ok: Vec<_> = mails.map(|mail| mail.is_ok()).collect();
        assert_eq!(is_ok, [true, false]);
    }
}
