//! The program and the walk through the model give the same answers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::decide(data));
