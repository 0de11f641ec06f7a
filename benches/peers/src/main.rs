//! The same work through this crate and through others, interleaved in one process; prints ratios.

use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 41;

/// The time of one call in nanoseconds: `calls` of them at a time.
fn time(calls: usize, work: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        work();
    }
    start.elapsed().as_secs_f64() * 1e9 / calls as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn race(name: &str, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    let once = time(3, &mut theirs).max(time(3, &mut ours));
    let calls = ((2e6 / once) as usize).clamp(1, 100_000);
    let (mut a, mut b, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ours = time(calls, &mut ours);
        let theirs = time(calls, &mut theirs);
        a.push(ours);
        b.push(theirs);
        ratio.push(theirs / ours);
    }
    println!(
        "{name:44} {:>12.1} ns {:>12.1} ns {:>9.2}",
        median(a),
        median(b),
        median(ratio)
    );
}

fn main() {
    let record = b"v=STSv1; id=20160831085700Z;";
    race(
        "record, RFC example",
        || drop(black_box(mta_sts::StsRecord::parse(black_box(record)))),
        || drop(black_box(mailrs_mta_sts::StsRecord::parse(black_box("v=STSv1; id=20160831085700Z;")))),
    );
    let six = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n";
    race(
        "policy of 6 lines",
        || drop(black_box(mta_sts::Policy::parse(black_box(six.as_bytes())))),
        || drop(black_box(mailrs_mta_sts::Policy::parse(black_box(six)))),
    );
    let mut big = String::from("version: STSv1\nmode: enforce\nmax_age: 604800\n");
    let mut n = 0;
    while big.len() < 65_500 {
        let line = match n % 4 { 0 => format!("mx: mx{n}.mail.example.com\n"), 1 => format!("mx: *.pod{n}.example.net\n"), 2 => format!("mx: backup{n}.mx.example.org\n"), _ => format!("mx: in{n}.protection.example.com\n") };
        big.push_str(&line);
        n += 1;
    }
    eprintln!("{n} mx in {}", big.len());
    race(
        "policy of 64 KiB",
        || drop(black_box(mta_sts::Policy::parse(black_box(big.as_bytes())))),
        || drop(black_box(mailrs_mta_sts::Policy::parse(black_box(&big)))),
    );
    let mut ext = String::from("version: STSv1\nmode: enforce\nmax_age: 604800\nmx: a.example.com\n");
    for n in 0..10_000 {
        if ext.len() >= 65_500 { break; }
        ext.push_str(&format!("{}: {}\n", radix(n), n % 10));
    }
    race(
        "10,000 extensions",
        || drop(black_box(mta_sts::Policy::parse(black_box(ext.as_bytes())).unwrap())),
        || drop(black_box(mailrs_mta_sts::Policy::parse(black_box(&ext)))),
    );
    let refused = "version: STSv1\r\nmode: enforced\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";
    race(
        "policy refused",
        || drop(black_box(mta_sts::Policy::parse(black_box(refused.as_bytes())))),
        || drop(black_box(mailrs_mta_sts::Policy::parse(black_box(refused)))),
    );
    let clean = "version: STSv1\r\nmode: enforce\r\nmx: mail.kestrel.com\r\nmx: *.kestrel.net\r\nmx: backupmx.kestrel.com\r\nmax_age: 2604800\r\n";
    race(
        "inspect clean (against parse)",
        || drop(black_box(mta_sts::Policy::inspect(black_box(clean.as_bytes())))),
        || drop(black_box(mta_sts::Policy::parse(black_box(clean.as_bytes())))),
    );
    let ours = mta_sts::Policy::parse(six.as_bytes()).unwrap();
    let theirs = mailrs_mta_sts::Policy::parse(six).unwrap();
    for (name, host) in [("exact first", "mail.example.com"), ("wildcard hit", "mx1.example.net"), ("last, mixed case", "BackupMX.Example.com"), ("final dot", "backupmx.example.com."), ("miss", "mx.attacker.org"), ("miss same len", "evil.example.com")] {
        race(
            &format!("3 patterns, {name}"),
            || { black_box(ours.mx_matches(black_box(host))); },
            || { black_box(theirs.mx.iter().any(|p| mailrs_mta_sts::mx_matches(black_box(host), p))); },
        );
    }
    let ours = mta_sts::Policy::parse(big.as_bytes()).unwrap();
    let theirs = mailrs_mta_sts::Policy::parse(&big).unwrap();
    for (name, host) in [("hit", "in1003.protection.example.com"), ("wildcard", "a.pod1001.example.net"), ("miss", "mx.attacker.org")] {
        race(
            &format!("2,203 patterns, {name}"),
            || { black_box(ours.mx_matches(black_box(host))); },
            || { black_box(theirs.mx.iter().any(|p| mailrs_mta_sts::mx_matches(black_box(host), p))); },
        );
    }
}

fn radix(mut n: u32) -> String {
    let mut s = String::new();
    loop {
        s.push(char::from(b"abcdefghijklmnopqrstuvwxyz"[(n % 26) as usize]));
        n /= 26;
        if n == 0 { return s; }
    }
}
