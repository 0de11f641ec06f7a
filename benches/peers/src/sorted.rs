//! Patterns in a sorted list: what one would write who wants no name, however made up, to cost more than log n.

/// Patterns in lower case and in order.
pub(crate) struct Sorted(Vec<String>);

impl Sorted {
    pub(crate) fn new(patterns: &[String]) -> Self {
        let mut patterns: Vec<String> = patterns
            .iter()
            .map(|pattern| pattern.to_ascii_lowercase())
            .collect();
        patterns.sort_unstable();
        Self(patterns)
    }

    /// Looks for the name, then for the wildcard it falls under.
    pub(crate) fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        // Room for the `*` of a wildcard before the name.
        let mut buffer = [b'*'; 256];
        let Some(name) = buffer.get_mut(1..=host.len()) else {
            return false;
        };
        name.copy_from_slice(host.as_bytes());
        name.make_ascii_lowercase();
        if self.contains(name) {
            return true;
        }
        let Some(dot) = name.iter().position(|&byte| byte == b'.') else {
            return false;
        };
        buffer[dot] = b'*';
        dot > 0 && self.contains(&buffer[dot..=host.len()])
    }

    fn contains(&self, wanted: &[u8]) -> bool {
        self.0
            .binary_search_by(|pattern| pattern.as_bytes().cmp(wanted))
            .is_ok()
    }
}
