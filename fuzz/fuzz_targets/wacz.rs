#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| toolkit_fuzz::wacz(data));
