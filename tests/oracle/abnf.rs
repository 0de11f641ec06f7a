//! A reader of ABNF (RFC 5234, RFC 7405) and a matcher that decides whether a byte
//! string belongs to a rule.
//!
//! It shares nothing with the parser of the crate: the grammar is the text of the RFC,
//! and matching is by sets of positions. A node maps the set of places where it may begin
//! to the set of all places where it may end, so an ambiguous grammar needs no
//! choice and no backtracking, and the work is polynomial. What it does not know is
//! left recursion, which the grammar has not.

use std::collections::HashMap;

/// The ABNF of RFC 8461 with everything it draws in.
pub(crate) const RFC_8461: &str = include_str!("rfc8461.abnf");

/// The ABNF of RFC 8460 §3 with everything it draws in.
pub(crate) const RFC_8460: &str = include_str!("rfc8460.abnf");

/// The right-hand side of a rule.
#[derive(Debug)]
enum Node {
    /// One byte of a range: `%x21-7E`, `%x3C`.
    Byte(u8, u8),
    /// A quoted string; the flag says whether case counts (`%s"..."`).
    Text(Vec<u8>, bool),
    /// A rule by its place in [`Grammar::rules`].
    Rule(usize),
    /// `a / b`
    Either(Vec<Node>),
    /// `a b`
    Sequence(Vec<Node>),
    /// `n*m a`, and `[a]` as `0*1 a`.
    Repeat(usize, usize, Box<Node>),
}

/// The rules of an ABNF text.
#[derive(Debug, Default)]
pub(crate) struct Grammar {
    /// Rule names in lower case: RFC 5234 compares them without case.
    places: HashMap<String, usize>,
    /// `None` for a rule that is used and not (yet) defined.
    rules: Vec<Option<Node>>,
}

impl Grammar {
    /// Reads an ABNF text.
    ///
    /// # Panics
    ///
    /// On a syntax error, on a rule defined twice and on a rule used without a definition:
    /// the grammar is part of the test.
    pub(crate) fn read(abnf: &str) -> Self {
        let mut logical_lines: Vec<String> = Vec::new();
        for line in abnf.lines().map(without_comment) {
            match logical_lines.last_mut() {
                Some(rule) if line.starts_with([' ', '\t']) => rule.push_str(line),
                _ if line.trim().is_empty() => {}
                _ => logical_lines.push(line.to_owned()),
            }
        }

        let mut grammar = Self::default();
        for line in &logical_lines {
            let mut reader = Reader {
                rest: line,
                grammar: &mut grammar,
            };
            let name = reader.name();
            assert!(reader.eat("="), "no `=` in {line:?}");
            let node = reader.alternation();
            assert!(
                reader.rest.trim().is_empty(),
                "unread {:?} in {line:?}",
                reader.rest
            );
            let place = grammar.place(name);
            let earlier = grammar.rules[place].replace(node);
            assert!(earlier.is_none(), "{name} is defined twice");
        }
        for (name, &place) in &grammar.places {
            assert!(grammar.rules[place].is_some(), "{name} is not defined");
        }
        grammar
    }

    /// Whether the whole of `text` belongs to `rule`.
    pub(crate) fn matches(&self, rule: &str, text: &[u8]) -> bool {
        let place = self.places[&rule.to_ascii_lowercase()];
        self.ends(&Node::Rule(place), text, &[0]).last() == Some(&text.len())
    }

    /// The place of a rule, which is made when its name is new.
    fn place(&mut self, name: &str) -> usize {
        let next = self.rules.len();
        let place = *self.places.entry(name.to_ascii_lowercase()).or_insert(next);
        if place == next {
            self.rules.push(None);
        }
        place
    }

    /// Every position where a match of `node` may end that begins at one of `from`.
    /// Both lists are sorted and without duplicates.
    fn ends(&self, node: &Node, text: &[u8], from: &[usize]) -> Vec<usize> {
        match node {
            Node::Byte(low, high) => {
                let fits = |&&at: &&usize| text.get(at).is_some_and(|b| (low..=high).contains(&b));
                from.iter().filter(fits).map(|at| at + 1).collect()
            }
            Node::Text(word, case_counts) => {
                let fits = |&&at: &&usize| {
                    text.get(at..at + word.len()).is_some_and(|found| {
                        found == word || !case_counts && found.eq_ignore_ascii_case(word)
                    })
                };
                from.iter().filter(fits).map(|at| at + word.len()).collect()
            }
            Node::Rule(place) => {
                let rule = self.rules[*place]
                    .as_ref()
                    .expect("`read` has seen every rule");
                self.ends(rule, text, from)
            }
            Node::Either(arms) => {
                let mut ends: Vec<usize> = arms
                    .iter()
                    .flat_map(|arm| self.ends(arm, text, from))
                    .collect();
                ends.sort_unstable();
                ends.dedup();
                ends
            }
            Node::Sequence(parts) => parts
                .iter()
                .fold(from.to_vec(), |from, part| self.ends(part, text, &from)),
            Node::Repeat(least, most, inner) => self.repeat_ends(*least, *most, inner, text, from),
        }
    }

    /// `ends` of `least*most inner`: round by round, the places reached with exactly that
    /// many repetitions. From the least number on, a place met before is not followed
    /// again: whatever can be reached from it was reached with fewer repetitions.
    fn repeat_ends(
        &self,
        least: usize,
        most: usize,
        inner: &Node,
        text: &[u8],
        from: &[usize],
    ) -> Vec<usize> {
        let mut frontier = from.to_vec();
        let mut reached: Vec<usize> = Vec::new();
        for round in 0..=most {
            if round >= least {
                frontier.retain(|at| match reached.binary_search(at) {
                    Ok(_) => false,
                    Err(gap) => {
                        reached.insert(gap, *at);
                        true
                    }
                });
            }
            if frontier.is_empty() || round == most {
                break;
            }
            frontier = self.ends(inner, text, &frontier);
        }
        reached
    }
}

/// The part of a line before its comment. A `;` inside quotes begins none.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let comment = line.find(|c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    &line[..comment.unwrap_or(line.len())]
}

/// Recursive descent over one rule, its comments already gone.
struct Reader<'a, 'g> {
    rest: &'a str,
    grammar: &'g mut Grammar,
}

impl<'a> Reader<'a, '_> {
    /// `concatenation *("/" concatenation)`
    fn alternation(&mut self) -> Node {
        let mut arms = vec![self.concatenation()];
        while self.eat("/") {
            arms.push(self.concatenation());
        }
        one_or(Node::Either, arms)
    }

    /// `repetition *(repetition)`, up to what can begin none.
    fn concatenation(&mut self) -> Node {
        let mut parts = vec![self.repetition()];
        while !self.rest.trim_start().is_empty()
            && !self.rest.trim_start().starts_with(['/', ')', ']'])
        {
            parts.push(self.repetition());
        }
        one_or(Node::Sequence, parts)
    }

    /// `[n] "*" [m] element`, `n element` or `element`
    fn repetition(&mut self) -> Node {
        let least = self.number();
        let (least, most) = if self.eat("*") {
            (least.unwrap_or(0), self.number().unwrap_or(usize::MAX))
        } else {
            (least.unwrap_or(1), least.unwrap_or(1))
        };
        let element = self.element();
        if (least, most) == (1, 1) {
            element
        } else {
            Node::Repeat(least, most, Box::new(element))
        }
    }

    /// A group, an option, a quoted string, a byte range or a rule name.
    fn element(&mut self) -> Node {
        if self.eat("(") {
            let group = self.alternation();
            assert!(self.eat(")"), "no `)` before {:?}", self.rest);
            group
        } else if self.eat("[") {
            let option = self.alternation();
            assert!(self.eat("]"), "no `]` before {:?}", self.rest);
            Node::Repeat(0, 1, Box::new(option))
        } else if self.eat("%s\"") {
            self.quoted(true)
        } else if self.eat("\"") {
            self.quoted(false)
        } else if self.eat("%x") {
            let low = self.hex();
            let high = if self.eat("-") { self.hex() } else { low };
            Node::Byte(low, high)
        } else {
            let name = self.name();
            Node::Rule(self.grammar.place(name))
        }
    }

    /// The rest of a quoted string whose opening quote is eaten.
    fn quoted(&mut self, case_counts: bool) -> Node {
        let (word, rest) = self.rest.split_once('"').expect("a closing quote");
        self.rest = rest;
        Node::Text(word.into(), case_counts)
    }

    fn hex(&mut self) -> u8 {
        u8::from_str_radix(self.take(|c| c.is_ascii_hexdigit()), 16).expect("a byte in hex")
    }

    fn number(&mut self) -> Option<usize> {
        self.rest = self.rest.trim_start();
        self.take(|c| c.is_ascii_digit()).parse().ok()
    }

    fn name(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '-');
        assert!(
            name.starts_with(|c: char| c.is_ascii_alphabetic()),
            "no name at {:?}",
            self.rest
        );
        name
    }

    /// The longest prefix of such characters.
    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Skips blanks, then eats `token` if it is next.
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

/// The only node, or all of them together: one fewer step for the matcher.
fn one_or(all: fn(Vec<Node>) -> Node, mut nodes: Vec<Node>) -> Node {
    if nodes.len() == 1 {
        nodes.remove(0)
    } else {
        all(nodes)
    }
}

#[track_caller]
fn assert_language(abnf: &str, inside: &[&str], outside: &[&str]) {
    let grammar = Grammar::read(abnf);
    for text in inside {
        assert!(
            grammar.matches("r", text.as_bytes()),
            "{text:?} belongs to {abnf:?}"
        );
    }
    for text in outside {
        assert!(
            !grammar.matches("r", text.as_bytes()),
            "{text:?} is outside {abnf:?}"
        );
    }
}

#[test]
fn every_form_of_abnf_means_what_rfc_5234_says() {
    assert_language("r = %x61-63 / %x7A", &["a", "c", "z"], &["", "d", "aa"]);
    assert_language("r = \"aB\" %s\"cD\"", &["abcD", "ABcD"], &["abcd", "abCD"]);
    assert_language("r = 2*3\"a\"", &["aa", "aaa"], &["", "a", "aaaa"]);
    assert_language(
        "r = *2\"a\" 2\"b\"",
        &["bb", "abb", "aabb"],
        &["ab", "aaabb", "bbb"],
    );
    assert_language("r = 1*\"a\" [\"b\"]", &["a", "aaab"], &["", "b", "abb"]);
    assert_language(
        "r = \"a\" (\"b\" / s) ; x\n\n    \";\"\nS = \"c\"",
        &["ab;", "ac;"],
        &["a;"],
    );
}

#[test]
fn ambiguity_neither_hides_a_match_nor_costs_exponential_time() {
    // A greedy matcher would eat the last `a` and fail.
    assert_language(
        "r = *\"a\" \"a\" [\"aab\" / \"a\"]",
        &["a", "aaaa", "aaab"],
        &["", "ab", "b"],
    );
    // Rounds of different lengths, some of them empty, with a least number to reach.
    assert_language(
        "r = 2*3(*1\"a\" / \"bb\")",
        &["", "a", "aaa", "bba", "bbbbbb"],
        &["aaaa", "b"],
    );
    let many = "a".repeat(400);
    assert_language(
        "r = *(*(*\"a\" / \"aa\")) \"b\"",
        &[&format!("{many}b")],
        &[&many],
    );
}

#[test]
fn the_grammars_of_the_rfcs_read_and_have_no_spare_rule() {
    assert_no_spare_rule(RFC_8461, &["sts-text-record", "sts-policy-record"]);
    assert_no_spare_rule(RFC_8460, &["tlsrpt-record"]);
}

#[track_caller]
fn assert_no_spare_rule(abnf: &str, starts: &[&str]) {
    let grammar = Grammar::read(abnf);
    let mut used = vec![false; grammar.rules.len()];
    let mut open: Vec<usize> = starts.iter().map(|rule| grammar.places[*rule]).collect();
    while let Some(place) = open.pop() {
        if !std::mem::replace(&mut used[place], true) {
            rules_in(grammar.rules[place].as_ref().expect("defined"), &mut open);
        }
    }
    let spare = grammar
        .places
        .iter()
        .filter(|(_, place)| !used[**place])
        .map(|(name, _)| name);
    assert_eq!(spare.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// Adds the rules that `node` names.
fn rules_in(node: &Node, found: &mut Vec<usize>) {
    match node {
        Node::Byte(..) | Node::Text(..) => {}
        Node::Rule(place) => found.push(*place),
        Node::Either(nodes) | Node::Sequence(nodes) => {
            for node in nodes {
                rules_in(node, found);
            }
        }
        Node::Repeat(_, _, inner) => rules_in(inner, found),
    }
}
