//! Whole archives in every layout, and damaged ones: each record is found, and each loss is told.

use std::io::{BufRead as _, Read as _};

use super::made::{gzip, page, record, section};
use super::unpacked::Unpacked;
use super::{BlockEnd, Item, Opened, Scanner};

/// What a scan gives, one word a thing, and each record's block as it is read at its place.
fn scanned(bytes: &[u8]) -> (Vec<String>, Vec<Vec<u8>>) {
    let packed = Unpacked::is_packed(&section(bytes), false).unwrap();
    let mut scanner = Scanner::new(section(bytes), false).unwrap();
    let (mut seen, mut blocks) = (Vec::new(), Vec::new());
    while let Some(item) = scanner.next().unwrap() {
        match item {
            Item::Record(record) => {
                let name = record
                    .fields
                    .get("warc-target-uri")
                    .unwrap_or("?")
                    .to_owned();
                let length = match &record.end {
                    BlockEnd::Other(length) => Some(*length),
                    _ => None,
                };
                seen.push(match &record.end {
                    BlockEnd::Declared => name,
                    BlockEnd::Other(length) => format!("{name} has {length}"),
                    BlockEnd::Cut(_) => format!("{name} is cut"),
                });
                if let BlockEnd::Other(length) = record.end
                    && record.fields.get("x-cut").is_some()
                {
                    *seen.last_mut().unwrap() = format!("is cut at {length}");
                }
                let mut text = Unpacked::open(section(bytes), packed, record.place.offset).unwrap();
                text.return_to(record.place).unwrap();
                let mut opened = Opened::read(text, length).unwrap();
                let mut block = Vec::new();
                let whole = opened.block.read_to_end(&mut block).is_ok();
                let is_cut = seen.last().unwrap().contains("is cut");
                assert_eq!(whole, !is_cut, "{seen:?}");
                assert_eq!(opened.fields, record.fields);
                blocks.push(block);
            }
            Item::Damage { place, detail } | Item::Excess { place, detail } => {
                seen.push(format!("{}: {detail}", place.offset));
            }
        }
    }
    (seen, blocks)
}

fn names(bytes: &[u8]) -> Vec<String> {
    scanned(bytes).0
}

fn three() -> [Vec<u8>; 3] {
    [
        page("http://a/", "<p>first"),
        record("resource", "http://b/", "", b"second"),
        page("http://c/", &"third ".repeat(40_000)),
    ]
}

#[test]
fn every_layout_gives_the_same_records() {
    let [a, b, c] = three();
    let members = [gzip(&a), gzip(&b), gzip(&c)].concat();
    let pairs = [gzip(&[&a[..], &b].concat()), gzip(&c)].concat();
    let whole = gzip(&[&a[..], &b, &c].concat());
    let plain = [&a[..], &b, &c].concat();
    let bare = String::from_utf8(plain.clone())
        .unwrap()
        .replace("\r\n", "\n");
    let [one, two, three, four] = [&plain, &members, &pairs, &whole].map(|bytes| scanned(bytes));
    assert_eq!(one.0, ["http://a/", "http://b/", "http://c/"]);
    assert_eq!(one.1[1], b"second");
    assert!(one.1[2].ends_with(b"third "));
    assert_eq!(one, two);
    assert_eq!(one, three);
    assert_eq!(one, four);
    // Content-Length counts the line ends that are gone, so each block looks too long by them.
    assert_eq!(names(bare.as_bytes()).len(), 3);
    assert_eq!(names(b""), [""; 0]);
}

#[test]
fn a_file_that_is_cut_gives_what_it_has() {
    let [a, b, c] = three();
    let plain = [&a[..], &b, &c].concat();
    let (seen, blocks) = scanned(&plain[..plain.len() - 1000]);
    assert_eq!(seen, ["http://a/", "http://b/", "http://c/ is cut"]);
    assert!(blocks[2].ends_with(b"third thi") || blocks[2].len() > 1000);
    let head = a.len() + b.len() + 20;
    let expected = format!(
        "{}: the record's head breaks off after 20 bytes",
        a.len() + b.len()
    );
    assert_eq!(names(&plain[..head]), ["http://a/", "http://b/", &expected]);
    let members = [gzip(&a), gzip(&b), gzip(&c)].concat();
    let seen = names(&members[..members.len() - 100]);
    assert_eq!(seen, ["http://a/", "http://b/", "http://c/ is cut"]);
    let whole = gzip(&plain);
    let seen = names(&whole[..whole.len() - 100]);
    assert_eq!(seen, ["http://a/", "http://b/", "http://c/ is cut"]);
}

#[test]
fn an_archive_that_breaks_off_behind_a_block_says_so() {
    let [a, b, _] = three();
    let whole = [&a[..], &b].concat();
    for missing in 3..=4 {
        let at = whole.len() - missing;
        let seen = names(&whole[..at]);
        assert_eq!(seen[..2], ["http://a/", "http://b/"]);
        let told = "the archive breaks off right behind a record's block";
        assert_eq!(seen[2..], [format!("{at}: {told}")]);
    }
    // A member without its check sum may lack records behind this one.
    let first = gzip(&a).len();
    let packed = [gzip(&a), gzip(&b)].concat();
    for missing in 1..=8 {
        let seen = names(&packed[..packed.len() - missing]);
        assert_eq!(seen[..2], ["http://a/", "http://b/"]);
        let told = format!("{first}: the gzip member cannot be unpacked: ");
        assert!(seen.len() == 3 && seen[2].starts_with(&told), "{seen:?}");
    }
    // Some tools leave the line ends out where a member ends.
    let bare = [gzip(&a[..a.len() - 4]), gzip(&b[..b.len() - 4])].concat();
    assert_eq!(names(&bare), ["http://a/", "http://b/"]);
}

#[test]
fn a_head_that_breaks_off_costs_no_other_record() {
    let [a, b, c] = three();
    let head = b.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 2;
    for cut in 11..head {
        let plain = [&a[..], &b[..cut], &c].concat();
        let told = format!(
            "{}: the record's head breaks off after {cut} bytes",
            a.len()
        );
        let (seen, blocks) = scanned(&plain);
        assert_eq!(seen, ["http://a/", &told, "http://c/"], "{cut}");
        assert!(blocks[1].ends_with(b"third "));
        let packed = names(&gzip(&plain));
        assert_eq!(packed[0], "http://a/");
        assert_eq!(packed[2..], ["http://c/"], "{cut}: {packed:?}");
        let mut text = Unpacked::open(section(&plain), false, a.len() as u64).unwrap();
        text.fill_buf().unwrap();
        assert!(Opened::read(text, None).is_err(), "{cut}");
    }
}

#[test]
fn a_block_that_is_cut_costs_no_other_record() {
    let [a, b, c] = three();
    let long = record(
        "resource",
        "http://l/",
        "X-Cut: yes\r\n",
        b"a line\r\nand more\n",
    );
    let head = long.len() - 17 - 4;
    for cut in 0..17 {
        let plain = [&a[..], &long[..head + cut], &b, &c].concat();
        let told = format!("is cut at {cut}");
        let expected = ["http://a/", &told, "http://b/", "http://c/"];
        let (seen, blocks) = scanned(&plain);
        assert_eq!(seen, expected, "{cut}");
        assert_eq!(blocks[1], b"a line\r\nand more\n"[..cut]);
        assert_eq!(blocks[2], b"second");
        assert_eq!(names(&gzip(&plain)), expected, "{cut}");
    }
}

#[test]
fn a_length_that_lies_costs_no_other_record() {
    let [a, b, c] = three();
    for (length, seen) in [
        (2, "http://b/ has 6"),
        (60, "http://b/ has 6"),
        (9_999_999, "http://b/ has 6"),
    ] {
        let lying = String::from_utf8(b.clone())
            .unwrap()
            .replace("Content-Length: 6", &format!("Content-Length: {length}"));
        let plain = [&a[..], lying.as_bytes(), &c].concat();
        let expected = ["http://a/", seen, "http://c/"];
        let (names, blocks) = scanned(&plain);
        assert_eq!(names, expected, "{length}");
        assert_eq!(blocks[1], b"second");
        assert_eq!(scanned(&gzip(&plain)).0, expected, "{length}");
    }
    let unreadable = String::from_utf8(b)
        .unwrap()
        .replace("Length: 6", "Length: six");
    let seen = names(&[&a[..], unreadable.as_bytes(), &c].concat());
    assert_eq!(
        seen[1],
        format!("{}: the record names no length that can be read", a.len())
    );
    assert_eq!(
        (seen[0].as_str(), seen.last().unwrap().as_str()),
        ("http://a/", "http://c/")
    );
}

#[test]
fn garbage_between_records_is_told_and_passed_over() {
    let [a, b, c] = three();
    let garbage = b"no record\r\nWARC is a word\r\n\x1f\x8b\0";
    let plain = [garbage, &a[..], &b, garbage, b"\r\n", &c, garbage].concat();
    let seen = names(&plain);
    // The two line ends behind a record are not garbage; those before the next one are.
    let at = garbage.len() + a.len() + b.len();
    assert_eq!(
        seen[0],
        format!("0: {} bytes that are no record", garbage.len())
    );
    assert_eq!(seen[1..3], ["http://a/", "http://b/"]);
    assert_eq!(
        seen[3],
        format!("{at}: {} bytes that are no record", garbage.len() + 2)
    );
    assert_eq!(seen[4], "http://c/");
    assert_eq!(seen.len(), 6, "{seen:?}");

    let members = [gzip(&a), garbage.to_vec(), gzip(&b), gzip(&c)].concat();
    let seen = names(&members);
    let told = format!(
        "{}: no gzip member begins here; the next is {} bytes on",
        gzip(&a).len(),
        garbage.len()
    );
    assert_eq!(seen, ["http://a/", &told, "http://b/", "http://c/"]);
    let nothing = b"this is not an archive at all";
    assert_eq!(names(nothing), ["0: 29 bytes that are no record"]);
}

#[test]
fn a_broken_member_costs_itself_alone() {
    let [a, b, c] = three();
    let (a, b, c) = (gzip(&a), gzip(&b), gzip(&c));
    for at in 3..b.len() {
        let mut members = [&a[..], &b, &c].concat();
        members[a.len() + at] ^= 0x55;
        let seen = names(&members);
        assert_eq!(seen.first().unwrap(), "http://a/", "byte {at}");
        assert_eq!(seen.last().unwrap(), "http://c/", "byte {at}: {seen:?}");
    }
}

/// Every cut and every flipped byte ends in an answer, and no record before it is lost.
#[test]
fn no_damage_stops_a_scan() {
    let small = [
        page("http://a/", "x"),
        record("resource", "http://b/", "", b"yy"),
    ];
    let plain = small.concat();
    let members = [gzip(&small[0]), gzip(&small[1])].concat();
    let first_ends = [small[0].len(), gzip(&small[0]).len()];
    for (bytes, first_end) in [plain, members].iter().zip(first_ends) {
        for at in 0..bytes.len() {
            let cut = names(&bytes[..at]);
            assert_eq!(cut.is_empty(), at == 0, "{at}: {cut:?}");
            assert!(at < first_end || cut[0] == "http://a/", "{at}: {cut:?}");
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x80;
            let seen = scan_only(&flipped);
            assert!(at < first_end || seen[0] == "http://a/", "{at}: {seen:?}");
        }
    }
}

fn scan_only(bytes: &[u8]) -> Vec<String> {
    let mut scanner = Scanner::new(section(bytes), false).unwrap();
    let mut seen = Vec::new();
    while let Some(item) = scanner.next().unwrap() {
        seen.push(match item {
            Item::Record(record) => record
                .fields
                .get("warc-target-uri")
                .unwrap_or("?")
                .to_owned(),
            Item::Damage { detail, .. } | Item::Excess { detail, .. } => detail,
        });
    }
    seen
}
