//! The words that phrases of time are made of, and what each can mean.
//!
//! A word has one entry, and the grammar asks it what it can be: `second` is an ordinal and a unit, `may` a
//! month and no month. What surrounds a word decides, in the grammar; here nothing is decided.

use std::sync::LazyLock;

use super::value::{PartOfDay, Season, Unit};

/// How far a word alone is to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Hardly ever anything else.
    Plain,
    /// A common word of another meaning, too.
    Doubtful,
    /// Of another language than English: a month beside numbers only.
    Foreign,
}

/// Which way from this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    This,
    Next,
    Last,
    Following,
}

/// What a known word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    A,
    Ad,
    After,
    Ago,
    All,
    Am,
    And,
    Annual,
    Another,
    Around,
    As,
    Asap,
    At,
    Bc,
    Before,
    Beginning,
    Between,
    By,
    Calendar,
    Cardinal(u16),
    Century,
    Clock,
    Commencing,
    Couple,
    Date,
    Day,
    Decades(u8),
    Direction(Direction),
    Each,
    Early,
    Earlier,
    End,
    Eod,
    Eom,
    Eoy,
    Ending,
    Every,
    Everyday,
    Few,
    Fiscal,
    For,
    Frequency(Unit, u8),
    From,
    Full,
    Half,
    Holiday,
    In,
    Ish,
    Late,
    Later,
    Least,
    Less,
    Mid,
    Middle,
    Midnight,
    Month(u8, Trust),
    Moment,
    More,
    My,
    No,
    Noon,
    Not,
    Now,
    O,
    Oclock,
    Of,
    Old,
    On,
    Once,
    Or,
    Ordinal(u8),
    Other,
    OrdinalEnd,
    P,
    PartOfDay(PartOfDay, bool),
    Past,
    Per,
    Pm,
    Present,
    Quarter,
    QuarterNumber(u8),
    Rest,
    Right,
    Same,
    School,
    Season(Season, Trust),
    Second,
    Since,
    Soon,
    Starting,
    Than,
    That,
    The,
    Through,
    Time,
    Times,
    To,
    Today,
    Tomorrow,
    Tonight,
    Twice,
    Unit(Unit, bool),
    Until,
    Weekday(u8, Trust),
    Weekdays(u8),
    Within,
    Yesterday,
    Zone(i16),
    /// The signs for year, month and day.
    Sign(Unit),
}

use Direction::{Following, Last, Next, This};
use Trust::{Doubtful, Foreign, Plain};
use Word as W;

#[rustfmt::skip]
const WORDS: &[(&str, Word)] = &[
    ("a", W::A), ("an", W::A), ("the", W::The), ("my", W::My),
    ("on", W::On), ("at", W::At), ("in", W::In), ("of", W::Of), ("for", W::For), ("from", W::From),
    ("to", W::To), ("till", W::Until), ("til", W::Until), ("until", W::Until), ("through", W::Through),
    ("thru", W::Through), ("between", W::Between), ("and", W::And), ("or", W::Or), ("by", W::By),
    ("before", W::Before), ("after", W::After), ("since", W::Since), ("within", W::Within), ("prior", W::Earlier),
    ("than", W::Than), ("more", W::More), ("less", W::Less), ("least", W::Least), ("no", W::No), ("not", W::Not),
    ("over", W::More), ("under", W::Less), ("fewer", W::Less), ("greater", W::More),
    ("this", W::Direction(This)), ("current", W::Direction(This)), ("next", W::Direction(Next)),
    ("coming", W::Direction(Next)), ("upcoming", W::Direction(Next)), ("last", W::Direction(Last)),
    ("previous", W::Direction(Last)), ("prev", W::Direction(Last)), ("past", W::Past),
    ("following", W::Direction(Following)), ("same", W::Same), ("that", W::That),
    ("today", W::Today), ("tomorrow", W::Tomorrow), ("tmrw", W::Tomorrow), ("tmr", W::Tomorrow),
    ("yesterday", W::Yesterday), ("tonight", W::Tonight), ("now", W::Now), ("right", W::Right), ("asap", W::Asap),
    ("as", W::As), ("soon", W::Soon), ("eod", W::Eod), ("eom", W::Eom), ("eoy", W::Eoy), ("moment", W::Moment), ("present", W::Present), ("time", W::Time),
    ("ago", W::Ago), ("later", W::Later), ("hence", W::Later), ("earlier", W::Earlier), ("back", W::Other),
    ("early", W::Early), ("late", W::Late), ("mid", W::Mid), ("middle", W::Middle), ("beginning", W::Beginning),
    ("start", W::Beginning), ("end", W::End), ("rest", W::Rest), ("remainder", W::Rest), ("around", W::Around),
    ("circa", W::Around), ("ending", W::Ending), ("starting", W::Starting), ("commencing", W::Commencing),
    ("few", W::Few), ("several", W::Few), ("couple", W::Couple), ("another", W::Another), ("other", W::Other),
    ("all", W::All), ("whole", W::Full), ("full", W::Full), ("entire", W::Full),
    ("every", W::Every), ("each", W::Each), ("everyday", W::Everyday), ("per", W::Per),
    ("once", W::Once), ("twice", W::Twice), ("times", W::Times), ("date", W::Date),
    ("hourly", W::Frequency(Unit::Hour, 1)), ("daily", W::Frequency(Unit::Day, 1)), ("nightly", W::Frequency(Unit::Night, 1)),
    ("weekly", W::Frequency(Unit::Week, 1)), ("biweekly", W::Frequency(Unit::Week, 2)),
    ("fortnightly", W::Frequency(Unit::Week, 2)), ("monthly", W::Frequency(Unit::Month, 1)),
    ("bimonthly", W::Frequency(Unit::Month, 2)), ("quarterly", W::Frequency(Unit::Quarter, 1)),
    ("yearly", W::Frequency(Unit::Year, 1)), ("annually", W::Frequency(Unit::Year, 1)),
    ("biannually", W::Frequency(Unit::Year, 2)), ("annual", W::Annual), ("bi", W::Twice), ("semi", W::Half),
    ("second", W::Second), ("seconds", W::Unit(Unit::Second, true)), ("sec", W::Unit(Unit::Second, false)),
    ("secs", W::Unit(Unit::Second, true)), ("minute", W::Unit(Unit::Minute, false)), ("minutes", W::Unit(Unit::Minute, true)),
    ("min", W::Unit(Unit::Minute, false)), ("mins", W::Unit(Unit::Minute, true)), ("hour", W::Unit(Unit::Hour, false)),
    ("hours", W::Unit(Unit::Hour, true)), ("hr", W::Unit(Unit::Hour, false)), ("hrs", W::Unit(Unit::Hour, true)),
    ("h", W::Unit(Unit::Hour, true)), ("day", W::Day), ("days", W::Unit(Unit::Day, true)),
    ("nights", W::Unit(Unit::Night, true)), ("week", W::Unit(Unit::Week, false)), ("weeks", W::Unit(Unit::Week, true)),
    ("wk", W::Unit(Unit::Week, false)), ("wks", W::Unit(Unit::Week, true)), ("workweek", W::Unit(Unit::WorkWeek, false)),
    ("weekend", W::Unit(Unit::Weekend, false)), ("weekends", W::Unit(Unit::Weekend, true)),
    ("weekday", W::Unit(Unit::Weekday, false)), ("weekdays", W::Unit(Unit::Weekday, true)),
    ("fortnight", W::Unit(Unit::Fortnight, false)), ("fortnights", W::Unit(Unit::Fortnight, true)),
    ("month", W::Unit(Unit::Month, false)), ("months", W::Unit(Unit::Month, true)), ("quarters", W::Unit(Unit::Quarter, true)),
    ("year", W::Unit(Unit::Year, false)), ("years", W::Unit(Unit::Year, true)), ("yr", W::Unit(Unit::Year, false)),
    ("yrs", W::Unit(Unit::Year, true)), ("ys", W::Unit(Unit::Year, true)), ("decade", W::Unit(Unit::Decade, false)),
    ("decades", W::Unit(Unit::Decade, true)), ("century", W::Century), ("centuries", W::Unit(Unit::Century, true)),
    ("millennium", W::Unit(Unit::Millennium, false)), ("millennia", W::Unit(Unit::Millennium, true)),
    ("business", W::Unit(Unit::BusinessDay, false)), ("working", W::Unit(Unit::BusinessDay, false)),
    ("old", W::Old), ("half", W::Half), ("quarter", W::Quarter), ("noon", W::Noon), ("midday", W::Noon),
    ("noonish", W::Noon), ("midnight", W::Midnight), ("oclock", W::Oclock), ("o", W::O), ("clock", W::Clock), ("ish", W::Ish),
    ("am", W::Am), ("pm", W::Pm), ("p", W::P),
    ("morning", W::PartOfDay(PartOfDay::Morning, false)), ("mornings", W::PartOfDay(PartOfDay::Morning, true)),
    ("midmorning", W::PartOfDay(PartOfDay::Midmorning, false)), ("midafternoon", W::PartOfDay(PartOfDay::Midafternoon, false)),
    ("lunchtime", W::PartOfDay(PartOfDay::Lunch, false)), ("lunch", W::PartOfDay(PartOfDay::Lunch, false)),
    ("afternoon", W::PartOfDay(PartOfDay::Afternoon, false)), ("afternoons", W::PartOfDay(PartOfDay::Afternoon, true)),
    ("evening", W::PartOfDay(PartOfDay::Evening, false)), ("evenings", W::PartOfDay(PartOfDay::Evening, true)),
    ("night", W::PartOfDay(PartOfDay::Night, false)), ("daytime", W::PartOfDay(PartOfDay::Daytime, false)),
    ("nighttime", W::PartOfDay(PartOfDay::Night, false)), ("breakfast", W::PartOfDay(PartOfDay::Breakfast, false)),
    ("dinner", W::PartOfDay(PartOfDay::Dinner, false)), ("dinnertime", W::PartOfDay(PartOfDay::Dinner, false)),
    ("fiscal", W::Fiscal), ("fy", W::Fiscal), ("school", W::School), ("academic", W::School), ("calendar", W::Calendar), ("cy", W::Calendar),
    ("q", W::QuarterNumber(0)), ("bc", W::Bc), ("bce", W::Bc), ("ad", W::Ad), ("ce", W::Ad),
    ("spring", W::Season(Season::Spring, Doubtful)), ("summer", W::Season(Season::Summer, Plain)),
    ("autumn", W::Season(Season::Autumn, Plain)), ("fall", W::Season(Season::Autumn, Doubtful)),
    ("winter", W::Season(Season::Winter, Plain)),
    ("monday", W::Weekday(1, Plain)), ("mon", W::Weekday(1, Doubtful)), ("mondays", W::Weekdays(1)),
    ("tuesday", W::Weekday(2, Plain)), ("tue", W::Weekday(2, Doubtful)), ("tues", W::Weekday(2, Doubtful)), ("tuesdays", W::Weekdays(2)),
    ("wednesday", W::Weekday(3, Plain)), ("wed", W::Weekday(3, Doubtful)), ("wednesdays", W::Weekdays(3)),
    ("thursday", W::Weekday(4, Plain)), ("thu", W::Weekday(4, Doubtful)), ("thur", W::Weekday(4, Doubtful)), ("thurs", W::Weekday(4, Doubtful)), ("thursdays", W::Weekdays(4)),
    ("friday", W::Weekday(5, Plain)), ("fri", W::Weekday(5, Doubtful)), ("fridays", W::Weekdays(5)),
    ("saturday", W::Weekday(6, Plain)), ("sat", W::Weekday(6, Doubtful)), ("saturdays", W::Weekdays(6)),
    ("sunday", W::Weekday(7, Plain)), ("sun", W::Weekday(7, Doubtful)), ("sundays", W::Weekdays(7)),
    ("january", W::Month(1, Plain)), ("jan", W::Month(1, Doubtful)), ("february", W::Month(2, Plain)), ("feb", W::Month(2, Plain)),
    ("march", W::Month(3, Doubtful)), ("mar", W::Month(3, Doubtful)), ("april", W::Month(4, Plain)), ("apr", W::Month(4, Plain)),
    ("may", W::Month(5, Doubtful)), ("june", W::Month(6, Plain)), ("jun", W::Month(6, Doubtful)), ("july", W::Month(7, Plain)),
    ("jul", W::Month(7, Plain)), ("august", W::Month(8, Plain)), ("aug", W::Month(8, Plain)), ("september", W::Month(9, Plain)),
    ("sept", W::Month(9, Plain)), ("sep", W::Month(9, Plain)), ("october", W::Month(10, Plain)), ("oct", W::Month(10, Plain)),
    ("november", W::Month(11, Plain)), ("nov", W::Month(11, Plain)), ("december", W::Month(12, Plain)), ("dec", W::Month(12, Plain)),
    // German, Dutch, French, Italian, Spanish, Portuguese, Polish, Russian.
    ("januar", W::Month(1, Foreign)), ("jänner", W::Month(1, Foreign)), ("januari", W::Month(1, Foreign)), ("janvier", W::Month(1, Foreign)),
    ("gennaio", W::Month(1, Foreign)), ("enero", W::Month(1, Foreign)), ("janeiro", W::Month(1, Foreign)), ("stycznia", W::Month(1, Foreign)), ("января", W::Month(1, Foreign)),
    ("februar", W::Month(2, Foreign)), ("februari", W::Month(2, Foreign)), ("février", W::Month(2, Foreign)), ("febbraio", W::Month(2, Foreign)),
    ("febrero", W::Month(2, Foreign)), ("fevereiro", W::Month(2, Foreign)), ("lutego", W::Month(2, Foreign)), ("февраля", W::Month(2, Foreign)),
    ("märz", W::Month(3, Foreign)), ("mär", W::Month(3, Foreign)), ("maart", W::Month(3, Foreign)), ("mars", W::Month(3, Foreign)), ("marzo", W::Month(3, Foreign)),
    ("março", W::Month(3, Foreign)), ("marca", W::Month(3, Foreign)), ("марта", W::Month(3, Foreign)),
    ("avril", W::Month(4, Foreign)), ("aprile", W::Month(4, Foreign)), ("abril", W::Month(4, Foreign)), ("kwietnia", W::Month(4, Foreign)), ("апреля", W::Month(4, Foreign)),
    ("mai", W::Month(5, Foreign)), ("mei", W::Month(5, Foreign)), ("maggio", W::Month(5, Foreign)), ("mayo", W::Month(5, Foreign)), ("maio", W::Month(5, Foreign)), ("maja", W::Month(5, Foreign)), ("мая", W::Month(5, Foreign)),
    ("juni", W::Month(6, Foreign)), ("juin", W::Month(6, Foreign)), ("giugno", W::Month(6, Foreign)), ("junio", W::Month(6, Foreign)), ("junho", W::Month(6, Foreign)), ("czerwca", W::Month(6, Foreign)), ("июня", W::Month(6, Foreign)),
    ("juli", W::Month(7, Foreign)), ("juillet", W::Month(7, Foreign)), ("luglio", W::Month(7, Foreign)), ("julio", W::Month(7, Foreign)), ("julho", W::Month(7, Foreign)), ("lipca", W::Month(7, Foreign)), ("июля", W::Month(7, Foreign)),
    ("augustus", W::Month(8, Foreign)), ("août", W::Month(8, Foreign)), ("aout", W::Month(8, Foreign)), ("agosto", W::Month(8, Foreign)), ("sierpnia", W::Month(8, Foreign)), ("августа", W::Month(8, Foreign)),
    ("septembre", W::Month(9, Foreign)), ("settembre", W::Month(9, Foreign)), ("septiembre", W::Month(9, Foreign)), ("setembro", W::Month(9, Foreign)), ("września", W::Month(9, Foreign)), ("сентября", W::Month(9, Foreign)),
    ("oktober", W::Month(10, Foreign)), ("okt", W::Month(10, Foreign)), ("octobre", W::Month(10, Foreign)), ("ottobre", W::Month(10, Foreign)), ("octubre", W::Month(10, Foreign)), ("outubro", W::Month(10, Foreign)), ("października", W::Month(10, Foreign)), ("октября", W::Month(10, Foreign)),
    ("novembre", W::Month(11, Foreign)), ("noviembre", W::Month(11, Foreign)), ("novembro", W::Month(11, Foreign)), ("listopada", W::Month(11, Foreign)), ("ноября", W::Month(11, Foreign)),
    ("dezember", W::Month(12, Foreign)), ("dez", W::Month(12, Foreign)), ("décembre", W::Month(12, Foreign)), ("decembre", W::Month(12, Foreign)), ("dicembre", W::Month(12, Foreign)), ("diciembre", W::Month(12, Foreign)), ("dezembro", W::Month(12, Foreign)), ("grudnia", W::Month(12, Foreign)), ("декабря", W::Month(12, Foreign)),
    ("年", W::Sign(Unit::Year)), ("月", W::Sign(Unit::Month)), ("日", W::Sign(Unit::Day)), ("号", W::Sign(Unit::Day)),
    ("de", W::Sign(Unit::Second)), ("del", W::Sign(Unit::Second)),
    ("zero", W::Cardinal(0)), ("one", W::Cardinal(1)), ("two", W::Cardinal(2)), ("three", W::Cardinal(3)), ("four", W::Cardinal(4)),
    ("five", W::Cardinal(5)), ("six", W::Cardinal(6)), ("seven", W::Cardinal(7)), ("eight", W::Cardinal(8)), ("nine", W::Cardinal(9)),
    ("ten", W::Cardinal(10)), ("eleven", W::Cardinal(11)), ("twelve", W::Cardinal(12)), ("thirteen", W::Cardinal(13)),
    ("fourteen", W::Cardinal(14)), ("fifteen", W::Cardinal(15)), ("sixteen", W::Cardinal(16)), ("seventeen", W::Cardinal(17)),
    ("eighteen", W::Cardinal(18)), ("nineteen", W::Cardinal(19)), ("twenty", W::Cardinal(20)), ("thirty", W::Cardinal(30)),
    ("forty", W::Cardinal(40)), ("fifty", W::Cardinal(50)), ("sixty", W::Cardinal(60)), ("seventy", W::Cardinal(70)),
    ("eighty", W::Cardinal(80)), ("ninety", W::Cardinal(90)), ("hundred", W::Cardinal(100)), ("thousand", W::Cardinal(1000)),
    ("first", W::Ordinal(1)), ("third", W::Ordinal(3)), ("fourth", W::Ordinal(4)), ("fifth", W::Ordinal(5)), ("sixth", W::Ordinal(6)),
    ("seventh", W::Ordinal(7)), ("eighth", W::Ordinal(8)), ("ninth", W::Ordinal(9)), ("tenth", W::Ordinal(10)), ("eleventh", W::Ordinal(11)),
    ("twelfth", W::Ordinal(12)), ("thirteenth", W::Ordinal(13)), ("fourteenth", W::Ordinal(14)), ("fifteenth", W::Ordinal(15)),
    ("sixteenth", W::Ordinal(16)), ("seventeenth", W::Ordinal(17)), ("eighteenth", W::Ordinal(18)), ("nineteenth", W::Ordinal(19)),
    ("twentieth", W::Ordinal(20)), ("thirtieth", W::Ordinal(30)),
    ("st", W::OrdinalEnd), ("nd", W::OrdinalEnd), ("rd", W::OrdinalEnd), ("th", W::OrdinalEnd), ("er", W::OrdinalEnd),
    ("twenties", W::Decades(20)), ("thirties", W::Decades(30)), ("forties", W::Decades(40)), ("fifties", W::Decades(50)),
    ("sixties", W::Decades(60)), ("seventies", W::Decades(70)), ("eighties", W::Decades(80)), ("nineties", W::Decades(90)),
    ("utc", W::Zone(0)), ("gmt", W::Zone(0)), ("est", W::Zone(-300)), ("edt", W::Zone(-240)), ("pst", W::Zone(-480)), ("pdt", W::Zone(-420)),
    ("mdt", W::Zone(-360)), ("cdt", W::Zone(-300)), ("cet", W::Zone(60)), ("cest", W::Zone(120)), ("eet", W::Zone(120)), ("eest", W::Zone(180)),
    ("jst", W::Zone(540)), ("aest", W::Zone(600)), ("aedt", W::Zone(660)),
    ("easter", W::Holiday), ("christmas", W::Holiday), ("xmas", W::Holiday), ("new", W::Holiday), ("thanksgiving", W::Holiday),
    ("halloween", W::Holiday), ("good", W::Holiday), ("ash", W::Holiday), ("palm", W::Holiday), ("black", W::Holiday), ("cyber", W::Holiday),
    ("labor", W::Holiday), ("labour", W::Holiday), ("memorial", W::Holiday), ("veterans", W::Holiday), ("independence", W::Holiday),
    ("columbus", W::Holiday), ("presidents", W::Holiday), ("martin", W::Holiday), ("mlk", W::Holiday), ("valentine", W::Holiday),
    ("valentines", W::Holiday), ("saint", W::Holiday), ("mother", W::Holiday), ("mothers", W::Holiday), ("father", W::Holiday),
    ("fathers", W::Holiday), ("earth", W::Holiday), ("groundhog", W::Holiday), ("juneteenth", W::Holiday), ("boxing", W::Holiday),
    ("pentecost", W::Holiday), ("whit", W::Holiday), ("ascension", W::Holiday), ("epiphany", W::Holiday), ("guy", W::Holiday),
    ("armistice", W::Holiday), ("remembrance", W::Holiday), ("eid", W::Holiday), ("ramadan", W::Holiday),
    ("diwali", W::Holiday), ("hanukkah", W::Holiday), ("yom", W::Holiday), ("rosh", W::Holiday), ("canada", W::Holiday),
    ("australia", W::Holiday), ("anzac", W::Holiday), ("bastille", W::Holiday), ("cinco", W::Holiday), ("maundy", W::Holiday), ("mardi", W::Holiday),
    ("shrove", W::Holiday), ("passover", W::Holiday), ("kwanzaa", W::Holiday), ("corpus", W::Holiday), ("inauguration", W::Holiday),
    ("tax", W::Holiday), ("children", W::Holiday), ("teachers", W::Holiday), ("teacher", W::Holiday), ("singles", W::Holiday), ("workers", W::Holiday),
    ("mayday", W::Holiday), ("dragon", W::Holiday), ("lantern", W::Holiday), ("trinity", W::Holiday), ("assumption", W::Holiday), ("arbor", W::Holiday), ("flag", W::Holiday), ("women", W::Holiday), ("chinese", W::Holiday), ("lunar", W::Holiday),
];

/// The longest word in bytes; what is longer is not looked up.
pub(super) const LONGEST_WORD: usize = 24;

const SLOTS: usize = 2048;

/// Words by their hash, each after those that had its slot before it.
static INDEX: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut slots = vec![0_u16; SLOTS];
    for (number, (word, _)) in WORDS.iter().enumerate() {
        let mut slot = slot_of(word.as_bytes());
        while slots[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = number as u16 + 1;
    }
    slots
});

/// The length and three letters tell most words apart; capital letters have the slots of small ones.
fn slot_of(word: &[u8]) -> usize {
    let letter = |at: usize| u32::from(word.get(at).copied().unwrap_or(0) | 0x20);
    let last = word.len().saturating_sub(1);
    let mixed = letter(0) | letter(1) << 8 | letter(last) << 16 | (word.len() as u32) << 24;
    (mixed.wrapping_mul(0x9E37_79B1) >> 16) as usize % SLOTS
}

/// Returns what a word means; letters beyond ASCII have to be small.
pub(super) fn look_up(word: &[u8]) -> Option<Word> {
    let mut slot = slot_of(word);
    loop {
        let (known, meaning) = WORDS.get(usize::from(INDEX[slot]).checked_sub(1)?)?;
        if known.as_bytes().eq_ignore_ascii_case(word) {
            return Some(*meaning);
        }
        slot = (slot + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_stands_once_and_is_found() {
        let mut seen = std::collections::HashSet::new();
        for (word, meaning) in WORDS {
            assert!(seen.insert(word), "{word}");
            assert!(word.len() <= LONGEST_WORD, "{word}");
            assert_eq!(look_up(word.as_bytes()), Some(*meaning), "{word}");
            let capital = word.to_ascii_uppercase();
            assert_eq!(look_up(capital.as_bytes()), Some(*meaning), "{capital}");
        }
        for word in ["", "x", "MÄRZ", "mondayish", "zebra"] {
            assert_eq!(look_up(word.as_bytes()), None, "{word}");
        }
    }
}
