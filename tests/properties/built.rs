//! All that can be built can be written and read back; what a policy says decides its id.

use crate::{config, laws};
use mta_sts::{MaxAge, Mode, MxPattern, Policy, PolicyId, ReportUri, StsRecord, TlsRptRecord};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The parts that a policy is built of.
#[derive(Clone, Debug)]
struct Parts {
    mode: Mode,
    max_age: u64,
    mx: Vec<String>,
    extensions: Vec<(String, String)>,
}

impl Parts {
    /// Extensions whose name was there are left out, as reading would.
    fn build(&self) -> Policy {
        let mut builder = Policy::builder(self.mode, MaxAge::new(self.max_age).unwrap());
        for pattern in &self.mx {
            builder = builder.mx(pattern.parse().unwrap());
        }
        for (name, value) in &self.extensions {
            builder = builder.clone().extension(name, value).unwrap_or(builder);
        }
        builder.build().unwrap()
    }
}

fn pattern() -> impl Strategy<Value = String> {
    let label = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?";
    let long = vec("[a-z0-9]{61,63}", 3).prop_map(|labels| labels.join("."));
    let name = prop_oneof![9 => vec(label, 1..5).prop_map(|labels| labels.join(".")), 1 => long];
    (any::<bool>(), name).prop_map(|(star, name)| if star { format!("*.{name}") } else { name })
}

fn extension() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![9 => "[a-zA-Z0-9][a-zA-Z0-9_.-]{0,5}", 1 => "[A-Z0-9][a-z_.-]{31}"];
    let value = "[!-~é\u{85}\u{2028}\u{feff}\u{1f4e7}]([ -~é日]{0,30}[!-~é])?";
    (name, value)
}

/// The text of a report address.
fn uri() -> impl Strategy<Value = String> {
    let mailto =
        "[mM]ailto:[a-z0-9.~*+']{1,9}(%[0-9a-fA-F]{2})?@[a-z]{1,9}\\.net([?][a-z=&/?]{0,9})?";
    let https = "https://([a-z:]{1,4}@)?([a-z.-]{1,9}|\\[2001:db8::[0-9a-f]{1,4}\\])(:[0-9]{0,5})?(/[a-z@:=]{0,9}){0,3}";
    let other = "[a-z][a-z0-9+.-]{0,9}:(/?[a-z0-9@:$&'()*+=]{1,9}(/[a-z]{0,9}){0,3})?([?][a-z/?]{0,9})?(#[a-z/?]{0,9})?";
    prop_oneof![mailto, https, other]
}

fn parts() -> impl Strategy<Value = Parts> {
    let mode = select(&[Mode::Enforce, Mode::Testing, Mode::None][..]);
    let count = prop_oneof![9 => 0..6_usize, 1 => 15..19_usize, 1 => 0..80_usize];
    let patterns = count.prop_flat_map(|count| vec(pattern(), count));
    let extensions = prop_oneof![3 => Just(Vec::new()), 2 => vec(extension(), 1..30)];
    (mode, 0..=31_557_600_u64, patterns, extensions).prop_map(
        |(mode, max_age, mut mx, extensions)| {
            if mx.is_empty() && mode != Mode::None {
                mx.push("mx.host.net".into());
            }
            Parts {
                mode,
                max_age,
                mx,
                extensions,
            }
        },
    )
}

/// The algorithm of the documentation, once more: 64-bit FNV-1a in hexadecimal over lines.
fn derived(policy: &Policy) -> String {
    let mut patterns: Vec<_> = policy.mx().map(|pattern| format!("{pattern}\n")).collect();
    patterns.sort();
    patterns.dedup();
    let fields = policy
        .extensions()
        .map(|field| format!("{}: {}\n", field.name(), field.value()));
    let lines = patterns.into_iter().chain(fields).collect::<String>();
    let text = format!("{}\n{}\n{lines}", policy.mode(), policy.max_age());
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn policies_are_read_back(parts in parts()) {
        let policy = parts.build();
        laws::written(&policy);
        let mx: Vec<_> = policy.mx().map(|pattern| pattern.to_string()).collect();
        let given: Vec<_> = parts.mx.iter().map(|pattern| pattern.to_ascii_lowercase()).collect();
        prop_assert_eq!(mx, given);
        prop_assert_eq!(policy.mode(), parts.mode);
        prop_assert_eq!(policy.max_age(), parts.max_age);
        prop_assert!(policy.tolerances().is_strict());
        // Nothing to refuse, nothing to fix.
        let text = policy.to_string();
        prop_assert_eq!(Policy::inspect(text.as_bytes()).errors().count(), 0);
    }

    /// What is read in any form and any order of fields is what was built.
    #[test]
    fn policies_are_read_in_any_order(parts in parts(), seeds in vec(any::<Index>(), 4)) {
        let policy = parts.build();
        let mut lines: Vec<String> = policy.to_string().lines().map(Into::into).collect();
        let head = ["version", "mode", "max_age"];
        for (name, seed) in head.iter().zip(&seeds) {
            let is_it = |line: &String| line.split(':').next() == Some(name);
            let line = lines.iter().position(is_it).unwrap();
            let line = lines.remove(line);
            lines.insert(seed.index(lines.len() + 1), line);
        }
        let end = ["\n", "\r\n", " \t\r\n"][seeds[3].index(3)];
        prop_assert_eq!(Policy::parse(lines.join(end).as_bytes()), Ok(policy));
    }

    #[test]
    fn ids_follow_what_a_policy_says(parts in parts(), at in any::<Index>(), other in pattern()) {
        let id = parts.build().derive_id();
        prop_assert_eq!(id.as_str(), derived(&parts.build()));

        let mut same = parts.clone();
        same.mx.reverse();
        if let Some(again) = same.mx.first().cloned() {
            same.mx.insert(at.index(same.mx.len()), again.to_ascii_uppercase());
        }
        prop_assert_eq!(same.build().derive_id(), id);

        let mut changed = parts.clone();
        changed.max_age = (parts.max_age + 1) % 31_557_601;
        prop_assert_ne!(changed.build().derive_id(), id);

        let mut changed = parts.clone();
        changed.mode = if parts.mode == Mode::Testing { Mode::Enforce } else { Mode::Testing };
        changed.mx.push("mx.host.net".into());
        let mut unchanged = changed.clone();
        unchanged.mode = parts.mode;
        prop_assert_ne!(changed.build().derive_id(), unchanged.build().derive_id());

        let has = |pattern: &str| parts.mx.iter().any(|mx| mx.eq_ignore_ascii_case(pattern));
        let mut changed = parts.clone();
        changed.mx.push(other.clone());
        prop_assert_eq!(changed.build().derive_id() == id, has(&other));

        let mut changed = parts.clone();
        changed.extensions.push(("zz-last".into(), "x".into()));
        prop_assert_ne!(changed.build().derive_id(), id);
    }

    #[test]
    fn records_are_read_back(
        id in "[a-zA-Z0-9]{1,32}",
        fields in vec(("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,31}", "[!-:<>-~]{1,30}"), 0..12),
    ) {
        let mut record = StsRecord::new(id.parse::<PolicyId>().unwrap());
        for (name, value) in &fields {
            record = record.clone().with_extension(name, value).unwrap_or(record);
        }
        let text = record.to_string();
        prop_assert_eq!(StsRecord::parse(text.as_bytes()), Ok(record.clone()));
        prop_assert_eq!(StsRecord::select([text.as_bytes()]), Ok(Some(record.clone())));
        prop_assert_eq!(record.id().as_str(), id);
        prop_assert_eq!(StsRecord::inspect(text.as_bytes()).errors().count(), 0);
    }

    #[test]
    fn tls_rpt_records_are_read_back(
        uris in vec(uri(), 1..5),
        fields in vec(("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,31}", "[!-:<>-~]{1,30}"), 0..12),
    ) {
        let parsed = uris.iter().map(|uri| uri.parse().unwrap());
        let mut record = TlsRptRecord::new(parsed).unwrap();
        for (name, value) in &fields {
            record = record.clone().with_extension(name, value).unwrap_or(record);
        }
        let text = record.to_string();
        prop_assert_eq!(TlsRptRecord::parse(text.as_bytes()), Ok(record.clone()));
        prop_assert_eq!(TlsRptRecord::select([text.as_bytes()]), Ok(Some(record.clone())));
        prop_assert!(record.rua().iter().map(ReportUri::as_str).eq(uris));
        prop_assert_eq!(TlsRptRecord::inspect(text.as_bytes()).errors().count(), 0);
    }

    #[test]
    fn mailboxes_are_what_was_encoded(local in "[a-z!#$%&'*+/=?^_`{|}~-]{1,20}", domain in "[a-z]{1,9}\\.net") {
        let encode = |byte: u8| match byte {
            b'a'..=b'z' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        let encoded: String = local.bytes().map(encode).collect();
        let uri: ReportUri = format!("mailto:{encoded}@{domain}?subject=x").parse().unwrap();
        prop_assert_eq!(uri.mailbox(), Some(format!("{local}@{domain}")));
    }

    #[test]
    fn patterns_are_read_back(text in pattern()) {
        let pattern: MxPattern = text.parse().unwrap();
        prop_assert_eq!(pattern.to_string().parse::<MxPattern>(), Ok(pattern.clone()));
        prop_assert_eq!(pattern.is_wildcard(), text.starts_with('*'));
        let policy = Policy::builder(Mode::Enforce, MaxAge::MAX).mx(pattern.clone()).build().unwrap();
        prop_assert_eq!(policy.mx().map(MxPattern::from).next(), Some(pattern));
    }
}
