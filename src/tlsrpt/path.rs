//! Where in a report something stands: `$.policies[0].policy.mx-host`.

use alloc::boxed::Box;
use alloc::format;
use core::fmt;

/// How many characters of an unknown name are shown.
const SHOWN: usize = 64;

/// A place, as a chain up to the root: it costs nothing until it is told.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Index(usize),
}

impl Path<'_> {
    pub(super) const ROOT: Path<'static> = Path {
        parent: None,
        step: Step::Root,
    };

    pub(super) const fn member<'a>(&'a self, name: &'a str) -> Path<'a> {
        Path {
            parent: Some(self),
            step: Step::Member(name),
        }
    }

    pub(super) const fn index(&self, index: usize) -> Path<'_> {
        Path {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    pub(super) fn to_boxed_str(self) -> Box<str> {
        format!("{self}").into_boxed_str()
    }
}

/// Names of letters, digits, `-` and `_` stand as they are, others in brackets with everything unusual escaped, and no
/// more of them than [`SHOWN`] characters: a stranger writes nothing else into a log.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        let name = match self.step {
            Step::Root => return f.write_str("$"),
            Step::Index(index) => return write!(f, "[{index}]"),
            Step::Member(name) => name,
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if (1..=SHOWN).contains(&name.len()) && name.bytes().all(plain) {
            return write!(f, ".{name}");
        }
        f.write_str("['")?;
        for char in name.chars().take(SHOWN) {
            char.escape_default().fmt(f)?;
        }
        let cut = name.chars().nth(SHOWN).is_some();
        f.write_str(if cut { "...']" } else { "']" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_names_are_escaped() {
        let policies = Path::ROOT.member("policies");
        let first = policies.index(0);
        assert_eq!(
            &*first.member("mx-host").to_boxed_str(),
            "$.policies[0].mx-host"
        );
        assert_eq!(&*Path::ROOT.member("").to_boxed_str(), "$['']");
        assert_eq!(
            &*Path::ROOT.member("a.b'\n\u{202e}").to_boxed_str(),
            "$['a.b\\'\\n\\u{202e}']"
        );
        let long = "x".repeat(65);
        let shown = "x".repeat(64);
        assert_eq!(
            *Path::ROOT.member(&long).to_boxed_str(),
            *format!("$['{shown}...']")
        );
    }
}
