//! Archives in every state of damage, many in one job: each is told with its place, none stops the job, and
//! every record before the damage is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;

use crate::support::database::Engine;
use crate::support::random::Random;
use crate::support::workplace::{Workplace, text_of};

use Engine::{Postgres, Sqlite};

/// Pages of an archive.
const PAGES: usize = 6;

/// What may be said of what is not there or not right.
const LOSSES: &str = "('archive_damaged', 'body_incomplete', 'digest_mismatch', 'file_unreadable', \
                      'malformed_url')";

/// A damaged archive: its pages are those of a host with its name.
struct Broken {
    name: String,
    ending: &'static str,
    bytes: Vec<u8>,
    /// The pages before the damage.
    sound: usize,
}

/// A page's body, which does not compress, so that damage hits anything anywhere.
fn body(page: usize) -> String {
    let mut random = Random::new(page as u64);
    let letters: String = (0..1400)
        .map(|_| {
            char::from(b"0123456789abcdefghijklmnopqrstuvwxyz-_+=~*"[random.below(42) as usize])
        })
        .collect();
    format!("<title>{page}</title><p>{letters}")
}

/// The records of an archive. They declare no digest: whether a page is right is seen from outside.
fn records(host: &str) -> Vec<String> {
    let pages = (0..PAGES).map(|page| {
        let body = body(page);
        let length = body.len();
        let block = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let length = block.len();
        format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://{host}.example/{page}\r\n\
             WARC-Date: 2026-05-01T10:00:00Z\r\nContent-Type: application/http\r\n\
             Content-Length: {length}\r\n\r\n{block}\r\n\r\n"
        )
    });
    pages.collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("to memory");
    encoder.finish().expect("to memory")
}

/// Returns the records as they lie in a file, each packed or not.
fn laid(host: &str, ending: &str) -> Vec<Vec<u8>> {
    let packed = ending.ends_with("gz");
    let records = records(host).into_iter().map(String::into_bytes);
    records
        .map(|record| if packed { gzip(&record) } else { record })
        .collect()
}

/// How many of the records end at or before a byte.
fn before(records: &[Vec<u8>], byte: usize) -> usize {
    let mut end = 0;
    let ends = records.iter().map(|record| {
        end += record.len();
        end
    });
    ends.take_while(|end| *end <= byte).count()
}

fn cut_and_flipped(all: &mut Vec<Broken>) {
    let mut random = Random::new(11);
    for (kind, ending) in [("plain", ".warc"), ("packed", ".warc.gz")] {
        let length: usize = laid("kind-number-00", ending).iter().map(Vec::len).sum();
        for at in (0..length).step_by(1000) {
            let name = format!("{kind}-cut-{at}");
            let records = laid(&name, ending);
            let bytes = records.concat()[..at].to_vec();
            let sound = before(&records, at);
            all.push(Broken {
                name,
                ending,
                bytes,
                sound,
            });
        }
        for number in 0..12 {
            let name = format!("{kind}-flip-{number}");
            let records = laid(&name, ending);
            let mut bytes = records.concat();
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] ^= 0x55;
            let sound = before(&records, at);
            all.push(Broken {
                name,
                ending,
                bytes,
                sound,
            });
        }
    }
}

type Change = fn(&str) -> String;

/// Archives whose third record is changed.
fn changed(all: &mut Vec<Broken>) {
    let changes: [(&str, Change); 6] = [
        ("short", |record| {
            record.replacen("Content-Length: ", "Content-Length: 1\r\nx: ", 1)
        }),
        ("long", |record| {
            record.replacen("Content-Length: ", "Content-Length: 9", 1)
        }),
        ("no-length", |record| {
            record.replacen("Content-Length: ", "Content-Length: x", 1)
        }),
        ("no-version", |record| {
            record.replacen("WARC/1.1\r\n", "", 1)
        }),
        ("no-type", |record| {
            record.replacen("WARC-Type: ", "WARC-Tide: ", 1)
        }),
        ("no-url", |record| {
            record.replacen("WARC-Target-URI: ", "x: ", 1)
        }),
    ];
    for (change, apply) in changes {
        for (kind, ending) in [
            ("plain", ".warc"),
            ("packed", ".warc.gz"),
            ("whole", ".warc.gz"),
        ] {
            let name = format!("{change}-{kind}");
            let mut records = records(&name);
            records[2] = apply(&records[2]);
            let bytes = match kind {
                "packed" => records
                    .iter()
                    .flat_map(|record| gzip(record.as_bytes()))
                    .collect(),
                "whole" => gzip(records.concat().as_bytes()),
                _ => records.concat().into_bytes(),
            };
            all.push(Broken {
                name,
                ending,
                bytes,
                sound: 2,
            });
        }
    }
}

fn wacz(host: &str, package: &str, index: &str) -> Vec<u8> {
    let mut wacz = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [
        ("archive/data.warc.gz", laid(host, ".gz").concat()),
        ("indexes/index.cdx", index.as_bytes().to_vec()),
        ("datapackage.json", package.as_bytes().to_vec()),
    ] {
        wacz.start_file(name, stored).expect("a member");
        wacz.write_all(&bytes).expect("a member");
    }
    wacz.finish().expect("an archive").into_inner()
}

fn packages(all: &mut Vec<Broken>) {
    let outside = r#"{"resources": [{"path": "../../../../etc/passwd"}, {"path": "/etc/hosts"},
                     {"path": "archive/../../../../etc/hosts.warc"}]}"#;
    let index = "com,a)/ 2026 {\"filename\": \"../../x.warc.gz\", \"offset\": \"999999\", \"length\": \"1\"}\n";
    let ending = ".wacz";
    let name = "outside".to_owned();
    let bytes = wacz(&name, outside, index);
    all.push(Broken {
        name,
        ending,
        bytes,
        sound: PAGES,
    });
    let name = "no-package".to_owned();
    let bytes = wacz(&name, "{", "");
    all.push(Broken {
        name,
        ending,
        bytes,
        sound: PAGES,
    });
    let mut random = Random::new(12);
    for number in 0..12 {
        let name = format!("wacz-flip-{number}");
        let mut bytes = wacz(&name, "{}", "");
        let at = random.below(bytes.len() as u64) as usize;
        bytes[at] ^= 0x55;
        all.push(Broken {
            name,
            ending,
            bytes,
            sound: 0,
        });
    }
    // Its directory is at the end; the members before it have heads of their own.
    let length = wacz("wacz-cut-0000", "{}", "").len();
    for at in (1000..length).step_by(1000) {
        let name = format!("wacz-cut-{at}");
        let bytes = wacz(&name, "{}", "");
        let begin = bytes.windows(3).position(|three| three == b"\x1f\x8b\x08");
        let sound = before(&laid(&name, ".gz"), at - begin.expect("a packed record"));
        let bytes = bytes[..at].to_vec();
        all.push(Broken {
            name,
            ending,
            bytes,
            sound,
        });
    }
    for ending in [".warc", ".warc.gz", ".wacz"] {
        let name = format!("empty{}", ending.replace('.', "-"));
        all.push(Broken {
            name,
            ending,
            bytes: Vec::new(),
            sound: 0,
        });
    }
}

#[rstest]
fn no_damage_stops_a_job_or_goes_untold(#[values(Sqlite, Postgres)] engine: Engine) {
    let place = Workplace::new(engine);
    let mut all = Vec::new();
    cut_and_flipped(&mut all);
    changed(&mut all);
    packages(&mut all);
    let whole = "whole".to_owned();
    all.push(Broken {
        bytes: laid(&whole, ".warc").concat(),
        name: whole,
        ending: ".warc",
        sound: PAGES,
    });
    let mut seeds = String::new();
    for broken in &all {
        let path = place
            .user
            .folder()
            .join(format!("{}{}", broken.name, broken.ending));
        std::fs::write(&path, &broken.bytes).expect("an archive");
        seeds.push_str(text_of(&path));
        seeds.push('\n');
    }
    // A folder may be called like an archive.
    let folder: PathBuf = place.user.folder().join("folder.warc");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("page.html"), "<p>page").expect("a file");
    seeds.push_str(text_of(&folder));
    let list = place.user.folder().join("seeds");
    std::fs::write(&list, seeds).expect("a list");
    place.succeed(&["crawl", "--from", text_of(&list)]);
    place.check();
    assert_eq!(place.count("frontier WHERE reason = 'crawl_panicked'"), 0);
    assert_eq!(
        place.count("sources WHERE uri LIKE 'file:%/folder.warc/page.html'"),
        1
    );

    let stored = pages(&place, "SELECT uri, body_digest FROM sources");
    let told = told(&place);
    for broken in &all {
        let is_right = |page: &usize| {
            let [this, right] = [&broken.name, "whole"]
                .map(|host| stored.get(&format!("http://{host}.example/{page}")));
            right.is_some() && this == right
        };
        let right: Vec<usize> = (0..PAGES).filter(is_right).collect();
        let sound: Vec<usize> = (0..broken.sound).collect();
        assert!(right.starts_with(&sound), "{}: {right:?}", broken.name);
        let lost = PAGES - right.len();
        let is_told = told.contains(&broken.name);
        // A byte of a page, or of its address, may be another one and nothing of the format tell of it.
        let may_be_untold =
            broken.name.starts_with("plain-flip") || broken.name.starts_with("wacz-flip");
        assert!(
            lost == 0 || is_told || may_be_untold,
            "{}: {right:?}",
            broken.name
        );
    }
}

fn pages(place: &Workplace, sql: &str) -> BTreeMap<String, String> {
    let rows = place.database.query_text(sql).into_iter();
    rows.filter_map(|row| Some((row[0].clone()?, row[1].clone()?)))
        .collect()
}

/// The names of the archives of which a loss is told: each with an offset, unless it is all of the file.
fn told(place: &Workplace) -> BTreeSet<String> {
    let losses = place.database.query_text(&format!(
        "SELECT uri, reason, COALESCE(detail, '') FROM frontier WHERE reason IN {LOSSES} \
         UNION ALL SELECT uri, reason, detail FROM gaps WHERE reason IN {LOSSES}"
    ));
    let mut names = BTreeSet::new();
    for row in losses {
        let [uri, reason, detail] = [0, 1, 2].map(|at| row[at].clone().unwrap_or_default());
        let is_whole = uri.contains("?unreadable=1") || uri.contains("?member=");
        let has_place = [&uri, &detail].iter().any(|text| text.contains("offset"));
        let of_page = uri.starts_with("http:");
        assert!(
            has_place || is_whole || of_page,
            "{uri}: {reason}, {detail}"
        );
        let name = uri.rsplit_once(".warc").or(uri.rsplit_once(".wacz"));
        let name = name
            .or(uri.split_once(".example"))
            .map_or(uri.as_str(), |(name, _)| name);
        names.insert(name.rsplit('/').next().unwrap_or_default().to_owned());
    }
    names
}

/// A reader of zip files comes by one member of each name alone.
#[rstest]
fn members_of_one_name_are_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let mut wacz = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, host) in [("archive/a.warc", "first"), ("archive/b.warc", "last")] {
        wacz.start_file(name, stored).expect("a member");
        wacz.write_all(records(host).concat().as_bytes())
            .expect("a member");
    }
    let mut bytes = wacz.finish().expect("an archive").into_inner();
    let name = b"archive/b.warc";
    for at in 0..bytes.len() - name.len() {
        if bytes[at..].starts_with(name) {
            bytes[at + "archive/".len()] = b'a';
        }
    }
    let place = Workplace::new(engine);
    let path = place.user.folder().join("twins.wacz");
    std::fs::write(&path, bytes).expect("an archive");
    place.succeed(&["crawl", text_of(&path)]);
    assert_eq!(place.count("sources WHERE uri LIKE 'http://last%'"), PAGES);
    assert_eq!(place.count("sources"), PAGES);
    let told = "frontier WHERE reason = 'archive_damaged' AND uri LIKE '%a.warc&repeated=1'";
    assert_eq!(place.count(told), 1);
    place.check();
}
