//! A line that is not simply a field: what is wrong with it, what was meant, and whether it is tolerated.

use super::builder::check_name;
use super::disguise::{BOM, front_matter, whole_file};
use super::line::{Line, bad_bytes, split_comment};
use super::reader::Reader;
use super::{Mode, Tolerance};
use crate::diagnostic::{Diagnostic, Fix, Sink};
use crate::error::ErrorKind;
use crate::extension;
use crate::grammar::{self, Lowered, PolicyField, is_whole};
use crate::mx;
use crate::scan::trim_start;
use crate::span::Span;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl<'a, S: Sink> Reader<'a, '_, S> {
    /// Deals with the line at the front of `rest` and says where to go on: behind it, or behind
    /// something in front of it.
    #[cold]
    pub(super) fn look_closely(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let at_start = rest.len() == self.source.len();
        if at_start && grammar::sts_policy_field(rest).is_err() {
            if let Some((kind, span, fix)) = whole_file(rest) {
                self.error(kind, span, |diagnostic| set_fix(diagnostic, fix));
                self.version_seen = true;
                self.mode.seen = true;
                self.max_age.seen = true;
                return &[];
            }
            if let Some(behind) = rest.strip_prefix(BOM) {
                let bom = Span::new(0, BOM.len());
                let tolerance = Tolerance::ByteOrderMark;
                self.deviation(tolerance, ErrorKind::PolicyBom, bom, |diagnostic| {
                    diagnostic.set_fix(Fix::delete(bom));
                });
                return behind;
            }
        }
        let line = Line::first_of(rest);
        if self.is_at_first_field() && !self.options.tolerates(Tolerance::UnknownLines) {
            if let Some(front_matter) = front_matter(line.rest) {
                let behind = rest.get(front_matter.len()..).unwrap_or_default();
                let span = self.span(front_matter.trim_ascii_end());
                let whole = self.span(front_matter);
                // A policy in between is perhaps the one that was meant.
                let mut lines = front_matter.split_inclusive(|&byte| byte == b'\n');
                let certain = !lines.any(|line| Line::first_of(line).is_known());
                let fix = certain.then(|| Fix::delete(whole));
                self.error(ErrorKind::PolicyFrontMatter, span, |diagnostic| {
                    set_fix(diagnostic, fix);
                });
                return behind;
            }
        }
        self.line(line)
    }

    fn line(&mut self, line: Line<'a>) -> &'a [u8] {
        let whole = self.span(line.whole);
        if line.trimmed.is_empty() {
            let tolerance = Tolerance::BlankLines;
            self.deviation(tolerance, ErrorKind::PolicyBlankLine, whole, |diagnostic| {
                diagnostic.set_fix(Fix::delete(whole));
            });
            return line.after;
        }
        // An `mx` value that may be dropped is judged as a whole.
        let droppable =
            line.is_known() && line.name == b"mx" && self.options.tolerates(Tolerance::UnusableMx);
        if let Some((kind, bytes)) = bad_bytes(line.content).filter(|_| !droppable) {
            let span = self.span(bytes);
            self.unknown_line(line, kind, span, |_| {});
            return line.after;
        }
        if matches!(line.trimmed, [b'#' | b';', ..] | [b'/', b'/', ..]) {
            let span = self.span(line.trimmed);
            self.unknown_line(line, ErrorKind::PolicyCommentLine, span, |diagnostic| {
                diagnostic.set_fix(Fix::delete(whole));
            });
            return line.after;
        }
        let equals = line.is_known() && line.behind_name.starts_with(b"=");
        if !equals && !line.behind_name.starts_with(b":") {
            // A name with other characters in it, or no name at all.
            let colon = line.trimmed.iter().position(|&byte| byte == b':');
            let (kind, part) = match colon {
                Some(colon) => (ErrorKind::PolicyFieldName, line.trimmed.get(..colon)),
                None => (ErrorKind::PolicyNotAField, Some(line.trimmed)),
            };
            let span = self.span(part.unwrap_or_default());
            self.unknown_line(line, kind, span, |_| {});
            return line.after;
        }
        if let Err(kind) = check_name(line.name) {
            let span = self.span(line.name);
            self.unknown_line(line, kind, span, |_| {});
            return line.after;
        }
        let indentation = Span::new(whole.start(), self.span(line.trimmed).start());
        let kind = ErrorKind::PolicyIndentedLine;
        if !self.space(line, Tolerance::Indentation, kind, indentation) {
            return line.after;
        }
        let name_end = self.span(line.name).end();
        let separator = self.span(line.behind_name).start();
        let value = trim_start(line.behind_name.get(1..).unwrap_or_default());
        if equals {
            let sign = Span::new(name_end, separator.saturating_add(1));
            let before_value = Span::new(name_end, self.span(value).start());
            self.error(ErrorKind::PolicyEqualsSign, sign, |diagnostic| {
                diagnostic.set_fix(Fix::replace(before_value, ": "));
            });
        } else {
            let space = Span::new(name_end, separator);
            let kind = ErrorKind::PolicySpaceBeforeColon;
            if !self.space(line, Tolerance::SpaceBeforeColon, kind, space) {
                return line.after;
            }
        }
        self.value(line, value);
        self.note_first_field(line.trimmed);
        line.after
    }

    /// White space where none belongs. Whether to go on with the line.
    fn space(
        &mut self,
        line: Line<'a>,
        tolerance: Tolerance,
        kind: ErrorKind,
        space: Span,
    ) -> bool {
        if space.is_empty() {
            return true;
        }
        if !self.options.tolerates(tolerance) && self.may_skip(line) {
            // Without a fix: nobody has looked at what is behind the white space.
            self.deviation(Tolerance::UnknownLines, kind, space, |_| {});
            return false;
        }
        self.deviation(tolerance, kind, space, |diagnostic| {
            diagnostic.set_fix(Fix::delete(space));
        });
        true
    }

    fn may_skip(&self, line: Line<'a>) -> bool {
        self.options.tolerates(Tolerance::UnknownLines) && !line.is_known()
    }

    /// Reports a line that is no field. It is skipped if that is tolerated and it is not about a known field.
    fn unknown_line(
        &mut self,
        line: Line<'a>,
        kind: ErrorKind,
        span: Span,
        details: impl FnOnce(&mut Diagnostic),
    ) {
        if line.is_known() {
            // What is there need not be called missing.
            match line.name {
                b"version" => self.version_seen = true,
                b"mode" => self.mode.seen = true,
                b"max_age" => self.max_age.seen = true,
                _ => self.mx_seen = true,
            }
            self.error(kind, span, details);
        } else {
            self.deviation(Tolerance::UnknownLines, kind, span, details);
        }
    }

    /// The value of a field whose name is well-formed.
    fn value(&mut self, line: Line<'a>, value: &'a [u8]) {
        match line.name {
            b"version" if !self.version_seen => self.version_value(line, value),
            b"mode" if !self.mode.seen => self.mode_value(line, value),
            b"max_age" if !self.max_age.seen => self.max_age_value(line, value),
            b"mx" => self.mx_value(line, value),
            name => {
                if is_whole(grammar::sts_policy_ext_value, value) {
                    let field = PolicyField::Extension { name, value };
                    self.accept(field, line.rest, line.after);
                    return;
                }
                let (kind, part) = match value.iter().position(|&byte| byte == b'\t') {
                    Some(tab) => (
                        ErrorKind::PolicyInnerTab,
                        value.get(tab..tab.saturating_add(1)),
                    ),
                    None => (ErrorKind::PolicyValueEmpty, Some(value)),
                };
                let span = self.span(part.unwrap_or_default());
                self.unknown_line(line, kind, span, |_| {});
            }
        }
    }

    fn version_value(&mut self, line: Line<'a>, value: &'a [u8]) {
        let (value, comment) = split_comment(value);
        if is_whole(grammar::sts_policy_version_value, value) {
            self.accept(PolicyField::Version, line.rest, line.after);
        } else {
            self.version_seen = true;
            let span = self.span(value);
            let fix = value
                .eq_ignore_ascii_case(b"STSv1")
                .then(|| Fix::replace(span, "STSv1"));
            let kind = value_kind(value, ErrorKind::PolicyVersion);
            self.error(kind, span, |diagnostic| set_fix(diagnostic, fix));
        }
        self.comment(value, comment);
    }

    fn mode_value(&mut self, line: Line<'a>, value: &'a [u8]) {
        let (value, comment) = split_comment(value);
        if is_whole(grammar::sts_policy_mode_value, value) {
            self.accept(PolicyField::Mode(value), line.rest, line.after);
        } else {
            self.mode.seen = true;
            let span = self.span(value);
            let kind = value_kind(value, ErrorKind::PolicyMode);
            self.error(kind, span, |diagnostic| match likely_mode(value) {
                Some(Mode::Enforce) => diagnostic.set_help("did you mean `enforce`?"),
                Some(Mode::Testing) => diagnostic.set_help("did you mean `testing`?"),
                Some(Mode::None) => diagnostic.set_help("did you mean `none`?"),
                None => {}
            });
        }
        self.comment(value, comment);
    }

    fn max_age_value(&mut self, line: Line<'a>, value: &'a [u8]) {
        let (value, comment) = split_comment(value);
        if let Ok(([], digits)) = grammar::sts_policy_max_age_value(value) {
            self.accept(PolicyField::MaxAge(digits), line.rest, line.after);
        } else {
            self.max_age.seen = true;
            let span = self.span(value);
            let (kind, fix) = max_age_fault(value, span);
            self.error(value_kind(value, kind), span, |diagnostic| {
                set_fix(diagnostic, fix);
            });
        }
        self.comment(value, comment);
    }

    fn mx_value(&mut self, line: Line<'a>, value: &'a [u8]) {
        self.mx_seen = true;
        let mut name = value;
        let dotted = self.options.tolerates(Tolerance::MxTrailingDot);
        if let Some(absolute) = name.strip_suffix(b".").filter(|_| dotted) {
            name = absolute;
        }
        let underscore = match mx::check(name) {
            Ok(()) => false,
            Err(fault) if self.tolerates_underscore(fault) => true,
            Err(_) if self.options.tolerates(Tolerance::UnusableMx) => {
                return self.unusable_mx.push(self.span(value));
            }
            Err(_) => return self.mx_fault(value, false),
        };
        let span = self.span(value);
        if name.len() < value.len() {
            let fixed = self.span(name);
            let dot = Span::new(fixed.end(), span.end());
            let tolerance = Tolerance::MxTrailingDot;
            self.deviation(tolerance, ErrorKind::MxTrailingDot, span, |diagnostic| {
                diagnostic.set_fix(Fix::delete(dot));
            });
        }
        if underscore {
            let span = self.span(name);
            self.deviation(
                Tolerance::MxUnderscore,
                ErrorKind::MxUnderscore,
                span,
                |_| {},
            );
        }
        self.accept_mx(name, Lowered::No, line.rest);
    }

    fn tolerates_underscore(&self, fault: crate::domain::NameFault) -> bool {
        fault == crate::domain::NameFault::Underscore
            && self.options.tolerates(Tolerance::MxUnderscore)
    }

    /// Reports an `mx` value that is no pattern, tolerated if a good one remains.
    pub(super) fn mx_fault(&mut self, value: &'a [u8], tolerated: bool) {
        self.refused |= !tolerated;
        let (name, comment) = split_comment(value);
        if mx::check(name).is_err() {
            let span = self.span(name);
            let kind = mx::fault(name);
            let line_end = self.line_end();
            self.sink.error(kind, span, tolerated, |diagnostic| {
                let names = mx::correction(name, kind);
                let lines = names.map(|names| names.join(&format!("{line_end}mx: ")));
                set_fix(diagnostic, lines.map(|lines| Fix::replace(span, lines)));
            });
        }
        self.comment_after(name, comment, tolerated);
    }

    /// Reports the comment behind a value that nothing tolerates.
    fn comment(&mut self, value: &'a [u8], comment: Option<&'a [u8]>) {
        self.refused |= comment.is_some();
        self.comment_after(value, comment, false);
    }

    fn comment_after(&mut self, value: &'a [u8], comment: Option<&'a [u8]>, tolerated: bool) {
        let Some(comment) = comment else { return };
        let span = self.span(comment);
        let with_space = Span::new(self.span(value).end(), span.end());
        let kind = ErrorKind::PolicyCommentAfterValue;
        self.sink.error(kind, span, tolerated, |diagnostic| {
            diagnostic.set_fix(Fix::delete(with_space));
        });
    }
}

fn set_fix(diagnostic: &mut Diagnostic, fix: Option<Fix>) {
    if let Some(fix) = fix {
        diagnostic.set_fix(fix);
    }
}

const fn value_kind(value: &[u8], kind: ErrorKind) -> ErrorKind {
    if value.is_empty() {
        ErrorKind::PolicyValueEmpty
    } else {
        kind
    }
}

/// The mode that someone who wrote `value` most likely meant. It is named and never put in place.
fn likely_mode(value: &[u8]) -> Option<Mode> {
    let word: Vec<u8> = value
        .iter()
        .filter(|byte| !b"[]<>\"'".contains(byte))
        .map(u8::to_ascii_lowercase)
        .collect();
    let modes = [Mode::Enforce, Mode::Testing, Mode::None];
    let is_form = |mode: &Mode| {
        let name = mode.as_str().as_bytes();
        name.starts_with(&word) || word.starts_with(name.get(..name.len().min(4)).unwrap_or(name))
    };
    if word.len() >= 3 {
        if let Some(mode) = modes.into_iter().find(is_form) {
            return Some(mode).filter(|_| !word.contains(&b'|'));
        }
    }
    let near = extension::likely(&word, &modes.map(Mode::as_str))?;
    modes.into_iter().find(|mode| mode.as_str() == near)
}

/// A `max_age` that is not a number, or not one of ten digits.
fn max_age_fault(value: &[u8], span: Span) -> (ErrorKind, Option<Fix>) {
    let digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_digit).collect();
    if digits.len() == value.len() {
        return (ErrorKind::PolicyMaxAgeTooLong, None);
    }
    let mut separators = value.iter().copied().filter(|byte| !byte.is_ascii_digit());
    let separator = separators.next().unwrap_or_default();
    let mut groups = value.split(|&byte| byte == separator);
    let grouped = b",._' ".contains(&separator)
        && separators.all(|other| other == separator)
        && (1..=3).contains(&groups.next().map_or(0, <[u8]>::len))
        && groups.all(|group| group.len() == 3);
    if !grouped {
        return (ErrorKind::PolicyMaxAge, None);
    }
    // A point may have been meant to separate fractions.
    let certain = separator != b'.' && digits.len() <= 10;
    let text = String::from_utf8(digits).ok().filter(|_| certain);
    (
        ErrorKind::PolicyMaxAgeGrouped,
        text.map(|text| Fix::replace(span, text)),
    )
}
