//! The readers of policies take any text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::parse(data));
