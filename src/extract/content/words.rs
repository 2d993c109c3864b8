//! The words themselves: what names of elements say on many sites, made from pages and not from lists.
//!
//! Words under which ordinary pages turned out to keep their text ("ad", "language", "alert") are left out.

use std::collections::HashMap;
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

type Meanings = HashMap<(&'static str, &'static str), Meaning>;

/// Returns what `word` means after `previous`, which is empty at the start of a name.
pub(super) fn meaning(previous: &str, word: &str) -> Meaning {
    static MEANINGS: OnceLock<Meanings> = OnceLock::new();
    let meanings = MEANINGS.get_or_init(meanings);
    let alone = meanings.get(&("", word)).copied().unwrap_or_default();
    match meanings.get(&(previous, word)) {
        Some(pair) => alone.and(*pair),
        None => alone,
    }
}

fn meanings() -> Meanings {
    let mut meanings = Meanings::new();
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
            let pair = entry.split_once('-').unwrap_or(("", entry));
            let known = meanings.entry(pair).or_default();
            *known = known.and(meaning);
        }
    }
    meanings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_pairs_are_looked_up() {
        assert!(meaning("", "sidebar").boilerplate);
        assert!(meaning("see", "also").boilerplate);
        assert!(!meaning("", "also").boilerplate);
        assert!(meaning("article", "body").body);
        assert!(meaning("x", "comments").remarks);
        assert_eq!(meaning("", ""), Meaning::default());
    }
}
