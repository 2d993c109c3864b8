//! Currencies by sign, ISO 4217 code and name.
//!
//! Owns the tables, and what a sign with letters before it means. Whether a number is an amount is `money`'s to say.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::phrase::Phrases;

/// Signs that stand for one currency; a bare dollar sign is taken for the United States'.
pub(super) const SIGNS: &[(&str, &str)] = &[
    ("$", "USD"),
    ("＄", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("￥", "JPY"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("₽", "RUB"),
    ("₺", "TRY"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₫", "VND"),
    ("₴", "UAH"),
    ("₦", "NGN"),
    ("₱", "PHP"),
    ("₾", "GEL"),
    ("₸", "KZT"),
    ("₼", "AZN"),
    ("₡", "CRC"),
    ("₲", "PYG"),
    ("₵", "GHS"),
    ("₭", "LAK"),
    ("₮", "MNT"),
    ("৳", "BDT"),
    ("៛", "KHR"),
    ("؋", "AFN"),
    ("﷼", "IRR"),
    ("₿", "BTC"),
];

/// Letters before a dollar sign, and before a yen sign.
const PREFIXES: &[(&str, &str, &str)] = &[
    ("us", "$", "USD"),
    ("u.s.", "$", "USD"),
    ("u.s", "$", "USD"),
    ("usd", "$", "USD"),
    ("c", "$", "CAD"),
    ("ca", "$", "CAD"),
    ("can", "$", "CAD"),
    ("cad", "$", "CAD"),
    ("a", "$", "AUD"),
    ("au", "$", "AUD"),
    ("aud", "$", "AUD"),
    ("nz", "$", "NZD"),
    ("nzd", "$", "NZD"),
    ("hk", "$", "HKD"),
    ("hkd", "$", "HKD"),
    ("nt", "$", "TWD"),
    ("s", "$", "SGD"),
    ("sg", "$", "SGD"),
    ("sgd", "$", "SGD"),
    ("r", "$", "BRL"),
    ("mx", "$", "MXN"),
    ("mex", "$", "MXN"),
    ("ar", "$", "ARS"),
    ("cl", "$", "CLP"),
    ("tt", "$", "TTD"),
    ("j", "$", "JMD"),
    ("ja", "$", "JMD"),
    ("ec", "$", "XCD"),
    ("bz", "$", "BZD"),
    ("fj", "$", "FJD"),
    ("cn", "¥", "CNY"),
    ("rmb", "¥", "CNY"),
    ("jp", "¥", "JPY"),
];

/// Codes of ISO 4217, and some that are used as if they were.
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF \
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT \
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR \
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST \
    XAF XCD XOF XPF YER ZAR ZMW BTC ETH USDT USDC";

/// Codes that are words, or names of something else, more often than money.
const WORDS: &[&str] = &[
    "ALL", "TOP", "CUP", "PEN", "SOS", "BAM", "MOP", "LAK", "CVE", "ANG", "NAD", "KIN",
];

/// Codes that are words in front of a number: "TRY 5 times".
const WORDS_BEFORE: &[&str] = &[
    "TRY", "GEL", "MAD", "BOB", "RON", "COP", "MUR", "SCR", "SAR", "ETH",
];

/// Codes that nothing else is written like, in capitals or not.
const UNMISTAKABLE: &[&str] = &[
    "USD", "EUR", "GBP", "JPY", "CNY", "INR", "CHF", "AUD", "CAD", "NZD", "HKD", "SGD", "SEK",
    "NOK", "DKK", "PLN", "BRL", "MXN", "ZAR", "KRW", "BTC", "RUB", "TWD", "THB", "CZK", "HUF",
    "ILS", "AED",
];

/// Names, with the power of ten that a part of a currency is of it.
const NAMES: &[(&str, i32, &str)] = &[
    (
        "USD",
        0,
        "dollar|us dollar|u.s. dollar|u.s dollar|united states dollar|american dollar|buck",
    ),
    ("AUD", 0, "australian dollar|aussie dollar"),
    ("CAD", 0, "canadian dollar"),
    ("NZD", 0, "new zealand dollar|kiwi dollar"),
    ("HKD", 0, "hong kong dollar"),
    ("SGD", 0, "singapore dollar|singaporean dollar"),
    ("TWD", 0, "taiwan dollar|taiwanese dollar|new taiwan dollar"),
    ("JMD", 0, "jamaican dollar"),
    ("NAD", 0, "namibian dollar"),
    ("FJD", 0, "fijian dollar|fiji dollar"),
    ("BSD", 0, "bahamian dollar"),
    ("BBD", 0, "barbadian dollar|barbados dollar"),
    ("USD", -2, "cent|us cent|u.s. cent|american cent"),
    ("EUR", -2, "euro cent|eurocent"),
    ("EUR", 0, "euro"),
    (
        "GBP",
        0,
        "pound sterling|pounds sterling|british pound|sterling pound|uk pound|quid",
    ),
    ("GBP", -2, "pence|penny|pennies"),
    ("EGP", 0, "egyptian pound"),
    ("LBP", 0, "lebanese pound"),
    ("SYP", 0, "syrian pound"),
    ("IEP", 0, "irish pound"),
    ("JPY", 0, "yen|japanese yen"),
    (
        "CNY",
        0,
        "yuan|chinese yuan|renminbi|chinese renminbi|yuan renminbi",
    ),
    ("INR", 0, "rupee|indian rupee"),
    ("INR", -2, "paise|paisa"),
    ("PKR", 0, "pakistani rupee|pakistan rupee"),
    ("LKR", 0, "sri lankan rupee|sri lanka rupee"),
    ("NPR", 0, "nepalese rupee|nepali rupee"),
    ("MUR", 0, "mauritian rupee"),
    ("CHF", 0, "swiss franc|franken"),
    ("FRF", 0, "french franc|franc"),
    ("BEF", 0, "belgian franc"),
    ("XAF", 0, "cfa franc|central african franc"),
    (
        "DEM",
        0,
        "deutsche mark|deutschmark|deutschemark|german mark|d mark",
    ),
    ("ITL", 0, "italian lira|lire"),
    ("TRY", 0, "turkish lira|lira"),
    ("ESP", 0, "peseta|spanish peseta"),
    ("NLG", 0, "guilder|dutch guilder"),
    ("ATS", 0, "austrian schilling|schilling"),
    (
        "SEK",
        0,
        "swedish krona|swedish kronor|kronor|swedish crown",
    ),
    ("NOK", 0, "norwegian krone|norwegian kroner|norwegian crown"),
    (
        "DKK",
        0,
        "danish krone|danish kroner|danish crown|kroner|krone",
    ),
    ("ISK", 0, "icelandic krona|icelandic króna|krónur"),
    ("CZK", 0, "czech koruna|koruna|czech crown"),
    (
        "PLN",
        0,
        "zloty|złoty|polish zloty|polish złoty|zlotych|złotych",
    ),
    ("HUF", 0, "forint|hungarian forint"),
    ("RON", 0, "romanian leu|romanian lei|lei"),
    ("BGN", 0, "bulgarian lev|bulgarian leva|leva"),
    ("RUB", 0, "ruble|rouble|russian ruble|russian rouble"),
    ("BYN", 0, "belarusian ruble"),
    ("UAH", 0, "hryvnia|ukrainian hryvnia|hryvnias"),
    ("GEL", 0, "georgian lari|lari"),
    ("AMD", 0, "armenian dram"),
    ("KZT", 0, "tenge|kazakhstani tenge"),
    ("AZN", 0, "azerbaijani manat|manat"),
    ("BRL", 0, "brazilian real|brazilian reais|reais"),
    ("MXN", 0, "mexican peso|peso"),
    ("ARS", 0, "argentine peso|argentinian peso"),
    ("CLP", 0, "chilean peso"),
    ("COP", 0, "colombian peso"),
    ("PHP", 0, "philippine peso|filipino peso"),
    ("CUP", 0, "cuban peso"),
    ("UYU", 0, "uruguayan peso"),
    ("PEN", 0, "peruvian sol|nuevo sol|nuevos soles"),
    ("VES", 0, "venezuelan bolivar|bolivar|bolívar|bolivares"),
    ("BOB", 0, "boliviano"),
    ("PYG", 0, "guarani|guaraní|paraguayan guarani"),
    ("CRC", 0, "costa rican colon|colón"),
    ("GTQ", 0, "quetzal|guatemalan quetzal"),
    ("HNL", 0, "lempira|honduran lempira"),
    ("ZAR", 0, "rand|south african rand"),
    ("NGN", 0, "naira|nigerian naira"),
    ("GHS", 0, "cedi|ghanaian cedi|ghana cedi"),
    ("KES", 0, "kenyan shilling"),
    ("TZS", 0, "tanzanian shilling"),
    ("UGX", 0, "ugandan shilling"),
    ("ETB", 0, "birr|ethiopian birr"),
    ("MAD", 0, "moroccan dirham"),
    ("AED", 0, "dirham|uae dirham|emirati dirham"),
    ("SAR", 0, "saudi riyal|riyal|saudi arabian riyal"),
    ("QAR", 0, "qatari riyal|qatar riyal"),
    ("IRR", 0, "iranian rial|rial"),
    ("OMR", 0, "omani rial"),
    ("KWD", 0, "kuwaiti dinar"),
    ("BHD", 0, "bahraini dinar|bahrain dinar"),
    ("JOD", 0, "jordanian dinar"),
    ("IQD", 0, "iraqi dinar"),
    ("DZD", 0, "algerian dinar"),
    ("TND", 0, "tunisian dinar"),
    ("LYD", 0, "libyan dinar"),
    ("RSD", 0, "serbian dinar"),
    (
        "ILS",
        0,
        "shekel|new shekel|israeli shekel|israeli new shekel",
    ),
    ("KRW", 0, "korean won|south korean won"),
    ("KPW", 0, "north korean won"),
    ("THB", 0, "baht|thai baht"),
    ("VND", 0, "dong|vietnamese dong"),
    ("IDR", 0, "rupiah|indonesian rupiah"),
    ("MYR", 0, "ringgit|malaysian ringgit"),
    ("BDT", 0, "taka|bangladeshi taka"),
    ("MMK", 0, "kyat|burmese kyat"),
    ("KHR", 0, "riel|cambodian riel"),
    ("LAK", 0, "lao kip"),
    ("MNT", 0, "tugrik|mongolian tugrik"),
    ("AFN", 0, "afghani|afghan afghani"),
    ("MOP", 0, "pataca|macanese pataca"),
    ("BTC", 0, "bitcoin"),
    ("BTC", -8, "satoshi"),
    ("ETH", 0, "ether"),
];

/// Currencies whose writers take a point before three digits for a decimal point.
const POINT_IS_DECIMAL: &[&str] = &[
    "USD", "GBP", "CAD", "AUD", "NZD", "JPY", "INR", "HKD", "SGD", "CNY", "KRW", "TWD", "MXN",
    "ILS", "BTC", "ETH", "CHF",
];

/// Returns the table of names.
pub(super) fn names() -> &'static Phrases<(&'static str, i32)> {
    static NAMED: OnceLock<Phrases<(&'static str, i32)>> = OnceLock::new();
    NAMED.get_or_init(|| {
        let mut table = Phrases::new();
        for (code, power, names) in NAMES {
            for name in names.split('|') {
                table.add(name, (*code, *power));
            }
        }
        table
    })
}

fn codes() -> &'static HashMap<&'static [u8], &'static str> {
    static KNOWN: OnceLock<HashMap<&'static [u8], &'static str>> = OnceLock::new();
    let each = |code: &'static str| (code.as_bytes(), code);
    KNOWN.get_or_init(|| CODES.split_ascii_whitespace().map(each).collect())
}

/// Reads a code, of any case where nothing else is written like it.
pub(super) fn code(word: &str, is_before: bool) -> Option<&'static str> {
    if !(3..=4).contains(&word.len()) || !word.is_ascii() {
        return None;
    }
    if word.eq_ignore_ascii_case("rmb") {
        return Some("CNY");
    }
    let mut upper = [0; 4];
    let upper = &mut upper[..word.len()];
    upper.copy_from_slice(word.as_bytes());
    upper.make_ascii_uppercase();
    let known = *codes().get(&*upper)?;
    let is_word = WORDS.contains(&known) || is_before && WORDS_BEFORE.contains(&known);
    let is_capital = known == word;
    ((is_capital && !is_word) || UNMISTAKABLE.contains(&known)).then_some(known)
}

/// Returns the sign that the text ends with, and its currency.
pub(super) fn sign_before(head: &str) -> Option<(&'static str, &'static str)> {
    let last = head.chars().next_back()?;
    SIGNS
        .iter()
        .find(|(sign, _)| sign.starts_with(last))
        .copied()
}

/// Returns the sign that the text begins with, and its currency.
pub(super) fn sign_after(tail: &str) -> Option<(&'static str, &'static str)> {
    let first = tail.chars().next()?;
    let found = SIGNS
        .iter()
        .find(|(sign, _)| sign.starts_with(first))
        .copied();
    found.or_else(|| tail.starts_with("zł").then_some(("zł", "PLN")))
}

/// Returns what letters before a sign make of it, and how many bytes of `head` they are, a space included.
pub(super) fn prefix(head: &str, sign: &str) -> Option<(&'static str, usize)> {
    let bare = head.strip_suffix(' ').unwrap_or(head);
    let space = head.len() - bare.len();
    let letters = bare
        .bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'.')
        .take(5)
        .count();
    let word = &bare[bare.len() - letters..];
    let begins = !bare[..bare.len() - letters]
        .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’'));
    let (known, _, code) = PREFIXES
        .iter()
        .find(|(known, of, _)| *of == sign && known.eq_ignore_ascii_case(word))?;
    // "a $5 note", but "C $5".
    let may = begins && (space == 0 || known.len() > 1 || *known == "c");
    may.then_some((code, letters + space))
}

/// Says whether a point with three digits behind it parts thousands in amounts of this currency.
pub(super) fn point_parts_thousands(code: &str) -> bool {
    !POINT_IS_DECIMAL.contains(&code)
}
