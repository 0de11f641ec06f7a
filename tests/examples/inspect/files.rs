//! Files, directories, pipes, and what strangers put there.

use super::{FINDINGS, assert_usage_error, inspect, inspect_input, sample};
use crate::run::{ROOT, Run, directory, start};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let run = inspect(&["no-such-file.txt", "examples/data/clean.txt"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr
            .starts_with("error: cannot read no-such-file.txt: "),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 1);
    assert!(
        run.stdout.starts_with("valid: examples/data/clean.txt: "),
        "{}",
        run.stdout
    );
    assert_eq!(inspect(&["--json", "no-such-file.txt"]).code, Some(2));
}

#[test]
fn a_directory_stands_for_its_files_in_order() {
    let root = directory("inspect", "ordered");
    fs::create_dir(root.join("inner")).unwrap();
    for name in ["b.txt", "inner/c.txt", "a.txt"] {
        fs::write(root.join(name), "version: STSv1\nmode: none\nmax_age: 0\n").unwrap();
    }
    let run = inspect(&[OsStr::new("--json"), root.as_os_str()]);
    assert_eq!(run.code, Some(0));
    let files: Vec<_> = run
        .json()
        .iter()
        .map(|object| object["file"].clone())
        .collect();
    assert_eq!(
        files,
        ["a.txt", "b.txt"].map(|name| root.join(name).to_str().unwrap().to_owned())
    );
}

#[test]
fn a_directory_without_files_is_told() {
    let root = directory("inspect", "without-files");
    let complaint = format!("cannot read {}: there are no files in it", root.display());
    assert_usage_error(&[&root], &complaint);
}

#[test]
fn an_empty_input_is_an_empty_policy() {
    let run = inspect_input(&["-"], b"");
    assert_eq!(run.code, Some(1));
    assert!(
        run.stdout
            .starts_with("error[policy-empty]: the policy is empty\n"),
        "{}",
        run.stdout
    );
    assert_eq!(
        run.last(),
        "invalid: <stdin>: senders see no policy here; 1 error"
    );
}

#[test]
fn a_file_may_be_named_like_an_option() {
    let run = inspect(&["--", "--json"]);
    assert!(
        run.stderr.starts_with("error: cannot read --json: "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child = start("inspect", &["-"]);
    // The program waits for its input, so its output is closed before it writes any.
    drop(child.stdout.take());
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"mode: on\n")
        .unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

// Hostile input.

/// The same noise on every machine.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let byte = |_| self.next().to_le_bytes()[0];
        (0..len).map(byte).collect()
    }
}

#[test]
fn ten_megabytes_of_noise_are_told_in_few_words() {
    let noise = Noise(0x5eed).bytes(10_000_000);
    let run = inspect_input(&["-"], &noise);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.len() < 30_000, "{} bytes", run.stdout.len());
    assert!(
        run.stdout
            .contains(" findings more in <stdin>; `--json` lists more of them\n")
    );
    let object = inspect_input(&["-", "--json"], &noise).object();
    assert_eq!(object["diagnostics"].as_array().unwrap().len(), 1001);
}

#[test]
fn a_line_of_megabytes_is_shown_in_part_and_placed_in_the_whole() {
    let mut source = b"mx: ".to_vec();
    source.resize(3_000_000, b'a');
    let run = inspect_input(&["-"], &source);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.len() < 5_000, "{} bytes", run.stdout.len());
    let mark = format!("{} and 2999876 more bytes\n", "^".repeat(120));
    assert!(run.stdout.contains(&mark), "{}", run.stdout);
    assert!(
        run.stdout.contains(" --> <stdin>:1:3000001\n"),
        "{}",
        run.stdout
    );
}

/// Broken samples: never a panic, and the text and the JSON agree on every place.
#[test]
fn broken_samples_are_placed_alike_in_text_and_json() {
    const PIECES: [&[u8]; 20] = [
        b"\r",
        b"\n",
        b"\r\n",
        b"\t",
        b" ",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xe2\x80",
        b"# x",
        b":",
        b"=",
        b".",
        b"*.",
        b"mx: ",
        b"<",
        b"\xc3\xbc",
        b"\xf0\x9f\x98\x80",
        b"\x1b[1m",
        b"\x80\x80\x80",
    ];
    let root = directory("inspect", "broken");
    let mut noise = Noise(0xb0a7);
    for round in 0..12 {
        for (name, ..) in FINDINGS {
            let mut text = fs::read(Path::new(ROOT).join(sample(name))).unwrap();
            for _ in 0..=noise.next() % 6 {
                let at = noise.next() % (text.len() + 1);
                let end = text.len().min(at + noise.next() % 8);
                let piece = PIECES[noise.next() % PIECES.len()];
                text.splice(at..end, piece.iter().copied());
            }
            fs::write(root.join(format!("{round:02}-{name}")), text).unwrap();
        }
    }

    let root = root.to_str().unwrap();
    for option in ["--", "--lenient"] {
        let run = inspect(&[option, root]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
        let text: Vec<&str> = run.stdout.lines().collect();
        let shown = text.windows(2).filter_map(|lines| {
            let (_, code) = lines[0].split_once('[')?;
            let place = lines[1].trim_start().strip_prefix("--> ")?;
            Some(format!("{} {place}", code.split(']').next()?))
        });
        let shown: Vec<_> = shown.collect();

        let option = if option == "--" { "--json" } else { option };
        let objects = inspect(&["--json", option, root]).json();
        let meant = objects.iter().flat_map(|object| {
            let file = object["file"].as_str().unwrap();
            let found = object["diagnostics"].as_array().unwrap().iter();
            found.map(move |found| {
                let code = found["code"].as_str().unwrap();
                format!("{code} {file}:{}:{}", found["line"], found["column"])
            })
        });
        assert_eq!(shown, meant.collect::<Vec<_>>());
    }
}
