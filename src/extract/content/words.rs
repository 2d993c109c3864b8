//! The words themselves: what names of elements say on many sites, made from pages and not from lists.
//!
//! Words under which ordinary pages turned out to keep their text ("ad", "language", "alert") are left out.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

/// Around the main text on most sites.
const BOILERPLATE: &str = "\
    account adbox ads adsense advert advertisement advertising adverts affiliate announcement \
    anzeige authorbio authorbox backlink banner bookmark bottomnav breadcrumb breadcrumbs burger \
    byline catlinks consent cookie cookiebar cookies copyright crumb crumbs disclaimer disclosure \
    donate donation dropdown editsection empfehlungen filter filters flyout followus footer gdpr \
    globalheader globalnav gnav hamburger hatnote headerlink jumplink jumpto legal lightbox login \
    loginbox mailchimp mailinglist mainnav masthead mbox mega megamenu menu menubar menus metabar \
    minicart modal mostread nav navbar navbox navfooter navheader navi navigation navlinks newsletter newsletterbox \
    offcanvas outbrain overlay pagenav pager paginate pagination paywall permalink policy popover \
    popular popup postmeta postnav promo promoted promotion recirc recommendation recommendations \
    recommended register registration related relatedposts screenreader searchbox searchform share \
    sharebar sharedaddy sharing sidebar sidemenu sidenav signin signup sitemap skiplink skiplinks \
    social socials sponsor sponsored sponsors ssba submenu subnav subnavlinks subscribe \
    subscription syndication taboola tagcloud tagline taglist tags teaser teasers toast toolbar \
    tooltip topbar topnav trending upsell weiterlesen wishlist yarpp";

/// Two words in a row that say what neither says alone.
const BOILERPLATE_PAIRS: &str = "\
    about-author ad-container ad-slot ad-unit ad-wrapper also-like also-read article-footer \
    article-meta article-tags author-bio author-box author-card author-info author-meta \
    author-profile back-top cart-drawer contact-form customer-also email-form entry-footer \
    entry-meta entry-utility follow-us further-reading google-ad left-column left-rail meta-data \
    mini-cart more-articles more-from more-news more-posts more-stories most-popular most-read \
    next-article next-post next-prev object-custom off-canvas on-page page-header page-tools \
    post-categories post-footer post-info post-meta post-navigation prev-next previous-next \
    print-only quick-links read-next recent-posts related-links right-column screen-reader \
    search-form see-also side-bar side-rail similar-posts site-header social-follow sr-only \
    tag-list top-bar top-stories up-next visually-hidden you-may";

/// Noise beside an article; page builders call the text of other pages so, too.
const ARTICLE_BOILERPLATE: &str = "\
    action ad alert caption follow noprint profile widget widgets";

/// What readers wrote.
const REMARKS: &str = "\
    comment commentary commentform commenting commentlist comments discuss disqus fbcomments \
    gravatar kommentar kommentare livefyre pingback pinglist reaction reactions replies reply \
    respond responses review reviews trackback trackbacks webmention";

/// The main text itself.
const BODY: &str = "\
    articlebody articlecontent articletext artikeltext bodycontent bodytext contentbody \
    entrycontent fulltext mainbody maincontent maintext markdown newstext postbody postcontent \
    posttext prose richtext storybody storytext textbody";

/// The same in two words.
const BODY_PAIRS: &str = "\
    article-body article-content article-copy article-main article-text blog-content blog-post \
    body-content body-copy body-text content-area content-body content-main content-text \
    doc-content document-content entry-body entry-content entry-text main-body main-content \
    main-text markdown-body news-content news-text page-content parser-output post-body \
    post-content post-entry post-text product-description review-body review-content review-text \
    rich-text single-content story-body story-content text-content topic-content";

/// What a word may mean; several can hold at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    pub boilerplate: bool,
    pub article_boilerplate: bool,
    pub remarks: bool,
    pub body: bool,
}

impl Meaning {
    /// Returns everything that either means.
    fn and(self, other: Self) -> Self {
        Self {
            boilerplate: self.boilerplate || other.boilerplate,
            article_boilerplate: self.article_boilerplate || other.article_boilerplate,
            remarks: self.remarks || other.remarks,
            body: self.body || other.body,
        }
    }
}

/// A word of a name, in either case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    /// Of its letters in lower case, from [`START`] on.
    pub hash: u64,
}

impl Default for Word<'_> {
    fn default() -> Self {
        Self {
            text: "",
            hash: START,
        }
    }
}

impl<'a> Word<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            hash: text.bytes().fold(START, hashed),
        }
    }

    /// Says whether it is that word, which is in lower case.
    pub fn is(self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// The hash of no letters (FNV-1a).
pub(super) const START: u64 = 0xcbf2_9ce4_8422_2325;

/// Adds a letter to the hash of those before it.
pub(super) fn hashed(hash: u64, letter: u8) -> u64 {
    (hash ^ u64::from(letter.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
}

/// A page has thousands of names and most say nothing: their hash alone tells, and is not hashed again.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hashed(hash, *byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Two words in a row, the first of which may be empty, and what they mean.
type Entry = (&'static str, &'static str, Meaning);

type Meanings = HashMap<u64, Entry, BuildHasherDefault<Hashed>>;

/// Returns what `word` means after `previous`, which is empty at the start of a name.
pub(super) fn meaning(previous: Word<'_>, word: Word<'_>) -> Meaning {
    static MEANINGS: OnceLock<Meanings> = OnceLock::new();
    let meanings = MEANINGS.get_or_init(meanings);
    let known = |previous: Word<'_>| {
        let (first, second, meaning) = meanings.get(&together(previous, word))?;
        (previous.is(first) && word.is(second)).then_some(*meaning)
    };
    let alone = known(Word::default()).unwrap_or_default();
    match known(previous) {
        Some(pair) => alone.and(pair),
        None => alone,
    }
}

fn together(previous: Word<'_>, word: Word<'_>) -> u64 {
    previous.hash.rotate_left(23) ^ word.hash
}

fn meanings() -> Meanings {
    let mut meanings = Meanings::default();
    let none = Meaning::default();
    let boilerplate = Meaning {
        boilerplate: true,
        ..none
    };
    let article_boilerplate = Meaning {
        article_boilerplate: true,
        ..none
    };
    let remarks = Meaning {
        remarks: true,
        ..none
    };
    let body = Meaning { body: true, ..none };
    let lists = [
        (BOILERPLATE, boilerplate),
        (BOILERPLATE_PAIRS, boilerplate),
        (ARTICLE_BOILERPLATE, article_boilerplate),
        (REMARKS, remarks),
        (BODY, body),
        (BODY_PAIRS, body),
    ];
    for (list, meaning) in lists {
        for entry in list.split(' ') {
            let (first, second) = entry.split_once('-').unwrap_or(("", entry));
            let hash = together(Word::of(first), Word::of(second));
            let none = (first, second, Meaning::default());
            let known = meanings.entry(hash).or_insert(none);
            known.2 = known.2.and(meaning);
        }
    }
    meanings
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn meaning(previous: &str, word: &str) -> Meaning {
        super::meaning(Word::of(previous), Word::of(word))
    }

    #[test]
    fn words_and_pairs_are_looked_up() {
        assert!(meaning("", "sidebar").boilerplate);
        assert!(meaning("See", "ALSO").boilerplate);
        assert!(!meaning("", "also").boilerplate);
        assert!(meaning("article", "body").body);
        assert!(meaning("x", "comments").remarks);
        assert_eq!(meaning("", ""), Meaning::default());
    }

    #[test]
    fn no_two_entries_share_a_hash() {
        let lists = [
            BOILERPLATE,
            BOILERPLATE_PAIRS,
            ARTICLE_BOILERPLATE,
            REMARKS,
            BODY,
            BODY_PAIRS,
        ];
        let entries: HashSet<_> = lists.iter().flat_map(|list| list.split(' ')).collect();
        assert_eq!(meanings().len(), entries.len());
    }
}
