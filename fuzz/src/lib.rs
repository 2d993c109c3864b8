//! What must hold of the program's readers of foreign input, whatever that input is.
//!
//! Each function takes bytes and panics where a law is broken. The fuzz targets feed them what a fuzzer
//! makes up; `tests/it/corpus.rs` feeds them the seeds, on a stable toolchain.

mod archive;
mod encoding;
mod keys;
mod markup;
mod robots;
mod sitemap;
mod wacz;

pub use archive::archive;
pub use encoding::encoding;
pub use keys::url_keys;
pub use markup::markup;
pub use robots::robots;
pub use sitemap::sitemap;
pub use wacz::wacz;

/// Splits at the first line feed; the second part is empty when there is none.
fn first_line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}
