//! Pages and documents of which something is lost when they are read, one a file.

use std::fmt::Write as _;

use super::Told;

/// A page, and what must be told of it.
pub struct Page {
    pub name: &'static str,
    pub content: fn() -> Vec<u8>,
    pub told: &'static [Told],
}

/// What is lost | how it is planted | the line
pub const PAGES: &[Page] = &[
    page("sound.html", || html("<p>A page that is whole.</p>"), &[]),
    // The whole text.
    page(
        "empty.html",
        || html(""),
        &[("no_content", "/empty.html", "")],
    ),
    page("empty.txt", Vec::new, &[("no_content", "/empty.txt", "")]),
    // B19: a site of images is crawled "successfully".
    page(
        "pictures.html",
        || {
            html(
                "<img src=https://e.test/a.png><img src=https://e.test/b.png><img src=https://e.test/c.png>",
            )
        },
        &[("image_only", "/pictures.html", "")],
    ),
    page(
        "shell.html",
        || html("<div id=root></div><script>run()</script>"),
        &[("script_shell", "/shell.html", "")],
    ),
    page(
        "cookies.html",
        || html("<p>We use cookies. Accept all cookies or manage your preferences."),
        &[("cookie_wall", "/cookies.html", "")],
    ),
    page(
        "login.html",
        || html("<p>Please log in.<form>Name <input><input type=password></form>"),
        &[("login_wall", "/login.html", "")],
    ),
    page(
        "captcha.html",
        || b"<!doctype html><title>Just a moment...</title><p>Checking your browser".to_vec(),
        &[("captcha_wall", "/captcha.html", "")],
    ),
    page(
        "soft.html",
        || b"<!doctype html><title>404</title><p>Sorry. Try the search.".to_vec(),
        &[("soft_not_found", "/soft.html", "")],
    ),
    // B3: the input is cut. What stands before the cut is read.
    page(
        "long.html",
        || html(&format!("<p>{}", "More of the same. ".repeat(15_000))),
        &[("body_truncated", "/long.html", "200000")],
    ),
    // Single characters, elements, records and facts.
    page(
        "charset.html",
        || {
            b"<!doctype html><meta charset=utf-8><title>A page</title><p>Gr\xfc\xdfe from the harbour".to_vec()
        },
        &[("charset_errors", "/charset.html", "61")],
    ),
    page(
        "deep.html",
        || html(&format!("{}<p>bottom", "<div>".repeat(3_000))),
        &[("tree_too_deep", "/deep.html", "")],
    ),
    page(
        "json-ld.html",
        || html("<p>Some text.</p><script type=application/ld+json>{\"@type\": </script>"),
        &[("json_ld_invalid", "/json-ld.html", "1")],
    ),
    page(
        "records.html",
        || {
            let (open, close) = ("{\"@type\":\"Thing\",\"x\":".repeat(60), "}".repeat(60));
            html(&format!(
                "<p>Some text.</p><script type=application/ld+json>{open}1{close}</script>"
            ))
        },
        &[("records_cut", "/records.html", "json-ld 1 nesting")],
    ),
    page(
        "cycle.html",
        || {
            html(
                "<p>Some text.</p><div itemscope itemref=a><p itemprop=own>x</div>\
                 <div id=a><div itemprop=inner itemscope itemref=a id=b><p itemprop=own>y</div></div>",
            )
        },
        &[("record_cycle", "/cycle.html", "…")],
    ),
    // B4: no more than so many of a list.
    page(
        "facts.html",
        || {
            let rows = (0..2_100).map(|number| format!("<tr><th>Length {number}<td>{number} m"));
            html(&format!(
                "<h1>Facts</h1><table>{}</table>",
                rows.collect::<String>()
            ))
        },
        &[("facts_cut", "/facts.html", "facts")],
    ),
    // Documents.
    page(
        "broken.json",
        || b"{\"name\": \"Tide mill\", \"height\": ".to_vec(),
        &[("document_invalid", "/broken.json", "32")],
    ),
    page(
        "deep.json",
        || format!("{}{}", "[".repeat(600), "]".repeat(600)).into_bytes(),
        &[("document_cut", "/deep.json", "200")],
    ),
    page(
        "locked.docx",
        locked,
        &[("document_encrypted", "/locked.docx", "")],
    ),
    page(
        "glyphs.pdf",
        glyphs,
        &[("glyphs_unknown", "/glyphs.pdf", "page 1")],
    ),
    page(
        "entity.xml",
        || b"<mills><mill>Tide &mill; at &amp; sea</mill></mills>".to_vec(),
        &[("entity_reference", "/entity.xml", "18")],
    ),
    page(
        "old.doc",
        || [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 600]].concat(),
        &[("unsupported_media_type", "/old.doc", "")],
    ),
    // Links, and files that are not read for what they hold.
    page(
        "links.html",
        || html("<p>To <a href=gone.html>a file</a> and <a href='http://[::1/'>nowhere</a>.</p>"),
        &[
            ("file_not_found", "/gone.html", ""),
            ("malformed_url", "/links.html", "75"),
        ],
    ),
    page(
        "pages.warc",
        || b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n".to_vec(),
        &[("archive_in_folder", "/pages.warc", "")],
    ),
];

/// A page of mills for the profile below.
pub const MILLS: &str = "<!doctype html><title>Mills</title><h1>Mills</h1>
<section><h2>A</h2><p class=height>twelve</p><p class=built>12</p></section>
<section><p class=height>12</p></section>
<section><h2>C</h2></section>
<section><h2>D</h2></section>
<p class=colour>white</p><dl><dt>Colour<dd>red<dt>Wheels<dd>two</dl>
";

pub const PROFILE: &str = r#"
description = "Mills, of which something is lost in each way"

[[group]]
name = "mill"
many = true
item = "section"
limit = 3

[[group.field]]
name = "name"
selector = "h2"
required = true

[[group.field]]
name = "height"
type = "integer"
selector = ".height"

[[group.field]]
name = "built"
type = "integer"
selector = ".built"
min = 1000

[[group]]
name = "page"

[[group.field]]
name = "mood"
ask = "How does it feel?"

[[group.field]]
name = "colour"
selector = ".colour"
labels = "colour"

[[group]]
name = "part"
many = true
required = true
item = "li.part"

[[group.field]]
name = "name"
selector = "b"
"#;

pub const FIELDS: &[Told] = &[
    ("fields_cut", "/mills.html", "mill"),
    ("field_unparsable", "/mills.html", "mill.height[0]…"),
    ("field_invalid", "/mills.html", "mill.built[0]…"),
    ("field_missing", "/mills.html", "mill.name[1]"),
    ("no_model", "/mills.html", "page.mood[0]"),
    ("field_conflict", "/mills.html", "page.colour[0]…"),
    // B15: a list of things that never had one.
    ("field_missing", "/mills.html", "part"),
];

const fn page(name: &'static str, content: fn() -> Vec<u8>, told: &'static [Told]) -> Page {
    Page {
        name,
        content,
        told,
    }
}

fn html(body: &str) -> Vec<u8> {
    format!("<!doctype html><title>A page</title>{body}").into_bytes()
}

/// A document of a word processor that opens with a password: it is no archive, but a compound file.
fn locked() -> Vec<u8> {
    let name = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes);
    let name: Vec<u8> = name.collect();
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(),
        &name,
        &[0; 600],
    ]
    .concat()
}

/// A PDF of one page, whose font does not say what its third glyph is.
fn glyphs() -> Vec<u8> {
    let text = r"BT /A 10 Tf 0 700 Td (\001\002\003) Tj ET";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</A 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{text}\nendstream", text.len()),
        "<</Subtype/Type1/BaseFont/X/Encoding<</Differences[1/fi/adieresis/g7]>>/FirstChar 1/Widths[500 500 500]>>"
            .to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push(format!("{:010} 00000 n \n", file.len()));
        let _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
    }
    let (at, count) = (file.len(), objects.len() + 1);
    let _ = write!(
        file,
        "xref\n0 {count}\n0000000000 65535 f \n{}trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF",
        offsets.concat()
    );
    file.into_bytes()
}
