//! Arguments that every command shares, and the readers of the values several of them take.
//!
//! What one command alone takes stands in that command's file. Nothing here opens or changes anything.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::environment::quoted;
use super::output::{
    Format, OutputFile, OutputOptions, Question, ShownDatabase, color_is_wanted, terminal_width,
};
use super::stderr::LogFormat;
use crate::model::Timestamp;
use crate::store::DatabaseAddress;

/// A value that cannot be read as what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    #[error("{0:?} is no duration; write a number and ms, s, m, h or d, as in 500ms, 2s or 1.5m")]
    NotADuration(String),
    #[error(
        "{0:?} is no size; write a number and B, KB, KiB, MB, MiB, GB, GiB, TB or TiB, as in 16MiB"
    )]
    NotASize(String),
    #[error("{0:?} is no time; write 2026-01-31T12:00:00Z, or a day as in 2026-01-31")]
    NotAMoment(String),
    #[error("{0:?} is negative")]
    Negative(String),
    #[error("{0:?} is out of range")]
    OutOfRange(String),
    #[error("{0:?} is finer than a nanosecond")]
    FinerThanNanoseconds(String),
    #[error("{0:?} is no whole number of bytes")]
    NoWholeBytes(String),
}

/// Reads a moment: an instant with its offset, or a day, which is meant to its end in UTC.
pub fn parse_moment(text: &str) -> Result<Timestamp, ValueError> {
    let last = || {
        let day: jiff::civil::Date = text.parse().ok()?;
        let next = day
            .tomorrow()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?;
        let microseconds = next.timestamp().as_microsecond();
        Some(Timestamp::from_microseconds(microseconds - 1))
    };
    let is_day = text.len() == "2026-01-31".len();
    let moment = if is_day { last() } else { text.parse().ok() };
    moment.ok_or_else(|| ValueError::NotAMoment(text.to_owned()))
}

/// The heading in help that keeps them apart from a command's own.
const HEADING: &str = "Options of every command";

/// The database that is used where none is named.
pub const DEFAULT_DATABASE: &str = "toolkit.db";

/// What help shows these under, after the options of the command itself.
const GLOBAL_HEADING: &str = "Options of every command";

/// Arguments that stand before or after any command.
#[derive(Clone, PartialEq, Eq, Args)]
#[command(next_help_heading = HEADING)]
pub struct GlobalArguments {
    /// Database: a SQLite file, or a Postgres address (postgres://...)
    // The environment's value may hold a password, so help does not show it.
    #[arg(
        long,
        global = true,
        help_heading = GLOBAL_HEADING,
        env = "TOOLKIT_DATABASE",
        hide_env_values = true,
        default_value = DEFAULT_DATABASE,
        value_name = "FILE|URL"
    )]
    pub database: String,

    /// How results are written to standard output
    #[arg(
        long,
        global = true,
        help_heading = GLOBAL_HEADING,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub format: Format,

    /// Leave out ids, times and whatever depends on the order of arrival
    #[arg(long, global = true, help_heading = GLOBAL_HEADING)]
    pub stable: bool,

    /// Show no progress and no notes
    #[arg(long, short, global = true, help_heading = GLOBAL_HEADING)]
    pub quiet: bool,

    /// Show engine, host, process and worker as well
    #[arg(long, short, global = true, help_heading = GLOBAL_HEADING)]
    pub verbose: bool,

    /// How notes, progress and errors are written to standard error
    #[arg(
        long,
        global = true,
        help_heading = GLOBAL_HEADING,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,

    /// Read settings from this file instead of the toolkit.toml that is found
    #[arg(
        long,
        global = true,
        help_heading = GLOBAL_HEADING,
        env = "TOOLKIT_CONFIG",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub config: Option<PathBuf>,

    /// Read no file of settings
    #[arg(long, global = true, help_heading = GLOBAL_HEADING, overrides_with = "config")]
    pub no_config: bool,

    /// Whether the database was named on the command line, so that commands that are shown have to name it.
    #[arg(skip)]
    pub is_database_typed: bool,

    /// Whether the format was named, so that a command may have a default of its own.
    #[arg(skip)]
    pub is_format_typed: bool,

    /// What is asked by this command.
    #[arg(skip)]
    pub question: Question,

    /// The file that a report is written to, for the commands that can.
    #[arg(skip)]
    pub file: Option<OutputFile>,
}

impl GlobalArguments {
    /// Returns how reports are to be shown on this process's standard output.
    pub fn output_options(&self) -> OutputOptions {
        OutputOptions {
            format: self.format,
            stable: self.stable,
            verbose: self.verbose,
            quiet: self.quiet,
            width: terminal_width().filter(|_| self.file.is_none()),
            color: color_is_wanted() && self.file.is_none(),
            database: self.shown_database(),
            question: self.question.clone(),
            file: self.file.clone(),
        }
    }

    /// Returns which database the commands that are shown have to name.
    pub fn shown_database(&self) -> ShownDatabase {
        if !self.is_database_typed {
            return ShownDatabase::Implied;
        }
        match DatabaseAddress::parse(&self.database) {
            Ok(address) if !address.may_hold_password() => {
                ShownDatabase::Typed(quoted(&self.database))
            }
            // Of what cannot be read nothing is known.
            _ => ShownDatabase::Secret,
        }
    }
}

impl fmt::Debug for GlobalArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the database, whose address may hold a password.
        formatter
            .debug_struct("GlobalArguments")
            .field("format", &self.format)
            .field("stable", &self.stable)
            .field("quiet", &self.quiet)
            .field("verbose", &self.verbose)
            .finish_non_exhaustive()
    }
}

/// Reads a duration: a number of seconds, or a number with `ms`, `s`, `m`, `h` or `d`; fractions are allowed.
pub fn parse_duration(text: &str) -> Result<Duration, ValueError> {
    let (number, unit) = Decimal::split(text, ValueError::NotADuration)?;
    let unit_nanoseconds = match unit {
        "ms" => 1_000_000,
        "" | "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return Err(ValueError::NotADuration(text.to_owned())),
    };
    let nanoseconds = number.times(unit_nanoseconds, ValueError::FinerThanNanoseconds)?;
    let seconds = u64::try_from(nanoseconds / 1_000_000_000)
        .map_err(|_| ValueError::OutOfRange(text.to_owned()))?;
    Ok(Duration::new(seconds, (nanoseconds % 1_000_000_000) as u32))
}

/// Reads a size in bytes: a number, or a number with a unit of 1000 (`KB`, `MB` ...) or of 1024 (`KiB`, `MiB` ...).
///
/// A bare `K` or `M` is refused: half the world reads it as 1000 and half as 1024.
pub fn parse_size(text: &str) -> Result<u64, ValueError> {
    let (number, unit) = Decimal::split(text, ValueError::NotASize)?;
    let unit_bytes = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "kib" => 1 << 10,
        "mb" => 1_000_000,
        "mib" => 1 << 20,
        "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        "tb" => 1_000_000_000_000,
        "tib" => 1 << 40,
        _ => return Err(ValueError::NotASize(text.to_owned())),
    };
    let bytes = number.times(unit_bytes, ValueError::NoWholeBytes)?;
    // Sizes are stored in signed 64-bit columns.
    i64::try_from(bytes)
        .map(i64::unsigned_abs)
        .map_err(|_| ValueError::OutOfRange(text.to_owned()))
}

/// A number as it was written, `digits / 10^places`, so that 0.1 is a tenth and nothing is rounded.
struct Decimal<'a> {
    /// The whole argument, for messages.
    text: &'a str,
    digits: u128,
    places: u32,
}

impl<'a> Decimal<'a> {
    /// Splits `text` into the number it begins with and the unit after it.
    fn split(
        text: &'a str,
        no_number: fn(String) -> ValueError,
    ) -> Result<(Self, &'a str), ValueError> {
        if text.starts_with('-') {
            return Err(ValueError::Negative(text.to_owned()));
        }
        let end = text
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
            return Err(no_number(text.to_owned()));
        }
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| ValueError::OutOfRange(text.to_owned()))?;
        let places = fraction.len() as u32;
        let number = Self {
            text,
            digits,
            places,
        };
        Ok((number, unit))
    }

    /// Multiplies by `unit`; the product must be whole.
    fn times(self, unit: u128, not_whole: fn(String) -> ValueError) -> Result<u128, ValueError> {
        let product = self.digits.checked_mul(unit);
        let divisor = 10_u128.checked_pow(self.places);
        match product.zip(divisor) {
            None => Err(ValueError::OutOfRange(self.text.to_owned())),
            Some((product, divisor)) if product % divisor == 0 => Ok(product / divisor),
            Some(_) => Err(not_whole(self.text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser};

    use super::*;

    /// A program of its own
    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        global: GlobalArguments,
        #[command(subcommand)]
        command: Command,
    }

    #[derive(Debug, clap::Subcommand)]
    enum Command {
        Show,
    }

    fn parsed(arguments: &[&str]) -> GlobalArguments {
        let arguments = ["toolkit"].iter().chain(arguments);
        Program::try_parse_from(arguments).unwrap().global
    }

    #[test]
    fn global_arguments_stand_before_and_after_the_command() {
        let before = parsed(&[
            "--database",
            "x.db",
            "--format=md",
            "-q",
            "--stable",
            "show",
        ]);
        let after = parsed(&[
            "show",
            "--stable",
            "-q",
            "--format=md",
            "--database",
            "x.db",
        ]);
        assert_eq!(before, after);
        assert_eq!(before.database, "x.db");
        assert_eq!(before.format, Format::Markdown);
        assert!(before.quiet && before.stable && !before.verbose);
        assert_eq!(parsed(&["show"]).format, Format::Table);
    }

    #[test]
    fn the_definition_is_sound_and_hides_the_address() {
        Program::command().debug_assert();
        let help = Program::command().render_long_help().to_string();
        assert!(help.starts_with("A program of its own"), "{help}");
        assert!(help.contains("[env: TOOLKIT_DATABASE]"), "{help}");
        let global = parsed(&["--database=postgres://me:secret@host/db", "show"]);
        assert!(!format!("{global:?}").contains("secret"));
    }

    #[test]
    fn durations() {
        for (text, milliseconds) in [
            ("0", 0),
            ("2", 2_000),
            ("0.5", 500),
            ("500ms", 500),
            ("2s", 2_000),
            ("1m", 60_000),
            ("1.5m", 90_000),
            ("0.1s", 100),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            ("1.0000000000000s", 1_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        assert_eq!(parse_duration("0.000001ms"), Ok(Duration::from_nanos(1)));
        assert_eq!(
            parse_duration("18446744073709551615"),
            Ok(Duration::from_secs(u64::MAX))
        );
    }

    #[test]
    fn refused_durations() {
        let not = ValueError::NotADuration;
        let huge = "9".repeat(60);
        let tiny = format!("0.{}1", "0".repeat(60));
        for (text, error) in [
            ("", not as fn(String) -> ValueError),
            ("s", not),
            ("1.", not),
            (".5", not),
            ("1.2.3", not),
            ("+1", not),
            ("1 s", not),
            ("1e3", not),
            ("inf", not),
            ("NaN", not),
            ("1S", not),
            ("1µs", not),
            ("-1", ValueError::Negative),
            ("-0", ValueError::Negative),
            ("18446744073709551616", ValueError::OutOfRange),
            ("307445734561825861m", ValueError::OutOfRange),
            (&huge, ValueError::OutOfRange),
            ("0.0000000001", ValueError::FinerThanNanoseconds),
            (&tiny, ValueError::OutOfRange),
        ] {
            assert_eq!(parse_duration(text), Err(error(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn moments() {
        for (text, instant) in [
            ("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00.000000Z")),
            (
                "2026-01-31T12:00:00+02:00",
                Some("2026-01-31T10:00:00.000000Z"),
            ),
            ("2026-01-31", Some("2026-01-31T23:59:59.999999Z")),
            ("2026-02-31", None),
            ("2026-01-31T12:00:00", None),
            ("yesterday", None),
            ("", None),
        ] {
            let read = parse_moment(text).ok().map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), instant, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("1024", 1024),
            ("5B", 5),
            ("200KB", 200_000),
            ("200kb", 200_000),
            ("16MiB", 16 << 20),
            ("1.5KiB", 1536),
            ("0.1GB", 100_000_000),
            ("2TiB", 2 << 40),
            ("9223372036854775807", i64::MAX as u64),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn refused_sizes() {
        for (text, error) in [
            ("", ValueError::NotASize as fn(String) -> ValueError),
            ("MiB", ValueError::NotASize),
            ("1K", ValueError::NotASize),
            ("1 MB", ValueError::NotASize),
            ("-1KB", ValueError::Negative),
            ("0.5", ValueError::NoWholeBytes),
            ("1.0001KB", ValueError::NoWholeBytes),
            ("9223372036854775808", ValueError::OutOfRange),
            ("99999999999TiB", ValueError::OutOfRange),
        ] {
            assert_eq!(parse_size(text), Err(error(text.to_owned())), "{text}");
        }
    }
}
