//! The protocol of socketmaps: netstrings in pieces of any size, and a server that others try the patience of.

mod server;

use live::socketmap::{Malformed, Netstrings, Reply, Untrusted, netstring};

/// Everything that comes out of these pieces, and what it ends with.
fn cut<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limit: usize,
) -> (Vec<String>, Result<bool, Malformed>) {
    let mut netstrings = Netstrings::new(limit);
    let mut all = Vec::new();
    for piece in pieces {
        netstrings.push(piece);
        loop {
            match netstrings.take() {
                Ok(Some(netstring)) => all.push(String::from_utf8(netstring).unwrap()),
                Ok(None) => break,
                Err(malformed) => return (all, Err(malformed)),
            }
        }
    }
    (all, Ok(netstrings.is_empty()))
}

#[test]
fn netstrings_in_pieces_of_every_size() {
    let strings = ["", "a", "mta-sts example.com", ",", "3:abc,", "0123456789"];
    let text = strings.map(|string| netstring(string.as_bytes())).concat();
    assert!(text.starts_with(b"0:,1:a,19:mta-sts example.com,1:,,6:3:abc,,10:"));
    for size in 1..=text.len() {
        let (all, end) = cut(text.chunks(size), 19);
        assert_eq!(
            (all, end),
            (strings.map(String::from).into(), Ok(true)),
            "{size}"
        );
    }
    // Whatever is missing at its end, it is no error yet.
    let begins: Vec<_> = (1..=text.len())
        .map(|end| cut([&text[..end]], 19))
        .collect();
    assert!(begins.iter().all(|(all, end)| end.is_ok()
        && strings.starts_with(&all.iter().map(String::as_str).collect::<Vec<_>>())));
}

#[test]
fn what_is_no_netstring() {
    let rows: [(&[u8], _); 14] = [
        (b"x", Malformed::Length),
        (b":,", Malformed::Length),
        (b" 1:a,", Malformed::Length),
        (b"-1:a,", Malformed::Length),
        (b"+1:a,", Malformed::Length),
        (b"1 :a,", Malformed::Length),
        (b"01:a,", Malformed::Length),
        (b"00", Malformed::Length),
        (b"\n", Malformed::Length),
        (b"GET / HTTP/1.1\r\n\r\n", Malformed::Length),
        (b"1:aa", Malformed::End),
        (b"0:\n", Malformed::End),
        (b"33", Malformed::TooLong),
        (b"99999999999999999999999999999999", Malformed::TooLong),
    ];
    for (text, wanted) in rows {
        let shown = text.escape_ascii();
        assert_eq!(cut([text], 32), (vec![], Err(wanted)), "{shown}");
        assert_eq!(cut(text.chunks(1), 32), (vec![], Err(wanted)), "{shown}");
        let after_another = [b"2:ok,", text].concat();
        assert_eq!(
            cut([&*after_another], 32),
            (vec!["ok".to_owned()], Err(wanted)),
            "{shown}"
        );
    }
}

#[test]
fn replies_as_postfix_wants_them() {
    let rows = [
        (
            Reply::Found("secure match=a".to_owned()),
            "OK secure match=a",
        ),
        (Reply::NotFound, "NOTFOUND "),
        (Reply::Temporary("later"), "TEMP later"),
        (Reply::TimedOut("slow"), "TIMEOUT slow"),
        (Reply::Permanent("never"), "PERM never"),
    ];
    for (reply, wanted) in rows {
        assert_eq!(reply.to_string(), wanted);
    }
}

#[test]
fn nothing_that_a_stranger_wrote_gets_raw_into_the_log() {
    let shown = |bytes: &[u8]| Untrusted(bytes).to_string();
    assert_eq!(shown(b"example.com"), "\"example.com\"");
    assert_eq!(
        shown(b"a\n\x1b[31m\"\\\xff\xe2\x80\xae"),
        "\"a\\n\\x1b[31m\\\"\\\\\\xff\\xe2\\x80\\xae\""
    );
    assert_eq!(shown(&[b'a'; 300]).len(), 302);
    assert_eq!(shown(&[b'a'; 301]), format!("\"{}\"…", "a".repeat(300)));
}
