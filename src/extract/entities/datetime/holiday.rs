//! Holidays by name, and on what day of a year each falls.
//!
//! Those of the moon's calendars are known by name only: their days are proclaimed, not counted.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::lexicon::Word;
use super::token::Phrase;
use super::value::{Season, Year};

enum Rule {
    Fixed(i8, i8),
    /// So many days after Easter Sunday of the western churches.
    Easter(i64),
    /// The n-th such day of a month, the last being -1, and so many days after it.
    Nth(i8, Weekday, i8, i64),
    Proclaimed,
}

use Rule::{Easter, Fixed, Nth, Proclaimed};
use Weekday::{Monday, Sunday, Thursday};

struct Holiday {
    /// As the normal form names it where the year is unknown.
    key: &'static str,
    rule: Rule,
    names: &'static [&'static str],
}

const fn holiday(key: &'static str, rule: Rule, names: &'static [&'static str]) -> Holiday {
    Holiday { key, rule, names }
}

#[rustfmt::skip]
const HOLIDAYS: &[Holiday] = &[
    holiday("new-year", Fixed(1, 1), &["new year day", "new years day", "new year"]),
    holiday("new-year-eve", Fixed(12, 31), &["new year eve", "new years eve"]),
    holiday("epiphany", Fixed(1, 6), &["epiphany"]),
    holiday("martin-luther-king-day", Nth(3, Monday, 1, 0), &["martin luther king day", "martin luther king jr day", "mlk day"]),
    holiday("groundhog-day", Fixed(2, 2), &["groundhog day"]),
    holiday("valentines-day", Fixed(2, 14), &["valentine day", "valentines day", "saint valentine day"]),
    holiday("presidents-day", Nth(3, Monday, 2, 0), &["presidents day"]),
    holiday("womens-day", Fixed(3, 8), &["women day"]),
    holiday("saint-patrick", Fixed(3, 17), &["saint patrick day", "saint patrick"]),
    holiday("shrove-tuesday", Easter(-47), &["shrove tuesday", "mardi gras"]),
    holiday("ash-wednesday", Easter(-46), &["ash wednesday"]),
    holiday("palm-sunday", Easter(-7), &["palm sunday"]),
    holiday("maundy-thursday", Easter(-3), &["maundy thursday"]),
    holiday("good-friday", Easter(-2), &["good friday"]),
    holiday("easter", Easter(0), &["easter sunday", "easter day", "easter"]),
    holiday("easter-monday", Easter(1), &["easter monday"]),
    holiday("ascension", Easter(39), &["ascension day"]),
    holiday("pentecost", Easter(49), &["pentecost", "whit sunday"]),
    holiday("whit-monday", Easter(50), &["whit monday"]),
    holiday("earth-day", Fixed(4, 22), &["earth day"]),
    holiday("anzac-day", Fixed(4, 25), &["anzac day"]),
    holiday("cinco-de-mayo", Fixed(5, 5), &["cinco de mayo"]),
    holiday("mothers-day", Nth(2, Sunday, 5, 0), &["mother day", "mothers day"]),
    holiday("memorial-day", Nth(-1, Monday, 5, 0), &["memorial day"]),
    holiday("flag-day", Fixed(6, 14), &["flag day"]),
    holiday("fathers-day", Nth(3, Sunday, 6, 0), &["father day", "fathers day"]),
    holiday("juneteenth", Fixed(6, 19), &["juneteenth"]),
    holiday("canada-day", Fixed(7, 1), &["canada day"]),
    holiday("independence-day", Fixed(7, 4), &["independence day"]),
    holiday("bastille-day", Fixed(7, 14), &["bastille day"]),
    holiday("labor-day", Nth(1, Monday, 9, 0), &["labor day", "labour day"]),
    holiday("columbus-day", Nth(2, Monday, 10, 0), &["columbus day"]),
    holiday("halloween", Fixed(10, 31), &["halloween"]),
    holiday("guy-fawkes", Fixed(11, 5), &["guy fawkes night", "guy fawkes day"]),
    holiday("veterans-day", Fixed(11, 11), &["veterans day", "armistice day", "remembrance day"]),
    holiday("thanksgiving", Nth(4, Thursday, 11, 0), &["thanksgiving day", "thanksgiving"]),
    holiday("black-friday", Nth(4, Thursday, 11, 1), &["black friday"]),
    holiday("cyber-monday", Nth(4, Thursday, 11, 4), &["cyber monday"]),
    holiday("christmas-eve", Fixed(12, 24), &["christmas eve", "xmas eve"]),
    holiday("christmas", Fixed(12, 25), &["christmas day", "christmas", "xmas day", "xmas"]),
    holiday("boxing-day", Fixed(12, 26), &["boxing day"]),
    holiday("australia-day", Fixed(1, 26), &["australia day"]),
    holiday("arbor-day", Nth(-1, Weekday::Friday, 4, 0), &["arbor day"]),
    holiday("chinese-new-year", Proclaimed, &["chinese new year", "lunar new year"]),
    holiday("eid-al-fitr", Proclaimed, &["eid al fitr"]),
    holiday("eid-al-adha", Proclaimed, &["eid al adha"]),
    holiday("ramadan", Proclaimed, &["ramadan"]),
    holiday("april-fools", Fixed(4, 1), &["april fools day", "april fool day", "april fools"]),
    holiday("may-day", Fixed(5, 1), &["may day", "mayday", "workers day"]),
    holiday("teachers-day", Proclaimed, &["teachers day", "teacher day"]),
    holiday("childrens-day", Proclaimed, &["children day"]),
    holiday("singles-day", Fixed(11, 11), &["singles day"]),
    holiday("all-saints", Fixed(11, 1), &["all saints day"]),
    holiday("all-souls", Fixed(11, 2), &["all souls day"]),
    holiday("assumption", Fixed(8, 15), &["assumption day"]),
    holiday("corpus-christi", Easter(60), &["corpus christi"]),
    holiday("trinity-sunday", Easter(56), &["trinity sunday"]),
    holiday("kwanzaa", Fixed(12, 26), &["kwanzaa"]),
    holiday("tax-day", Fixed(4, 15), &["tax day"]),
    holiday("inauguration-day", Fixed(1, 20), &["inauguration day"]),
    holiday("passover", Proclaimed, &["passover"]),
    holiday("dragon-boat", Proclaimed, &["dragon boat festival"]),
    holiday("lantern-festival", Proclaimed, &["lantern festival"]),
    holiday("spring-festival", Proclaimed, &["spring festival"]),
    holiday("diwali", Proclaimed, &["diwali"]),
    holiday("hanukkah", Proclaimed, &["hanukkah"]),
    holiday("yom-kippur", Proclaimed, &["yom kippur"]),
    holiday("rosh-hashanah", Proclaimed, &["rosh hashanah"]),
];

/// Reads a holiday with its year, if one is said.
pub(super) fn read(phrase: &Phrase<'_>, at: usize) -> Option<(u8, Year, usize)> {
    let (start, step) = match phrase.direction(at) {
        Some((step, end)) => (end, Some(step)),
        None => (at, None),
    };
    let begins = match phrase.word(start)? {
        Word::Holiday => true,
        // Words of other kinds that some names begin with.
        Word::Month(4 | 5, _) | Word::All | Word::Season(Season::Spring, _) => {
            phrase.is_capital(start)
        }
        _ => false,
    };
    if !begins {
        return None;
    }
    let initial = phrase.letters(start).bytes().next()?.to_ascii_lowercase();
    let (number, mut end) = HOLIDAYS
        .iter()
        .enumerate()
        .flat_map(|(number, holiday)| holiday.names.iter().map(move |name| (number, name)))
        .filter(|(_, name)| name.as_bytes().first() == Some(&initial))
        .filter_map(|(number, name)| Some((number, named(phrase, start, name)?)))
        .max_by_key(|(_, end)| *end)?;
    // Common words as names: they are written as names are.
    let is_name = phrase.is_capital(start) || end > start + 1 || !phrase.letters_are(start, "new");
    if !is_name {
        return None;
    }
    let mut year = step.map_or(Year::Unsaid, Year::Step);
    if step.is_none() {
        let joint = phrase.skip(phrase.skip_mark(end, ','), Word::Of);
        if let Some((known, behind)) = phrase.year(joint) {
            (year, end) = (Year::Known(known), behind);
        } else if let Some((relative, behind)) = phrase.relative_year(phrase.skip(joint, Word::In))
        {
            (year, end) = (relative, behind);
        }
    }
    Some((number as u8, year, end))
}

/// Returns the place behind a name, whose words may be possessive.
fn named(phrase: &Phrase<'_>, at: usize, name: &str) -> Option<usize> {
    name.split(' ').try_fold(at, |at, word| {
        let is_saint = word == "saint" && phrase.letters_are(at, "st");
        if !is_saint && !phrase.letters_are(at, word) {
            return None;
        }
        Some(phrase.skip_possessive(at + 1))
    })
}

pub(super) fn key(holiday: u8) -> &'static str {
    HOLIDAYS
        .get(usize::from(holiday))
        .map_or("", |holiday| holiday.key)
}

/// Returns the month and day where they are the same each year.
pub(super) fn fixed(holiday: u8) -> Option<(i8, i8)> {
    match HOLIDAYS.get(usize::from(holiday))?.rule {
        Fixed(month, day) => Some((month, day)),
        _ => None,
    }
}

/// Returns the day of a year.
pub(super) fn in_year(holiday: u8, year: i16) -> Option<Date> {
    match HOLIDAYS.get(usize::from(holiday))?.rule {
        Fixed(month, day) => Date::new(year, month, day).ok(),
        Easter(days) => easter(year)?.checked_add(days.days()).ok(),
        Nth(nth, weekday, month, days) => Date::new(year, month, 1)
            .ok()?
            .nth_weekday_of_month(nth, weekday)
            .ok()?
            .checked_add(days.days())
            .ok(),
        Proclaimed => None,
    }
}

/// Returns Easter Sunday by the Gregorian computus (Meeus, Jones and Butcher).
fn easter(year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, of_century) = (year_number / 100, year_number % 100);
    let correction = (century + 8) / 25;
    let epact = (19 * golden + century - century / 4 - (century - correction + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    Date::new(year, (days / 31) as i8, (days % 31 + 1) as i8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_as_the_churches_print_it() {
        for (year, month, day) in [
            (1818, 3, 22),
            (1961, 4, 2),
            (2000, 4, 23),
            (2024, 3, 31),
            (2025, 4, 20),
            (2038, 4, 25),
        ] {
            assert_eq!(easter(year), Date::new(year, month, day).ok(), "{year}");
        }
        assert_eq!(easter(1500), None);
        assert!((1583..=9999).all(|year| easter(year).is_some_and(|day| day.weekday() == Sunday)));
    }

    #[test]
    fn each_holiday_begins_with_a_word_that_is_known() {
        for holiday in HOLIDAYS {
            for name in holiday.names {
                let first = name.split(' ').next().unwrap();
                let known = super::super::lexicon::look_up(first.as_bytes());
                let begins = matches!(
                    known,
                    Some(Word::Holiday | Word::Month(4 | 5, _) | Word::All | Word::Season(..))
                );
                assert!(begins, "{name}");
            }
        }
        let day = |key| {
            let number = HOLIDAYS
                .iter()
                .position(|holiday| holiday.key == key)
                .unwrap();
            in_year(number as u8, 2024).map(|day| day.to_string())
        };
        assert_eq!(day("thanksgiving").as_deref(), Some("2024-11-28"));
        assert_eq!(day("cyber-monday").as_deref(), Some("2024-12-02"));
        assert_eq!(day("memorial-day").as_deref(), Some("2024-05-27"));
        assert_eq!(day("diwali"), None);
    }
}
