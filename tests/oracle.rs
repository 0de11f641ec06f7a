//! The strict parsers against an oracle that knows only the ABNF of RFC 8461 and a list of
//! side conditions, over generated and mutated inputs.
//!
//! `MTA_STS_ORACLE_CASES=1000000 cargo test --release --test oracle -- --nocapture` hunts
//! longer. Case `n` is the same on every machine and whatever the count.

mod abnf;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use abnf::{Grammar, RFC_8461};
use mta_sts::{Mode, Policy, StsRecord};

// ---- The oracle ----

/// Why the oracle refuses an input: the ABNF, or the side condition that fails first.
type Refusal = &'static str;

/// Names and values of unknown fields: the first of each name, in order.
type Extensions = Vec<(String, String)>;

/// What a policy says. `Debug` is what a difference prints.
#[derive(Debug, Default, PartialEq, Eq)]
struct PolicyReading {
    mode: String,
    max_age: u64,
    mx: Vec<String>,
    extensions: Extensions,
}

/// What a record says.
#[derive(Debug, Default, PartialEq, Eq)]
struct RecordReading {
    id: String,
    extensions: Extensions,
}

/// Reads a policy by the ABNF and the side conditions.
///
/// Once the whole body is an `sts-policy-record`, cutting is safe: LF occurs in no field,
/// CR only before LF, and the first `:` of a line ends its name.
fn oracle_policy(rfc: &Grammar, body: &[u8]) -> Result<PolicyReading, Refusal> {
    ensure(rfc.matches("sts-policy-record", body), "ABNF")?;
    let mut reading = PolicyReading::default();
    let mut seen = BTreeSet::new();
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    for line in body.split(|&b| b == b'\n') {
        let line = trim_wsp(line.strip_suffix(b"\r").unwrap_or(line));
        let (name, value) = cut(line, b':');
        if name != "mx" && !seen.insert(name.clone()) {
            // The value of a duplicate is free within `sts-policy-extension`.
            assert!(rfc.matches("sts-policy-extension", line));
            continue;
        }
        match &*name {
            "version" => ensure(rfc.matches("sts-policy-version", line), "version value")?,
            "mode" => {
                ensure(rfc.matches("sts-policy-mode", line), "mode value")?;
                reading.mode = value;
            }
            "max_age" => {
                ensure(rfc.matches("sts-policy-max-age", line), "max_age value")?;
                let seconds: u64 = value.parse().expect("ten digits at most");
                reading.max_age = seconds.min(31_557_600);
            }
            "mx" => {
                ensure(rfc.matches("sts-policy-mx", line), "mx value")?;
                let domain = value.strip_prefix("*.").unwrap_or(&value);
                let fits = domain.len() <= 253 && domain.split('.').all(|label| label.len() <= 63);
                ensure(fits, "mx length")?;
                reading.mx.push(value.to_ascii_lowercase());
            }
            _ => reading.extensions.push((name, value)),
        }
    }
    ensure(seen.contains("version"), "no version")?;
    ensure(seen.contains("mode"), "no mode")?;
    ensure(seen.contains("max_age"), "no max_age")?;
    ensure(reading.mode == "none" || !reading.mx.is_empty(), "no mx")?;
    Ok(reading)
}

/// Reads a record by the ABNF and the side conditions. A `;` occurs in no field.
fn oracle_record(rfc: &Grammar, text: &[u8]) -> Result<RecordReading, Refusal> {
    ensure(rfc.matches("sts-text-record", text), "ABNF")?;
    let mut reading = RecordReading::default();
    // The first field is the version: the ABNF has seen to it.
    let mut seen = BTreeSet::from(["v".to_owned()]);
    for field in text.split(|&b| b == b';').skip(1).map(trim_wsp) {
        if field.is_empty() {
            continue; // after the last delimiter
        }
        let (name, value) = cut(field, b'=');
        if !seen.insert(name.clone()) {
            assert!(rfc.matches("sts-extension", field));
        } else if name == "id" {
            ensure(rfc.matches("sts-id", field), "id value")?;
            reading.id = value;
        } else {
            reading.extensions.push((name, value));
        }
    }
    ensure(seen.contains("id"), "no id")?;
    Ok(reading)
}

fn ensure(holds: bool, otherwise: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Without WSP at either end; `trim_ascii` would take more than SP and HTAB.
fn trim_wsp(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Name and value of a field that the ABNF has accepted, which is UTF-8 therefore.
fn cut(field: &[u8], delimiter: u8) -> (String, String) {
    let at = field
        .iter()
        .position(|&b| b == delimiter)
        .expect("a delimiter");
    let own = |part: &[u8]| String::from_utf8(part.to_vec()).expect("UTF-8");
    (own(&field[..at]), own(trim_wsp(&field[at + 1..])))
}

// ---- The crate, in the oracle's words ----

/// What the crate says of one input, by `parse` and by `inspect`.
#[derive(Debug)]
struct Answer<R> {
    parsed: Result<R, String>,
    inspected: Option<R>,
}

fn crate_policy(body: &[u8]) -> Answer<PolicyReading> {
    let read = |policy: &Policy| PolicyReading {
        mode: match policy.mode() {
            Mode::Enforce => "enforce",
            Mode::Testing => "testing",
            Mode::None => "none",
        }
        .to_owned(),
        max_age: policy.max_age().as_secs(),
        mx: policy.mx().map(|pattern| pattern.to_string()).collect(),
        extensions: policy
            .extensions()
            .map(|extension| (extension.name().to_owned(), extension.value().to_owned()))
            .collect(),
    };
    Answer {
        parsed: Policy::parse(body)
            .as_ref()
            .map(read)
            .map_err(ToString::to_string),
        inspected: Policy::inspect(body).value().map(read),
    }
}

fn crate_record(text: &[u8]) -> Answer<RecordReading> {
    let read = |record: &StsRecord| RecordReading {
        id: record.id().as_str().to_owned(),
        extensions: record
            .extensions()
            .iter()
            .map(|extension| (extension.name().to_owned(), extension.value().to_owned()))
            .collect(),
    };
    Answer {
        parsed: StsRecord::parse(text)
            .as_ref()
            .map(read)
            .map_err(ToString::to_string),
        inspected: StsRecord::inspect(text).value().map(read),
    }
}

// ---- Inputs ----

/// What may stand in one place, separated by `|`: first what keeps an input valid, then
/// the flaws.
type Choices = (&'static [u8], &'static [u8]);

const BODY_START: Choices = (b"", b"\xef\xbb\xbf| |\t|\n|\r\n|# x\n|\0|\xff\xfe");
const LINE_END: Choices = (
    b"\n|\r\n",
    b"|\r|\n\n|\n\r|\r\r\n|\n \n|\r\n\r\n|\n |\n\t|\x0b|\x0c|\xc2\x85|\xe2\x80\xa8|\n#x\n",
);
const BODY_END: Choices = (b"|\n|\r\n", b"\r|\n\n|\r\n\r\n|\n |\0|\x1a|\n\r|\xc2\x85");
const COLON: Choices = (
    b":|: |: |:  |:\t|: \t ",
    b" : |\t:||=|::| |:\x0b|:\xc2\xa0|:\r\n ",
);
const LINE_TAIL: Choices = (
    b"|||| |\t| \t ",
    b"\x0b|\x0c|\0|\xc2\xa0|\xc2\x85|;|,| #x|\r",
);
const VERSION: Choices = (
    b"STSv1",
    b"|stsv1|STSV1|STSv2|STSv10|STSv1;|STSv 1|\"STSv1\"|sTSv1|STSv\xef\xbc\x91",
);
const MODE: Choices = (
    b"enforce|testing|none",
    b"|Enforce|NONE|enforced|report|non|none;|testing,none|none none",
);
const MAX_AGE: Choices = (
    b"0|00|604800|31557599|31557600|31557601|4294967296|9999999999|0000000060",
    b"|-1|+1|1 0|1.0|1e3|0x10|6_0|1d|60s|\xd9\xa3\xd9\xa0|\xef\xbc\x91|1\0|\xc2\xa01",
);
const MX_START: Choices = (b"|||*.", b"*|.|*.*.|**.|a.*.|[|*..| ");
const MX_END: Choices = (b"", b".|..|]|:25|,b|;| b|-|.*");
const LABEL: Choices = (
    b"a|Z|0|9z|mx1|MAIL|a-b|a--b|xn--a|xn--bcher-kva|example|com",
    b"|-a|a-|a_b|*|a b|a\tb|xn--|-|b\xc3\xbccher|a\0|a/b|a\\b|\xef\xbc\xa1|\xe2\x84\xaa",
);
/// Names of extensions and, more often, later duplicates of known ones.
const NAME: Choices = (
    b"version|mode|max_age|version|mode|max_age|a|A|0|note|Note|Mode|MX|VERSION|modes|max-age|max.age|\
      mxs|v|id|aaaaaaaabbbbbbbbccccccccdddddddd",
    b"|_a|-a|.a|mode | mode|max age|\xc3\xa9|a*|\"a\"|\xef\xbb\xbfmode|a\0|a=b|\
      aaaaaaaabbbbbbbbccccccccdddddddde",
);
/// C1 controls, separators, the BOM, blanks that are no WSP and the edges of each UTF-8
/// form; then controls, overlong forms, surrogates, too large, truncated and stray bytes.
const TEXT: Choices = (
    b"x|a b|a  b|:|: a|mode: none|!~|;|=|enforce|STSv2|-1|_.x|\xc2\x80|x\xc2\x85mode: none|\
      \xe2\x80\xa8|\xef\xbb\xbf|\xc2\xa0|\xc2\xa0x\xe3\x80\x80|\xdf\xbf|\xe0\xa0\x80|\xed\x9f\xbf|\
      \xee\x80\x80|\xef\xbf\xbf|\xf0\x90\x80\x80|\xf3\xa0\x80\x81|\xf4\x8f\xbf\xbf",
    b"|a\0b|a\tb|a\x0bb|a\x0cb|a\x1bb|a\x1fb|\x7f|a\rb|\xc0\x80|\xc1\xbf|\xe0\x80\x80|\xe0\x9f\xbf|\
      \xed\xa0\x80|\xed\xbf\xbf|\xf0\x80\x80\x80|\xf0\x8f\xbf\xbf|\xf4\x90\x80\x80|\xf5\x80\x80\x80|\
      \x80|\xbf|\xc3|\xc3a|\xe2\x80|\xe2\x80 |\xf0\x9f\x98|\xfe|\xff",
);
const RECORD_START: Choices = (
    b"v=STSv1",
    b"|V=STSv1|v=stsv1|v=STSv2|v=STSv10|v =STSv1|v= STSv1| v=STSv1|\xef\xbb\xbfv=STSv1|id=1",
);
const DELIMITER: Choices = (
    b";|; | ;| ; |\t;\t|; \t ",
    b"|;;|; ;| |,|\xef\xbc\x9b|\n|;\n|;\r\n|;\xc2\xa0|;\x0b|:|;\0",
);
const RECORD_END: Choices = (b"||;|; |\t;", b" |\t|;;|\n|\0|; ;|;\r\n");
const ID_NAME: Choices = (b"id=", b"ID=|id|id =|id= |Id=|id==|id:| id=");
const ID: Choices = (
    b"20160831085700Z|1|a|Z|00000000000000000000000000000000",
    b"|2016-08-31|a_b|a.b|a b|\"a\"|\xc3\xa9|000000000000000000000000000000000",
);
const RECORD_NAME: Choices = (
    b"id|v|id|v|a|A|0|note|Note|ID|V|ids|a_b-c.d|i|aaaaaaaabbbbbbbbccccccccdddddddd",
    NAME.1,
);
const RECORD_TEXT: Choices = (
    b"x|2016-08-31|STSv2|a:b/c?d&e|!~|:|<>|_.-|'\"\\,",
    b"|a=b|a b|caf\xc3\xa9|a\0|\x7f|a\tb|\xff|a\n|a,\x1f",
);
/// Bytes that mean something in the grammar or to careless readers.
const TELLING: &[u8] =
    b" \t\r\n:;=*.-_|09azAZv#\"/\0\x0b\x0c\x7f\x80\x85\xa0\xbf\xc0\xc2\xe2\xed\xf0\xf4\xff";

/// A source of near-valid inputs.
struct Source {
    state: u64,
    /// One choice in so many is a flaw; 0 is never.
    flaw_in: usize,
    text: Vec<u8>,
}

impl Source {
    /// The source of one case: without flaws, with few or with many.
    fn new(case: u64) -> Self {
        // An odd multiplier spreads neighbouring cases; xorshift must not begin at zero.
        let state = (case + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut source = Self {
            state,
            flaw_in: 0,
            text: Vec::new(),
        };
        source.flaw_in = [0, 0, 60, 30, 12, 6][source.below(6)];
        source
    }

    /// A number below `limit`, by xorshift64*.
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let high = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        usize::try_from(high).expect("32 bits") % limit
    }

    fn flaw(&mut self) -> bool {
        self.flaw_in > 0 && self.below(self.flaw_in) == 0
    }

    fn put(&mut self, (good, bad): Choices) {
        let table = if self.flaw() { bad } else { good };
        let choices: Vec<&[u8]> = table.split(|&b| b == b'|').collect();
        let choice = choices[self.below(choices.len())];
        self.text.extend(choice);
    }

    /// A number below `few`, now and then up to 20 more: duplicates among many names are
    /// found in another way than among few.
    fn count(&mut self, few: usize) -> usize {
        let more = if self.below(16) == 0 {
            self.below(21)
        } else {
            0
        };
        self.below(few) + more
    }

    /// Up to `limit` letters in one of four cases: what follows then stands anywhere in the
    /// words a scanner may take at once.
    fn pad(&mut self, limit: usize) {
        if self.below(4) == 0 {
            for _ in 0..=self.below(limit) {
                let letter = b"aZ"[self.below(2)];
                self.text.push(letter);
            }
        }
    }

    fn policy(&mut self) {
        let mut names = Vec::new();
        let mx_count = [0, 1, 1, 1, 2, 4][self.below(6)];
        for name in ["version", "mode", "max_age", "mx", "mx", "mx", "mx"]
            .iter()
            .take(3 + mx_count)
        {
            if !self.flaw() {
                names.insert(self.below(names.len() + 1), *name);
            }
        }
        for _ in 0..self.count(4) {
            // Mostly at the end, where a duplicate of a known field is a later one.
            let end = names.len();
            names.insert([end, end, self.below(end + 1)][self.below(3)], "");
        }
        self.put(BODY_START);
        for (at, name) in names.into_iter().enumerate() {
            if at > 0 {
                self.put(LINE_END);
            }
            self.policy_line(name);
        }
        self.put(BODY_END);
    }

    /// A line with a value for its name, or with any name and text when `name` is empty.
    fn policy_line(&mut self, name: &str) {
        if name.is_empty() {
            self.put(NAME);
            self.pad(12);
        } else if self.flaw() {
            self.text.extend(name.to_uppercase().bytes());
        } else {
            self.text.extend(name.bytes());
        }
        self.put(COLON);
        match name {
            "version" => self.put(VERSION),
            "mode" => self.put(MODE),
            "max_age" => self.max_age(),
            "mx" => self.mx(),
            _ => {
                self.pad(40);
                self.put(TEXT);
                self.pad(40);
            }
        }
        self.put(LINE_TAIL);
    }

    fn max_age(&mut self) {
        if self.below(2) == 0 {
            return self.put(MAX_AGE);
        }
        for _ in 0..=self.below(10) + 2 * usize::from(self.flaw()) {
            let digit = b"0123456789"[self.below(10)];
            self.text.push(digit);
        }
    }

    fn mx(&mut self) {
        self.put(MX_START);
        let over = 2 * usize::from(self.flaw() || self.below(16) == 0);
        match self.below(8) {
            // A label of 62 to 65 octets.
            0 => {
                let length = 62 + over + self.below(2);
                self.text.extend(vec![b'a'; length]);
                self.text.extend(b".example");
            }
            // A name of 252 to 255 octets.
            1 => {
                let (length, step) = (252 + over + self.below(2), 40 + self.below(24));
                self.text
                    .extend((1..length).map(|at| if at % step == 0 { b'.' } else { b'b' }));
                self.text.push(b'c');
            }
            _ => {
                for at in 0..=self.below(4) {
                    self.text.extend(if at > 0 { &b"."[..] } else { b"" });
                    self.pad(20);
                    self.put(LABEL);
                }
            }
        }
        self.put(MX_END);
    }

    fn record(&mut self) {
        self.put(RECORD_START);
        let count = 1 + self.count(4);
        let id_at = [0, 0, 0, 0, 0, 1, 2, 3][self.below(8)] % (count + usize::from(self.flaw()));
        for at in 0..count {
            self.put(DELIMITER);
            if at == id_at {
                self.put(ID_NAME);
                self.pad(8);
                self.put(ID);
            } else {
                self.put(RECORD_NAME);
                self.pad(12);
                self.put((b"=", b"|==| = |:|= "));
                self.pad(20);
                self.put(RECORD_TEXT);
            }
        }
        self.put(RECORD_END);
    }

    /// Up to three small accidents to two inputs in five.
    fn mutate(&mut self) {
        for _ in 0..[0, 0, 0, 1, 3][self.below(5)] {
            let (at, end) = (self.below(self.text.len() + 1), self.text.len());
            let (bit, telling) = (self.below(8), TELLING[self.below(TELLING.len())]);
            match self.below(8) {
                0 if at < end => self.text[at] ^= 1 << bit,
                1 if at < end => self.text[at] = telling,
                2 if at < end => drop(self.text.remove(at)),
                3 if at + 1 < end => self.text.swap(at, at + 1),
                4 if bit < 2 => self.text.truncate(at),
                5 | 6 => self.mutate_lines(),
                _ => self.text.insert(at, telling),
            }
        }
    }

    /// Duplicates, swaps or drops a line of a policy, a field of a record.
    fn mutate_lines(&mut self) {
        let text = std::mem::take(&mut self.text);
        let end = if text.contains(&b'\n') { b'\n' } else { b';' };
        let mut lines: Vec<&[u8]> = text.split_inclusive(|&b| b == end).collect();
        let (from, to) = (self.below(lines.len() + 1), self.below(lines.len() + 1));
        match self.below(3) {
            0 if from < lines.len() => lines.insert(to, lines[from]),
            1 if from.max(to) < lines.len() => lines.swap(from, to),
            2 if from < lines.len() => drop(lines.remove(from)),
            _ => {}
        }
        self.text = lines.concat();
    }
}

// ---- The hunt ----

/// Judges generated inputs with oracle and crate, and prints those they differ on. Why an
/// input is refused may differ.
fn hunt<R: Debug + PartialEq>(
    generate: impl Fn(&mut Source),
    oracle: impl Fn(&[u8]) -> Result<R, Refusal>,
    subject: impl Fn(&[u8]) -> Answer<R>,
    verdict_kinds: usize,
) {
    let wanted = std::env::var("MTA_STS_ORACLE_CASES");
    let wanted = wanted.map_or(0, |count| {
        count.parse().expect("MTA_STS_ORACLE_CASES is a number")
    });
    let cases = wanted.max(8_000);
    let ask = |input: &[u8]| {
        catch_unwind(AssertUnwindSafe(|| subject(input)))
            .unwrap_or_else(|_| panic!("the crate panics on b\"{}\"", input.escape_ascii()))
    };
    let agrees = |expected: &Result<R, Refusal>, input: &[u8]| {
        let answer = ask(input);
        let expected = expected.as_ref().ok();
        answer.parsed.as_ref().ok() == expected && answer.inspected.as_ref() == expected
    };

    let mut verdicts: BTreeMap<Option<Refusal>, u64> = BTreeMap::new();
    let mut differing = BTreeSet::new();
    for case in 0..cases {
        let mut source = Source::new(case);
        generate(&mut source);
        source.mutate();
        let expected = oracle(&source.text);
        *verdicts
            .entry(expected.as_ref().err().copied())
            .or_default() += 1;
        if differing.len() < 20 && !agrees(&expected, &source.text) {
            differing.insert(shrink(source.text, |input| !agrees(&oracle(input), input)));
        }
    }
    println!("{cases} cases: {verdicts:?}");
    for input in &differing {
        println!("\nb\"{}\"", input.escape_ascii());
        println!("oracle: {:?}\n crate: {:?}", oracle(input), ask(input));
    }
    let count = differing.len();
    assert_eq!(
        count, 0,
        "crate and oracle differ on the {count} inputs above"
    );

    // The test would be empty if nearly all inputs had one verdict or a rule were never broken.
    let (accepted, fifth) = (verdicts[&None], cases / 5);
    assert!(
        (fifth..=cases - fifth).contains(&accepted),
        "{accepted} of {cases} accepted"
    );
    assert_eq!(verdicts.len(), verdict_kinds, "{verdicts:?}");
}

/// Leaves out what can be left out of an input while `fails` holds.
fn shrink(mut input: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    for size in [64, 16, 4, 1, 1] {
        let mut at = 0;
        while at + size <= input.len() {
            let shorter = [&input[..at], &input[at + size..]].concat();
            if fails(&shorter) {
                input = shorter;
            } else {
                at += 1;
            }
        }
    }
    input
}

#[test]
fn policies_are_read_as_the_abnf_says() {
    let rfc = Grammar::read(RFC_8461);
    hunt(
        Source::policy,
        |body| oracle_policy(&rfc, body),
        crate_policy,
        11,
    );
}

#[test]
fn records_are_read_as_the_abnf_says() {
    let rfc = Grammar::read(RFC_8461);
    hunt(
        Source::record,
        |text| oracle_record(&rfc, text),
        crate_record,
        4,
    );
}

/// The oracle itself against verdicts that were reached by hand.
#[test]
fn the_oracle_agrees_with_the_shared_vectors() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/vectors/vectors.json"
    );
    let Ok(json) = std::fs::read(path) else {
        println!("skipped: there is no ../shared/vectors/vectors.json");
        return;
    };
    let rfc = Grammar::read(RFC_8461);
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&json).expect("an array of rows");
    let mut judged = 0;
    for row in rows {
        let (input, expect) = (bytes(&row), &row["expect"]);
        let agrees = match row["kind"].as_str() {
            Some("policy") => match oracle_policy(&rfc, &input) {
                Err(_) => expect["accept"] == false,
                Ok(reading) => {
                    let mx = serde_json::json!(reading.mx).to_string();
                    expect["accept"] == true
                        && expect["mode"] == reading.mode
                        && expect["max_age"] == reading.max_age
                        && expect["mx"].to_string().to_ascii_lowercase() == mx
                }
            },
            Some("txt") => match oracle_record(&rfc, &input) {
                Err(_) => expect["accept"] == false,
                Ok(reading) => expect["accept"] == true && expect["id"] == reading.id,
            },
            _ => continue,
        };
        assert!(agrees, "{row}");
        judged += 1;
    }
    assert!(judged > 0, "no row of a known kind");
}

/// The input of a row, which is text or hex.
fn bytes(row: &serde_json::Value) -> Vec<u8> {
    if let Some(hex) = row["input_hex"].as_str() {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        return (0..hex.len()).step_by(2).map(byte).collect();
    }
    row["input"].as_str().unwrap_or_default().into()
}
