//! How the rows of `*.txt` are written: see `README.md` beside them.

use std::fmt::Write as _;

/// An input and, as text, everything that is expected of it.
pub(crate) struct Row {
    /// File, line and title, for messages.
    pub(crate) name: String,
    /// The lines behind `| `, still escaped.
    pub(crate) input: Vec<String>,
    pub(crate) expected: String,
}

impl Row {
    /// The lines as a file: each ended by LF, but one that ends with a backslash.
    pub(crate) fn text(&self) -> Vec<u8> {
        let lines = self.input.iter().map(|line| match line.strip_suffix('\\') {
            Some(open) if !open.ends_with('\\') => unescape(open),
            _ => unescape(&format!("{line}\\n")),
        });
        lines.flatten().collect()
    }
}

/// The rows of a file in blocks: `# title`, lines of input behind `| `, then the expectation.
pub(crate) fn blocks(file: &str, text: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(title) = line.strip_prefix("# ") {
            rows.push(Row {
                name: format!("{file}:{}: {title}", number + 1),
                input: Vec::new(),
                expected: String::new(),
            });
            continue;
        }
        let Some(row) = rows.last_mut() else { continue };
        match line.strip_prefix('|') {
            Some(input) => row
                .input
                .push(input.strip_prefix(' ').unwrap_or(input).into()),
            None if line.is_empty() => {}
            None => row.expected.extend([line, "\n"]),
        }
    }
    rows
}

/// The rows of a table: cells between `|`, `#` before remarks. The last cell is the origin.
pub(crate) fn table(file: &str, text: &str) -> Vec<(String, Vec<String>)> {
    let is_row = |(_, line): &(usize, &str)| !line.is_empty() && !line.starts_with('#');
    let rows = text.lines().enumerate().filter(is_row);
    rows.map(|(number, line)| {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().into()).collect();
        (format!("{file}:{}: {line}", number + 1), cells)
    })
    .collect()
}

/// The bytes that an escaped text stands for: `\n`, `\r`, `\t`, `\\`, `\xff`, `\u{feff}`, and `\*63{a}`
/// for 63 times `a`.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (escape, behind) = rest[at + 1..].split_at(1);
        rest = behind;
        match escape {
            "n" => bytes.push(b'\n'),
            "r" => bytes.push(b'\r'),
            "t" => bytes.push(b'\t'),
            "\\" => bytes.push(b'\\'),
            "x" => {
                let digits = cut(&mut rest, 2);
                bytes.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits"));
            }
            "u" => {
                let number = in_braces(&mut rest);
                let number = u32::from_str_radix(number, 16);
                let char = char::from_u32(number.expect("a number")).expect("a character");
                bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            "*" => {
                let digits = rest.find('{').expect("a brace");
                let times = cut(&mut rest, digits).parse().expect("a number");
                bytes.extend(unescape(in_braces(&mut rest)).repeat(times));
            }
            other => panic!("\\{other} in {text}"),
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Takes so many bytes from the front.
fn cut<'a>(rest: &mut &'a str, len: usize) -> &'a str {
    let (part, behind) = rest.split_at(len);
    *rest = behind;
    part
}

/// Takes what stands between the brace that `rest` begins with and the one that closes it.
fn in_braces<'a>(rest: &mut &'a str) -> &'a str {
    let mut depth = 0_i32;
    for (at, char) in rest.char_indices() {
        depth += i32::from(char == '{') - i32::from(char == '}');
        if depth == 0 {
            return &cut(rest, at + 1)[1..at];
        }
    }
    panic!("no closing brace in {rest}");
}

/// The escaped form of bytes, without white space at its ends; long runs are folded.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take_while(|&&byte| byte == first).count();
        if run >= 20 && first.is_ascii_alphanumeric() {
            write!(out, "\\*{run}{{{}}}", char::from(first)).unwrap();
            rest = &rest[run..];
            continue;
        }
        let chunk = rest.utf8_chunks().next().expect("not empty");
        let Some(char) = chunk.valid().chars().next() else {
            write!(out, "\\x{first:02x}").unwrap();
            rest = &rest[1..];
            continue;
        };
        let at_an_end = rest.len() == bytes.len() || rest.len() == 1;
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            ' ' if !at_an_end => out.push(' '),
            _ if char.is_ascii_graphic() || (!char.is_ascii() && char.is_alphabetic()) => {
                out.push(char);
            }
            _ if char.is_ascii() => write!(out, "\\x{first:02x}").unwrap(),
            _ => write!(out, "\\u{{{:x}}}", u32::from(char)).unwrap(),
        }
        rest = &rest[char.len_utf8()..];
    }
    out
}

/// The lines in which two texts differ, from the first such line to the last: `- ` before the old
/// ones, `+ ` before the new ones. Where none is gone, the line before them comes first, behind `= `.
pub(crate) fn changes(old: &[u8], new: &[u8]) -> String {
    let old: Vec<_> = old.split_inclusive(|&byte| byte == b'\n').collect();
    let new: Vec<_> = new.split_inclusive(|&byte| byte == b'\n').collect();
    let same = |(a, b): &(&&[u8], &&[u8])| a == b;
    let front = old.iter().zip(&new).take_while(same).count();
    let before = &old[front.saturating_sub(1)..front];
    let (old, new) = (&old[front..], &new[front..]);
    let back = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(same)
        .count();
    let mut out = String::new();
    let added = old.len() == back && front > 0;
    for (sign, lines) in [
        ('=', if added { before } else { &[] }),
        ('-', &old[..old.len() - back]),
        ('+', &new[..new.len() - back]),
    ] {
        for line in lines {
            let shown = match line.strip_suffix(b"\n") {
                Some(line) => escape(line),
                None => escape(line) + "\\",
            };
            out.push('\n');
            out.push_str(format!("{sign} {shown}").trim_end());
        }
    }
    out
}
