//! Places in texts, as editors and browsers count them.

use mta_sts::{LineIndex, Position, Span};

/// The places at every offset are those of a count from the beginning.
#[test]
fn places_are_counted_from_the_beginning() {
    let texts: [&[u8]; 8] = [
        b"",
        b"\n",
        b"a",
        b"a\n\nbc",
        b"a\r\nbc\r\n",
        "\u{feff}\u{fc}\u{1f4e7}x\n\u{1f4e7}\u{1f4e7}\u{20ac}".as_bytes(),
        b"a\xff\xe2\x82\n\xf0\x9f\x93x\xc3\n\xbcy",
        b"version: STSv1\nmode: enforced\n",
    ];
    for text in texts {
        let lines = LineIndex::new(text);
        let starts: Vec<_> = core::iter::once(0)
            .chain((1..=text.len()).filter(|&at| text[at - 1] == b'\n'))
            .collect();
        assert_eq!(lines.line_count(), starts.len());
        assert_eq!(lines.line_span(0), None);
        for (line, &start) in starts.iter().enumerate() {
            let end = starts.get(line + 1).copied().unwrap_or(text.len());
            assert_eq!(lines.line_span(line + 1), Some(Span::new(start, end)));
        }
        assert_eq!(lines.line_span(starts.len() + 1), None);
        let utf16_len = |text| String::from_utf8_lossy(text).encode_utf16().count();
        for offset in 0..text.len() + 2 {
            let before = &text[..offset.min(text.len())];
            let line = starts.iter().rposition(|&start| start <= before.len());
            let line = line.unwrap();
            let in_line = String::from_utf8_lossy(&before[starts[line]..]);
            let position = Position {
                line: line + 1,
                column: in_line.chars().count() + 1,
            };
            assert_eq!(lines.position(offset), position, "{text:?} at {offset}");
            let range = lines.utf16_range(Span::new(offset, text.len()));
            assert_eq!(range, utf16_len(before)..utf16_len(text));
        }
    }
}

#[test]
fn spans_are_ranges_of_bytes() {
    let span = Span::new(2, 5);
    assert_eq!((span.start(), span.end(), span.len()), (2, 5, 3));
    assert!(!span.is_empty());
    assert_eq!(span.range(), 2..5);
    assert_eq!(span.slice(b"0123456"), Some(&b"234"[..]));
    assert_eq!(span.slice(b"0123"), None);
    assert!(Span::empty(3).is_empty());
    assert_eq!(Span::empty(3), Span::new(3, 3));
    assert_eq!(format!("{span:?}"), "Span(2..5)");
}
