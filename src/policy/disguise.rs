//! Files that are not policies, or not from their beginning.

use super::Policy;
use crate::diagnostic::Fix;
use crate::error::ErrorKind;
use crate::span::Span;
use alloc::string::String;

/// The UTF-8 byte order mark.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// A file that is something else altogether. None of these begins as a policy can.
pub(super) fn whole_file(source: &[u8]) -> Option<(ErrorKind, Span, Option<Fix>)> {
    let whole = Span::new(0, source.len());
    let fix = |text: String| {
        let valid = Policy::parse(text.as_bytes()).is_ok();
        valid.then(|| Fix::replace(whole, text))
    };
    if let Some(text) = utf16(source) {
        return Some((ErrorKind::PolicyUtf16, whole, text.ok().and_then(fix)));
    }
    let start = source.strip_prefix(BOM).unwrap_or(source).trim_ascii();
    let kind = match start {
        [] => ErrorKind::PolicyEmpty,
        [b'<', b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z', ..] => ErrorKind::PolicyHtml,
        [b'{', b'\\', b'r', b't', b'f', ..] => ErrorKind::PolicyRtf,
        _ if is_txt_record(start) => ErrorKind::PolicyTxtRecord,
        _ => {
            let cr = start.iter().position(|&byte| byte == b'\r')?;
            if source.contains(&b'\n') {
                return None;
            }
            let text = core::str::from_utf8(source)
                .ok()
                .map(|text| text.replace('\r', "\n"));
            let span = Span::of(start.get(cr..cr.saturating_add(1))?, source);
            return Some((ErrorKind::PolicyBareCr, span, text.and_then(fix)));
        }
    };
    Some((kind, whole, None))
}

/// The text of a UTF-16 file, if it is one.
fn utf16(source: &[u8]) -> Option<Result<String, ()>> {
    let unit: fn([u8; 2]) -> u16 = match source {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => u16::from_le_bytes,
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => u16::from_be_bytes,
        _ => return None,
    };
    let units = source.chunks_exact(2);
    let odd = !units.remainder().is_empty();
    let units = units.map(|pair| pair.first_chunk().map_or(0, |pair| unit(*pair)));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    Some(match text {
        Ok(text) if !odd => Ok(text.trim_start_matches('\u{feff}').into()),
        _ => Err(()),
    })
}

/// One line that holds `v=STSv1`.
fn is_txt_record(text: &[u8]) -> bool {
    !text.contains(&b'\n')
        && text
            .windows(7)
            .any(|part| part.eq_ignore_ascii_case(b"v=STSv1"))
}

/// The front matter at the front, with the blank lines behind it.
pub(super) fn front_matter(text: &[u8]) -> Option<&[u8]> {
    let is_fence = |line: &[u8]| line.trim_ascii_end() == b"---";
    let mut lines = text.split_inclusive(|&byte| byte == b'\n');
    let mut len = lines.next().filter(|line| is_fence(line))?.len();
    let mut closed = false;
    for line in lines {
        if closed && !line.trim_ascii().is_empty() {
            break;
        }
        closed |= is_fence(line);
        len = len.saturating_add(line.len());
    }
    text.get(..len).filter(|_| closed)
}
