//! Generated inputs: near-valid texts of fragments of the grammar, and mutations of them.

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
    b"x|a b|a  b|:|: a|mode: none|!~|;|=|none|testing|60|STSv2|-1|_.x|\xc2\x80|x\xc2\x85mode: none|\
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
const TLS_RPT_START: Choices = (
    b"v=TLSRPTv1",
    b"|V=TLSRPTv1|v=tlsrptv1|v=TLSRPTv2|v=TLSRPTv10|v =TLSRPTv1| v=TLSRPTv1|rua=a:b",
);
const RUA_NAME: Choices = (b"rua=", b"RUA=|rua|rua =|rua= |rua==|rua:|ruf=");
const COMMA: Choices = (b",|, | ,|\t, \t", b"|,,|, ,|;| |,\xc2\xa0|\x0b,");
const SCHEME: Choices = (
    b"mailto:|https:|MailTo:|x:|a+b-c.1:|mailto:|https:",
    b"|:|1a:|+a:|a_b:|mailto|mailto :|mailto: |\xc3\xa9:|%61:|a%3a",
);
const AUTHORITY: Choices = (
    b"||//|//host.net|//u:p@|//u@h:443|//h:|//:1|//[::]|//[1:2:3:4:5:6:7:8]|//[1::8]|//[1:2:3:4:5:6:7::]|\
      //[::2:3:4:5:6:7:8]|//[::ffff:192.0.2.1]|//[1:2:3:4:5:6:255.249.199.99]|//[abcd:EF01::]|//[v1.a]|\
      //[VaF.~:$]|//%41|//192.0.2.1|//u@[::1]:80|//999.1",
    b"//[|//]|//[]|//[:]|//[:::]|//[1]|//[1:2:3:4:5:6:7]|//[1:2:3:4:5:6:7:8:9]|//[1:2:3:4:5:6:7:8::]|//[1::2::3]|\
      //[12345::]|//[g::]|//[::1.2.3]|//[::01.2.3.4]|//[::256.1.1.1]|//[1.2.3.4::]|//[::1.2.3.4:5]|//[192.0.2.1]|\
      //[::1%25a]|//[v.a]|//[v1.]|//[v1a]|//[vg.a]|//[v1.@]|//[::1]a|//a[::1]|//h:a|//a:b:c|//a@b@c|//h%4|//h\\|\
      //a b|//u:p:@[::1",
);
const PATH: Choices = (
    b"||/|/a|a@host.net|a/b//c|/a//|:|@|%21|a%2Cb|a=b&c|~_-.|$'()*+",
    b"//|a!b|a!10m|%|%4|%4g|%g4|[|]|a b|a\tb|\"|<|>|\\|^|`|{|}|\x7f|\xc3\xa9|\0|a\n",
);
const TAIL: Choices = (
    b"||||?|?a=b&c|?/?:@%20|#|#a/?|?#|?a#b",
    b"##|#a#b|?[|#]|?%|#%z|?!|#!| |?a b|#\xff",
);
/// Bytes that mean something in the grammar or to careless readers.
const TELLING: &[u8] =
    b" \t\r\n:;=*.-_|09azAZv#\"/\0\x0b\x0c\x7f\x80\x85\xa0\xbf\xc0\xc2\xe2\xed\xf0\xf4\xff";

/// A source of near-valid inputs.
pub(crate) struct Source {
    state: u64,
    /// One choice in so many is a flaw; 0 is never.
    flaw_in: usize,
    pub(crate) text: Vec<u8>,
}

impl Source {
    /// The source of one case: without flaws, with few or with many.
    pub(crate) fn new(case: u64) -> Self {
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

    /// A flaw that would not turn up often enough by itself.
    fn rare_flaw(&mut self) -> bool {
        self.flaw() || self.below(16) == 0
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

    pub(crate) fn policy(&mut self) {
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
        let count = 1 + if self.rare_flaw() { 10 } else { self.below(10) };
        for _ in 0..count {
            let digit = b"0123456789"[self.below(10)];
            self.text.push(digit);
        }
    }

    fn mx(&mut self) {
        self.put(MX_START);
        let over = 2 * usize::from(self.rare_flaw());
        match self.below(8) {
            // A label of 62 to 65 octets.
            0 => {
                let length = 62 + over + self.below(2);
                self.text.extend(vec![b'a'; length]);
                self.put((b"|.example", b".|-"));
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

    pub(crate) fn record(&mut self) {
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

    pub(crate) fn tls_rpt_record(&mut self) {
        self.put(TLS_RPT_START);
        let count = 1 + self.count(4);
        let places = count + usize::from(self.flaw());
        let rua_at = self.below(places);
        for at in 0..count {
            self.put(DELIMITER);
            if at == rua_at || self.below(4) == 0 {
                self.put(RUA_NAME);
                self.uri();
                for _ in 0..self.below(3) {
                    self.put(COMMA);
                    self.uri();
                }
            } else {
                self.put(RECORD_NAME);
                self.put((b"=", b"|==| = |:|= "));
                self.pad(20);
                self.put(RECORD_TEXT);
            }
        }
        self.put(RECORD_END);
    }

    fn uri(&mut self) {
        self.put(SCHEME);
        let before = self.text.len();
        self.put(AUTHORITY);
        if self.text.len() > before && !self.rare_flaw() {
            self.text.push(b'/');
        }
        self.put(PATH);
        self.put(TAIL);
    }

    /// Up to three small accidents to two inputs in five.
    pub(crate) fn mutate(&mut self) {
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
