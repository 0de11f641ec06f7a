//! Reads Rust sources just far enough for the rules: comments, literals, words, attributes, items.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// A word, a string literal with its quotes, or a mark: one character, or `::`.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) text: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// From the root of the package, with `/`: `src/policy/model.rs`.
    pub(crate) path: String,
    /// `["policy", "model"]`; empty for `src/lib.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) lines: usize,
    pub(crate) tokens: Vec<Token>,
}

/// Every Rust file under `src/`, in the order of their paths.
pub(crate) fn project() -> Vec<Source> {
    fn collect(folder: &Path, name: &str, sources: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry of a folder").path();
            let file = path
                .file_name()
                .and_then(|file| file.to_str())
                .expect("a UTF-8 name");
            let name = format!("{name}/{file}");
            if path.is_dir() {
                collect(&path, &name, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(Source::new(
                    &name,
                    &fs::read_to_string(&path).expect("a source"),
                ));
            }
        }
    }
    let mut sources = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        "src",
        &mut sources,
    );
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// The sources without the items and files that are compiled under one of the conditions only.
pub(crate) fn outside(sources: &[Source], conditions: &[&[&str]]) -> Vec<Source> {
    let mut gone: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut kept = Vec::new();
    for source in sources {
        let mut tokens = source.tokens.clone();
        for range in source.items_under(conditions).into_iter().rev() {
            if let [.., keyword, name, end] = &source.tokens[range.clone()] {
                if keyword.text == "mod" && end.text == ";" {
                    let mut module = source.module.clone();
                    module.push(name.text.clone());
                    gone.insert(module);
                }
            }
            tokens.drain(range);
        }
        kept.push(Source {
            tokens,
            ..source.clone()
        });
    }
    kept.retain(|source| (1..=source.module.len()).all(|n| !gone.contains(&source.module[..n])));
    kept
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let name = path.trim_start_matches("src/").trim_end_matches(".rs");
        let module = name
            .split('/')
            .filter(|part| !matches!(*part, "lib" | "mod"));
        Self {
            path: path.to_owned(),
            module: module.map(str::to_owned).collect(),
            lines: text.lines().count(),
            tokens: tokens(text),
        }
    }

    pub(crate) fn at(&self, token: &Token, message: &str) -> String {
        format!("{}:{}: {message}", self.path, token.line)
    }

    pub(crate) fn words(&self, words: &[&str], message: &str) -> Vec<String> {
        (self.tokens.iter())
            .filter(|token| words.contains(&token.text.as_str()))
            .map(|token| self.at(token, &format!("`{}` {message}", token.text)))
            .collect()
    }

    /// The place of every attribute, outer and inner, from its `#` to its `]`.
    pub(crate) fn attributes(&self) -> Vec<Range<usize>> {
        (0..self.tokens.len())
            .filter_map(|at| Some(at..attribute_end(&self.tokens, at)?))
            .collect()
    }

    /// The place of every item, field, variant or statement that is compiled under one of the
    /// conditions only, attributes included.
    fn items_under(&self, conditions: &[&[&str]]) -> Vec<Range<usize>> {
        let mut items: Vec<Range<usize>> = Vec::new();
        for Range { start, mut end } in self.attributes() {
            let attribute = &self.tokens[start..end];
            let name = if attribute[1].text == "!" { 3 } else { 2 };
            if attribute[name].text != "cfg" {
                continue;
            }
            let predicate = &attribute[name + 2..attribute.len() - 2];
            if can_be(true, predicate, conditions) {
                continue;
            }
            if items.last().is_some_and(|outer| start < outer.end) {
                continue;
            }
            if attribute[1].text == "!" {
                return std::iter::once(0..self.tokens.len()).collect();
            }
            while let Some(next) = attribute_end(&self.tokens, end) {
                end = next;
            }
            items.push(start..item_end(&self.tokens, end));
        }
        items
    }

    /// Every path that a `use` brings in, ending in the name that it has here.
    pub(crate) fn imports(&self) -> Vec<Vec<String>> {
        let mut imports = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            if token.text == "use" {
                let rest = &self.tokens[at + 1..];
                let end = rest.iter().position(|token| token.text == ";");
                flatten(&rest[..end.unwrap_or(rest.len())], &[], &mut imports);
            }
        }
        imports
    }

    /// Every name that is looked up in the root module, by `crate::` or by enough `super::`.
    pub(crate) fn names_at_the_root(&self) -> Vec<&Token> {
        let mut names = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let mut up = 0;
            while let [word, mark, ..] = &self.tokens[at..] {
                match (word.text.as_str(), mark.text.as_str()) {
                    ("crate", "::") => up = self.module.len(),
                    ("super", "::") => up += 1,
                    _ => break,
                }
                at += 2;
            }
            if up > 0 && up >= self.module.len() {
                names.extend(first_names(&self.tokens[at..]));
            }
            at += 1;
        }
        names
    }

    /// The tokens between each `pub fn` and its body.
    pub(crate) fn public_signatures(&self) -> Vec<&[Token]> {
        let mut signatures = Vec::new();
        for at in 0..self.tokens.len() {
            let qualifiers = self.tokens[at + 1..]
                .iter()
                .take_while(|token| matches!(token.text.as_str(), "const" | "async"))
                .count();
            let rest = &self.tokens[(at + 1 + qualifiers).min(self.tokens.len())..];
            if self.tokens[at].text == "pub" && rest.first().is_some_and(|next| next.text == "fn") {
                let body = rest
                    .iter()
                    .position(|token| matches!(token.text.as_str(), "{" | ";"));
                signatures.push(&rest[..body.unwrap_or(rest.len())]);
            }
        }
        signatures
    }
}

/// Whether a `cfg` predicate can be `wanted` while no condition holds and all else is open.
fn can_be(wanted: bool, predicate: &[Token], conditions: &[&[&str]]) -> bool {
    let inner = |part: &&[Token]| can_be(wanted, part, conditions);
    match predicate {
        [word, open, list @ .., _] if open.text == "(" => {
            let list = parts(list);
            let mut list = list.iter().filter(|part| !part.is_empty());
            match (word.text.as_str(), wanted) {
                ("all", true) | ("any", false) => list.all(inner),
                ("any", true) | ("all", false) => list.any(inner),
                _ => list.all(|part| can_be(!wanted, part, conditions)),
            }
        }
        _ => !(wanted && conditions.iter().any(|condition| is(predicate, condition))),
    }
}

pub(crate) fn is(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() == words.len()
        && tokens
            .iter()
            .zip(words)
            .all(|(token, word)| token.text == *word)
}

/// Where the attribute that begins at `at` ends, if one does.
fn attribute_end(tokens: &[Token], at: usize) -> Option<usize> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let open = if text(at + 1) == "!" { at + 2 } else { at + 1 };
    (text(at) == "#" && text(open) == "[").then(|| closing(tokens, open) + 1)
}

/// The place of the bracket that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 1 => return at,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len() - 1
}

/// Where the item, field, variant or statement that begins at `start` ends.
fn item_end(tokens: &[Token], start: usize) -> usize {
    const ITEMS: &[&str] = &[
        "pub",
        "fn",
        "impl",
        "struct",
        "enum",
        "trait",
        "type",
        "const",
        "static",
        "mod",
        "use",
        "extern",
        "async",
        "macro_rules",
    ];
    // A comma ends a field or a variant, but only parts the generics of an item.
    let is_item = tokens
        .get(start)
        .is_some_and(|token| ITEMS.contains(&token.text.as_str()));
    let mut at = start;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            ";" => return at + 1,
            "," if !is_item => return at + 1,
            "}" => return at,
            "{" if !tokens[start..at].iter().any(|token| token.text == "use") => {
                return closing(tokens, at) + 1;
            }
            "(" | "[" | "{" => at = closing(tokens, at) + 1,
            _ => at += 1,
        }
    }
    at
}

/// The first name of the path, or of each path in the braces, that `tokens` begin with.
fn first_names(tokens: &[Token]) -> Vec<&Token> {
    match tokens {
        [open, ..] if open.text == "{" => {
            let inner = &tokens[1..closing(tokens, 0)];
            parts(inner)
                .into_iter()
                .filter_map(<[Token]>::first)
                .collect()
        }
        _ => tokens.first().into_iter().collect(),
    }
}

/// The parts between the commas, those within brackets aside.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "{" | "(" => at = closing(tokens, at),
            "," => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&tokens[start..]);
    parts
}

/// Adds the paths of a use tree to `paths`.
fn flatten(tree: &[Token], prefix: &[String], paths: &mut Vec<Vec<String>>) {
    for part in parts(tree) {
        let open = part
            .iter()
            .position(|token| token.text == "{")
            .unwrap_or(part.len());
        let words = part[..open].iter().map(|token| token.text.clone());
        let mut path = prefix.to_vec();
        path.extend(words.filter(|word| word != "::"));
        if open < part.len() {
            flatten(&part[open + 1..closing(part, open)], &path, paths);
        } else if !path.is_empty() {
            paths.push(path);
        }
    }
}

/// The words, string literals and marks of a source, without comments, characters and lifetimes.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let is_word = |c: &&char| c.is_alphanumeric() || **c == '_';
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let rest = &chars[at..];
        let (length, kept) = match rest {
            ['/', '/', ..] => (rest.iter().take_while(|c| **c != '\n').count(), false),
            ['/', '*', ..] => (block_comment_length(rest), false),
            ['\'', '\\', _, more @ ..] => {
                (4 + more.iter().take_while(|c| **c != '\'').count(), false)
            }
            ['\'', _, '\'', ..] => (3, false),
            ['\'', more @ ..] => (1 + more.iter().take_while(is_word).count(), false),
            [':', ':', ..] => (2, true),
            [c, ..] => {
                let word = rest.iter().take_while(is_word).count();
                let length = string_length(rest).unwrap_or(word.max(1));
                (length, !c.is_whitespace())
            }
            [] => break,
        };
        let token = &rest[..length.min(rest.len())];
        if kept {
            tokens.push(Token {
                line,
                text: token.iter().collect(),
            });
        }
        line += token.iter().filter(|c| **c == '\n').count();
        at += token.len();
    }
    tokens
}

fn block_comment_length(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] if depth == 1 => return at + 2,
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            [_, ..] => at += 1,
            [] => return at,
        }
    }
}

/// The length of the string literal that `rest` begins with: `"…"`, `b"…"`, `r#"…"#` and the like.
fn string_length(rest: &[char]) -> Option<usize> {
    let prefix = rest
        .iter()
        .take_while(|c| matches!(c, 'b' | 'c' | 'r'))
        .count();
    let is_raw = rest[..prefix].contains(&'r');
    let hashes = rest[prefix..]
        .iter()
        .take_while(|c| is_raw && **c == '#')
        .count();
    if prefix > 2 || rest.get(prefix + hashes) != Some(&'"') {
        return None;
    }
    let mut at = prefix + hashes + 1;
    loop {
        match rest.get(at)? {
            '\\' if !is_raw => at += 2,
            '"' if rest[at + 1..]
                .iter()
                .take(hashes)
                .filter(|c| **c == '#')
                .count()
                == hashes =>
            {
                return Some(at + 1 + hashes);
            }
            _ => at += 1,
        }
    }
}
