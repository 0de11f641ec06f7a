//! Proves that `mta-sts` without its feature `std` links and runs without std.
//!
//! This program has a panic handler of its own, a lang item that may exist once. Did the library or
//! anything below it pull std in, std would bring a second one, and the build would end in
//! "found duplicate lang item `panic_impl`" (the feature `std` of this package shows just that).
//! It is linked without a C library, so nothing else can stand in for std either: the few symbols
//! that `core` and `alloc` want from below stand at the end of this file.
//!
//! Linux on x86-64 only. Exit status 0: all as expected; 1 to 16: the step of [`run`] that was not;
//! 101: a panic.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::string::ToString;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::{asm, global_asm};
use core::cell::UnsafeCell;
use core::panic::PanicInfo;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use mta_sts::{
    Candidate, Dane, Discovery, DiscoveryOptions, Policy, PolicyDomain, PolicyResponse, Purpose,
    Source, StsRecord, TlsRptRecord, TxtAnswer, UnixTime,
};

const POLICY: &[u8] = b"version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\n\
    max_age: 604800\n";

#[cfg(feature = "alloc-only")]
const REPORT: &str = concat!(
    r#"{"organization-name":"K","date-range":{"start-datetime":"2026-11-21T00:00:00Z","#,
    r#""end-datetime":"2026-11-21T23:59:59Z"},"contact-info":"a@k.example","report-id":"1","#,
    r#""policies":[{"policy":{"policy-type":"sts","policy-domain":"example.com"},"#,
    r#""summary":{"total-successful-session-count":1,"total-failure-session-count":0}}]}"#,
);

fn run() -> Result<(), i32> {
    let expect = |step: i32, holds: bool| if holds { Ok(()) } else { Err(step) };
    StsRecord::parse(b"v=STSv1; id=1").map_err(|_| 1)?;
    expect(2, StsRecord::parse(b"v=STSv2; id=1").is_err())?;
    let policy = Policy::parse(POLICY).map_err(|_| 3)?;
    expect(4, policy.mx_matches("mail.example.com"))?;
    expect(5, policy.mx_matches("MX1.example.net."))?;
    expect(6, !policy.mx_matches("mail.example.org"))?;
    expect(7, Policy::parse(b"version: STSv2\n").is_err())?;
    let written = policy.to_string();
    let again = Policy::parse(written.as_bytes()).map_err(|_| 8)?;
    expect(9, again == policy)?;
    let report = TlsRptRecord::parse(b"v=TLSRPTv1; rua=mailto:a@example.com").map_err(|_| 10)?;
    expect(11, report.rua().len() == 1)?;
    let domain: PolicyDomain = "example.com".parse().map_err(|_| 12)?;
    let now = UnixTime::from_secs(1_795_253_400);
    let start = Discovery::start(
        domain,
        None,
        Purpose::Deliver,
        now,
        &DiscoveryOptions::new(),
    );
    let conclusion = start.run(
        |_| Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]])),
        |_| Ok(PolicyResponse::new(200, Some("text/plain"), POLICY)),
    );
    let decision = conclusion.decision();
    expect(13, decision.source() == Source::Live)?;
    let is_skipped = |host| {
        matches!(
            decision.candidate(host, Dane::NotApplicable),
            Candidate::Skip(_)
        )
    };
    expect(
        14,
        is_skipped("mail.example.org") && !is_skipped("mail.example.com"),
    )?;
    #[cfg(feature = "alloc-only")]
    {
        let report = mta_sts::Report::from_json(REPORT.as_bytes()).map_err(|_| 15)?;
        let written = report.report().to_json();
        expect(16, written.as_deref() == Ok(REPORT))?;
    }
    Ok(())
}

// The entry point: the kernel leaves the stack pointer where a `call` wants it.
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "call {start}",
    "ud2",
    start = sym start,
);

extern "C" fn start() -> ! {
    exit(run().err().unwrap_or(0))
}

fn exit(status: i32) -> ! {
    // SAFETY: system call 60 of Linux on x86-64 is `exit(status)`, which does not return.
    unsafe { asm!("syscall", in("rax") 60, in("rdi") status, options(noreturn)) }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(101)
}

/// Hands out the bytes of one array, front to back, and takes none back.
struct Bump {
    arena: UnsafeCell<[u8; Bump::SIZE]>,
    used: AtomicUsize,
}

impl Bump {
    const SIZE: usize = 1 << 20;
}

// SAFETY: `used` gives every byte of `arena` away at most once.
unsafe impl Sync for Bump {}

// SAFETY: what `alloc` returns is aligned, within `arena`, and given to nobody else.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let arena: *mut u8 = self.arena.get().cast();
        // With room to align, so that one addition is enough.
        let wanted = layout.size() + layout.align();
        let used = self.used.fetch_add(wanted, Ordering::Relaxed);
        if used + wanted > Self::SIZE {
            return ptr::null_mut();
        }
        // SAFETY: the padding is below `align`, so the block ends before `used + wanted`.
        unsafe {
            let free = arena.add(used);
            free.add(free.align_offset(layout.align()))
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    arena: UnsafeCell::new([0; Bump::SIZE]),
    used: AtomicUsize::new(0),
};

/// What `core` and `alloc` expect to find at link time on a target with a C library.
mod symbols {
    use core::arch::asm;

    /// Named by the unwind tables of the prebuilt `alloc`; nothing unwinds here.
    #[unsafe(no_mangle)]
    extern "C" fn rust_eh_personality() {}

    /// Called by the same at the end of a landing pad, which is never entered.
    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        super::exit(101)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        // SAFETY: the caller owns `count` bytes at both ends. Not a loop of Rust: the compiler would
        // turn that into a call of `memcpy`.
        unsafe {
            asm!("rep movsb", inout("rcx") count => _, inout("rdi") to => _,
                inout("rsi") from => _, options(nostack, preserves_flags));
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        if to.addr().wrapping_sub(from.addr()) >= count {
            // SAFETY: going forward, no byte of `from` is overwritten before it is read.
            return unsafe { memcpy(to, from, count) };
        }
        // SAFETY: as above, going backward from the last byte; the direction flag is put back.
        unsafe {
            asm!("std", "rep movsb", "cld", inout("rcx") count => _,
                inout("rdi") to.wrapping_add(count).wrapping_sub(1) => _,
                inout("rsi") from.wrapping_add(count).wrapping_sub(1) => _, options(nostack));
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
        // SAFETY: the caller owns `count` bytes at `to`.
        unsafe {
            asm!("rep stosb", inout("rcx") count => _, inout("rdi") to => _, in("eax") byte,
                options(nostack, preserves_flags));
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        for at in 0..count {
            // SAFETY: the caller may read `count` bytes at both ends.
            let (a, b) = unsafe { (*a.add(at), *b.add(at)) };
            if a != b {
                return i32::from(a) - i32::from(b);
            }
        }
        0
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        // SAFETY: the same contract.
        unsafe { memcmp(a, b, count) }
    }
}
