//! Every seed of the fuzz targets obeys the same laws on a stable toolchain, without a fuzzer.

use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
mod laws;

/// Feeds the seeds of one target to its law.
fn holds_for_each_seed(target: &str, law: fn(&[u8])) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("fuzz/seeds").join(target);
    let mut seeds = 0;
    for entry in std::fs::read_dir(folder).expect("the target has seeds") {
        let path = entry.expect("a seed").path();
        println!("{}", path.display());
        law(&std::fs::read(path).expect("a seed"));
        seeds += 1;
    }
    assert!(seeds > 0, "{target}");
    assert!(
        root.join(format!("fuzz/fuzz_targets/{target}.rs"))
            .is_file(),
        "{target}"
    );
}

#[test]
fn url_keys_are_stable() {
    holds_for_each_seed("url_keys", laws::url_keys);
}

#[test]
fn robots_txt_can_be_anything() {
    holds_for_each_seed("robots", laws::robots);
}

#[test]
fn a_sitemap_can_be_anything() {
    holds_for_each_seed("sitemap", laws::sitemap);
}

#[test]
fn an_archive_can_be_anything() {
    holds_for_each_seed("archive", laws::archive);
}

#[test]
fn a_wacz_can_be_anything() {
    holds_for_each_seed("wacz", laws::wacz);
}

#[test]
fn a_content_encoding_can_be_anything() {
    holds_for_each_seed("encoding", laws::encoding);
}

#[test]
fn markup_can_be_anything() {
    holds_for_each_seed("markup", laws::markup);
}
