//! See `livefloe::testing::fuzz::protocol`. Here, allocations are counted as well: a few bytes must not make much memory.
#![no_main]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use livefloe::testing::fuzz;

/// Bytes of memory for each byte of a frame. The most are taken by operations of one byte: a value of some 80, in a list that
/// grows by doubling, and then the frame that is written of them.
const FACTOR: usize = 400;
/// What a deflated byte may become: the most that the format allows.
const INFLATED: usize = 1032;
/// For what a message needs whatever its length: the words of an error, and the tables of an inflater.
const ALLOWANCE: usize = 128 * 1024;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // A thread's tables for deflating are made once.
    static WARM: std::sync::Once = std::sync::Once::new();
    WARM.call_once(|| drop(fuzz::protocol(&[4])));
    let factor = if bytes.first() == Some(&5) { FACTOR * INFLATED } else { FACTOR };
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = fuzz::protocol(bytes);
    let taken = MOST.load(Ordering::Relaxed) - before;
    assert!(taken <= factor * bytes.len() + ALLOWANCE, "{} bytes made {taken} bytes of memory", bytes.len());
    if let Err(finding) = result {
        panic!("{finding}");
    }
});
