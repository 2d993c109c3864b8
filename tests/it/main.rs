//! The one integration binary: every test here runs the real program, or reads the tree itself.
//!
//! One binary and not one per file, because each would link the crate and the bundled SQLite again.
//! A new file is listed below with a line that says its purpose; a test fails when it is not.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a helper of a test that cannot go on fails that test"
)]

// What the other modules stand on: databases, a web server, the program's own runner.
mod support;

// The sites under fixtures/sites hold what fixtures/README.md promises.
mod fixtures;
// Archives that merely lie in a folder.
mod folder_archives;
// The house's rules, read off the source text.
mod house;
// One SQL text for both engines.
mod neutral;
// The schema: alike on both engines, up and down, refused where it is somebody else's.
mod schema;
// Nothing is lost when the process dies, wherever it dies.
mod crash;
// Nor when it is killed, at any time, in the middle of a served site.
mod kills;
// Quotes with their origin.
mod citing;
// A source's content taken away on request.
mod erasing;
// Old contents: printed, dropped, and told of.
mod keeping;
// Reports in a real browser.
mod browser;
// Reports as pages of their own, and in a file.
mod html;
// Entities that a user says to be one.
mod merging;
// Whatever goes wrong, no flag lies.
mod faults;
// What is incomplete is tried again.
mod retry;
// Each reason is in the registry and in the manual.
mod reasons;
// What is incomplete: counted, narrowed down, cut to a screen, held against what is known.
mod incomplete;
// What is stored, in forms that others read.
mod export;
// Each way of losing something is named once, with its reason, and nothing else is.
mod planted;
// What sources say, taken together.
mod facts;
// What most pages of a group repeat.
mod boilerplate;
// Which sources an extraction takes up.
mod selecting;
// What `entities_extracted` says: nothing found, or not everything read.
mod flag;
// Which job made a source, and which changed it, also after the job is gone.
mod provenance;
// The whole story, alike on both engines.
mod story;
// What a crawl leaves out, and what servers do to it.
mod crawling;
// What a crawl would begin with, told without one.
mod dry_run;
// Servers and folders that do their worst.
mod hostile;
// What the fuzzers began with still holds.
mod corpus;
// What goes with a request and where: cookies, credentials, a proxy, an authority.
mod fetching;
// What robots.txt lets be fetched, as it is told and as it is kept.
mod robots;
// What a crawl writes into an archive, as other programs read it.
mod archive;
// What is in an archive after a crash, a kill or a full device.
mod archive_recovery;
// Several hosts in one crawl, none of which waits for another.
mod fairness;
// What sitemaps list is fetched, and what is wrong with one is told.
mod sitemaps;
// Which pages are one, which ask to be left alone, and how wide a crawl goes.
mod identity;
// Web archives as seeds.
mod captures;
// Archives in every state of damage.
mod broken_archives;
// Archives in great number and of many records.
mod many_records;
// Bodies of archived answers, in whatever form they come.
mod payloads;
// Records of an archive that repeat another's content.
mod revisits;
// Lists of seeds.
mod lists;
// Folders that stand for a site.
mod based;
// Asking a server if what is stored still holds.
mod conditional;
// Limits on pages, bytes, time and fetches a day.
mod limits;
// What servers ask for: to be left alone, and to be asked again.
mod politeness;
// `jobs cancel`, and servers that do not let go.
mod cancelling;
// Interrupts, and several processes on one database.
mod stopping;
// Every rule of `db check`, broken by hand.
mod damage;
// What a user is told when something cannot be done.
mod errors;
// The commands that it shows can be typed.
mod typing;
// No password is written down anywhere.
mod secrets;
// A batch of pages leaves behind what page after page would have.
mod batches;
// One row that the database refuses costs itself alone.
mod poison;
// Every command says what it does, and its examples can be typed.
mod help;
// Settings: which value stands, where it comes from, and what a file that nobody named may not do.
mod config;
// Sources found by words, alike on both engines, and never short without saying so.
mod search;
// Completions for shells, manual pages, and logs that programs read.
mod manners;
// What the manual shows can be typed, and what it names is there.
mod manual;
// What the README shows is what the program does.
mod readme;
// A gap closes when what it speaks of is repaired, and not before.
mod repair;
// Workers that share a database lose nothing to each other.
mod sharing;
// A server that drops its connections.
mod connections;
// The end of a job: whose it is, and that it hears a stop.
mod ending;
// The mentions in lines of text, printed with no database.
mod annotate;
// What the rules of a profile name in texts.
mod naming;
// The names that a page vouches for, in its text.
mod evidence;
// Profiles: told of, tried, and what is wrong with one.
mod profile;
// Why one URL is here, or why it is not.
mod why;
// What one job saw otherwise than another.
mod diff;
// Sitemaps and links against what is stored.
mod coverage;
// What a job did, done again by the command that is printed.
mod again;
// The ten questions of `report provenance`, of each kind of thing, also when it is gone.
mod origins;
// One page alone, extracted without a database.
mod page;
// Structured records and facts of a page, from the server to the rows that hold them.
mod records;
// A folder with a file of each format that is read.
mod formats;
