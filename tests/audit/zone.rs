//! A reader of the lines of a zone file (RFC 1035 §5.1), for what plans write and no more.

use mta_sts::TxtAnswer;

/// What stands in one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) owner: String,
    pub(crate) ttl: u64,
    pub(crate) data: Data,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Cname(String),
    /// The character-strings.
    Txt(Vec<Vec<u8>>),
}

pub(crate) fn parse(line: &str) -> Line {
    let mut fields = line.splitn(5, ' ');
    let mut field = || fields.next().unwrap();
    let (owner, ttl, class, kind, data) = (field(), field(), field(), field(), field());
    assert!(owner.ends_with('.') && class == "IN", "{line}");
    let data = match kind {
        "CNAME" => Data::Cname(data.to_owned()),
        "TXT" => Data::Txt(strings(data)),
        _ => panic!("{line}"),
    };
    Line {
        owner: owner.to_owned(),
        ttl: ttl.parse().unwrap(),
        data,
    }
}

/// The strings in quotes, one space between two.
fn strings(data: &str) -> Vec<Vec<u8>> {
    let mut strings = Vec::new();
    let mut rest = data;
    loop {
        let (string, behind) = string(rest.strip_prefix('"').expect(data));
        strings.push(string);
        match behind.strip_prefix(' ') {
            Some(behind) => rest = behind,
            None if behind.is_empty() => return strings,
            None => panic!("{data}"),
        }
    }
}

/// The bytes before the closing quote, and the text behind it.
fn string(text: &str) -> (Vec<u8>, &str) {
    let mut string = Vec::new();
    let mut rest = text;
    loop {
        let char = rest.chars().next().expect("a closing quote");
        rest = &rest[char.len_utf8()..];
        match char {
            '"' => return (string, rest),
            '\\' if rest.starts_with(|next: char| next.is_ascii_digit()) => {
                string.push(rest[..3].parse().unwrap());
                rest = &rest[3..];
            }
            '\\' => {
                string.push(rest.as_bytes()[0]);
                rest = &rest[1..];
            }
            _ => {
                assert!(matches!(char, ' '..='~'), "{text}");
                string.push(u8::try_from(char).unwrap());
            }
        }
    }
}

/// The TXT answer at a name, as a server with these lines gives it.
pub(crate) fn answer(lines: &[String], owner: &str) -> TxtAnswer {
    let mut answer = TxtAnswer::new();
    for line in lines.iter().map(|line| parse(line)) {
        if let (true, Data::Txt(strings)) = (line.owner == format!("{owner}."), line.data) {
            assert!(strings.iter().all(|string| string.len() <= 255));
            answer.push_record(strings);
        }
    }
    answer
}

#[test]
fn what_is_quoted_is_read() {
    let line = parse(r#"a.net. 60 IN TXT "a \"b\" \\ \195\169;" "c""#);
    let strings = [b"a \"b\" \\ \xc3\xa9;".to_vec(), b"c".to_vec()];
    assert_eq!((line.ttl, line.data), (60, Data::Txt(strings.into())));
}
