//! Laws of a sitemap: any text is read, what it lists is absolute, distinct and without secrets, and it
//! cannot grow beyond what stands in it.

use std::collections::HashSet;

use toolkit::crawl::read_listing;
use url::Url;

/// All of it is the sitemap.
pub fn sitemap(data: &[u8]) {
    let Ok(url) = Url::parse("https://example.com/maps/sitemap.xml") else {
        unreachable!("a fixed URL");
    };
    let text = String::from_utf8_lossy(data);
    let listing = read_listing(&text, &url);
    let mut seen = HashSet::new();
    for (link, _) in &listing.links {
        assert!(matches!(link.scheme(), "http" | "https"), "{link}");
        assert_eq!((link.username(), link.password()), ("", None), "{link}");
        assert!(seen.insert(link.as_str()), "twice: {link}");
        // Nothing is replaced by more than itself: each octet is at most one escape of three.
        assert!(
            link.as_str().len() <= 3 * text.len() + url.as_str().len() + 8,
            "{link}"
        );
    }
    for gap in &listing.gaps {
        assert!(!gap.detail.contains('\0'), "{gap:?}");
    }
}
