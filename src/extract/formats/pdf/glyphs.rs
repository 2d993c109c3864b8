//! What glyphs are called, and which characters they are: names that type designers agreed on, and those that TeX's
//! fonts add to them. Names that tell their character by its number are read as such.

/// A name and its character's number, one after the other, by name.
const NAMES: &str = "\
AE c6 AEacute 1fc Aacute c1 Abreve 102 Acircumflex c2 Adieresis c4 Agrave c0 Alpha 391 Alphatonos 386 \
Amacron 100 Aogonek 104 Aring c5 Aringacute 1fa Atilde c3 Beta 392 Cacute 106 Ccaron 10c Ccedilla c7 \
Ccircumflex 108 Cdotaccent 10a Chi 3a7 Dcaron 10e Dcroat 110 Delta 2206 Eacute c9 Ebreve 114 Ecaron 11a \
Ecircumflex ca Edieresis cb Edotaccent 116 Egrave c8 Emacron 112 Eng 14a Eogonek 118 Epsilon 395 \
Epsilontonos 388 Eta 397 Etatonos 389 Eth d0 Euro 20ac Gamma 393 Gbreve 11e Gcaron 1e6 Gcircumflex 11c \
Gdotaccent 120 Germandbls 1e9e H18533 25cf H18543 25aa H18551 25ab H22073 25a1 Hbar 126 Hcircumflex 124 IJ 132 \
Iacute cd Ibreve 12c Icircumflex ce Idieresis cf Idotaccent 130 Ifraktur 2111 Igrave cc Imacron 12a Iogonek 12e \
Iota 399 Iotadieresis 3aa Iotatonos 38a Itilde 128 Jcircumflex 134 Kappa 39a Lacute 139 Lambda 39b Lcaron 13d \
Ldot 13f Lslash 141 Mu 39c Nacute 143 Ncaron 147 Ntilde d1 Nu 39d OE 152 Oacute d3 Obreve 14e Ocircumflex d4 \
Odieresis d6 Ograve d2 Ohorn 1a0 Ohungarumlaut 150 Omacron 14c Omega 2126 Omegatonos 38f Omicron 39f \
Omicrontonos 38c Oslash d8 Oslashacute 1fe Otilde d5 Phi 3a6 Pi 3a0 Psi 3a8 Racute 154 Rcaron 158 Rfraktur 211c \
Rho 3a1 SF010000 250c SF020000 2514 SF030000 2510 SF040000 2518 SF050000 253c SF060000 252c SF070000 2534 \
SF080000 251c SF090000 2524 SF100000 2500 SF110000 2502 SF190000 2561 SF200000 2562 SF210000 2556 SF220000 2555 \
SF230000 2563 SF240000 2551 SF250000 2557 SF260000 255d SF270000 255c SF280000 255b SF360000 255e SF370000 255f \
SF380000 255a SF390000 2554 SF400000 2569 SF410000 2566 SF420000 2560 SF430000 2550 SF440000 256c SF450000 2567 \
SF460000 2568 SF470000 2564 SF480000 2565 SF490000 2559 SF500000 2558 SF510000 2552 SF520000 2553 SF530000 256b \
SF540000 256a Sacute 15a Scaron 160 Scedilla 15e Scircumflex 15c Sigma 3a3 Tau 3a4 Tbar 166 Tcaron 164 \
Tcommaaccent 162 Theta 398 Thorn de Uacute da Ubreve 16c Ucircumflex db Udieresis dc Ugrave d9 Uhorn 1af \
Uhungarumlaut 170 Umacron 16a Uogonek 172 Upsilon 3a5 Upsilon1 3d2 Upsilondieresis 3ab Upsilontonos 38e \
Uring 16e Utilde 168 Wacute 1e82 Wcircumflex 174 Wdieresis 1e84 Wgrave 1e80 Xi 39e Yacute dd Ycircumflex 176 \
Ydieresis 178 Ygrave 1ef2 Zacute 179 Zcaron 17d Zdotaccent 17b Zeta 396 aacute e1 abreve 103 acircumflex e2 \
acute b4 acutecomb 301 adieresis e4 ae e6 aeacute 1fd afii00208 2015 afii08941 20a4 afii10017 410 afii10018 411 \
afii10019 412 afii10020 413 afii10021 414 afii10022 415 afii10023 401 afii10024 416 afii10025 417 afii10026 418 \
afii10027 419 afii10028 41a afii10029 41b afii10030 41c afii10031 41d afii10032 41e afii10033 41f afii10034 420 \
afii10035 421 afii10036 422 afii10037 423 afii10038 424 afii10039 425 afii10040 426 afii10041 427 afii10042 428 \
afii10043 429 afii10044 42a afii10045 42b afii10046 42c afii10047 42d afii10048 42e afii10049 42f afii10050 490 \
afii10051 402 afii10052 403 afii10053 404 afii10054 405 afii10055 406 afii10056 407 afii10057 408 afii10058 409 \
afii10059 40a afii10060 40b afii10061 40c afii10062 40e afii10065 430 afii10066 431 afii10067 432 afii10068 433 \
afii10069 434 afii10070 435 afii10071 451 afii10072 436 afii10073 437 afii10074 438 afii10075 439 afii10076 43a \
afii10077 43b afii10078 43c afii10079 43d afii10080 43e afii10081 43f afii10082 440 afii10083 441 afii10084 442 \
afii10085 443 afii10086 444 afii10087 445 afii10088 446 afii10089 447 afii10090 448 afii10091 449 afii10092 44a \
afii10093 44b afii10094 44c afii10095 44d afii10096 44e afii10097 44f afii10098 491 afii10099 452 afii10100 453 \
afii10101 454 afii10102 455 afii10103 456 afii10104 457 afii10105 458 afii10106 459 afii10107 45a afii10108 45b \
afii10109 45c afii10110 45e afii10145 40f afii10146 462 afii10147 472 afii10148 474 afii10193 45f afii10194 463 \
afii10195 473 afii10196 475 afii10846 4d9 afii299 200e afii300 200f afii301 200d afii57381 66a afii57388 60c \
afii57392 660 afii57393 661 afii57394 662 afii57395 663 afii57396 664 afii57397 665 afii57398 666 afii57399 667 \
afii57400 668 afii57401 669 afii57403 61b afii57407 61f afii57409 621 afii57410 622 afii57411 623 afii57412 624 \
afii57413 625 afii57414 626 afii57415 627 afii57416 628 afii57417 629 afii57418 62a afii57419 62b afii57420 62c \
afii57421 62d afii57422 62e afii57423 62f afii57424 630 afii57425 631 afii57426 632 afii57427 633 afii57428 634 \
afii57429 635 afii57430 636 afii57431 637 afii57432 638 afii57433 639 afii57434 63a afii57440 640 afii57441 641 \
afii57442 642 afii57443 643 afii57444 644 afii57445 645 afii57446 646 afii57448 648 afii57449 649 afii57450 64a \
afii57451 64b afii57452 64c afii57453 64d afii57454 64e afii57455 64f afii57456 650 afii57457 651 afii57458 652 \
afii57470 647 afii57505 6a4 afii57506 67e afii57507 686 afii57508 698 afii57509 6af afii57511 679 afii57512 688 \
afii57513 691 afii57514 6ba afii57519 6d2 afii57534 6d5 afii57636 20aa afii57645 5be afii57658 5c3 \
afii57664 5d0 afii57665 5d1 afii57666 5d2 afii57667 5d3 afii57668 5d4 afii57669 5d5 afii57670 5d6 afii57671 5d7 \
afii57672 5d8 afii57673 5d9 afii57674 5da afii57675 5db afii57676 5dc afii57677 5dd afii57678 5de afii57679 5df \
afii57680 5e0 afii57681 5e1 afii57682 5e2 afii57683 5e3 afii57684 5e4 afii57685 5e5 afii57686 5e6 afii57687 5e7 \
afii57688 5e8 afii57689 5e9 afii57690 5ea afii57694 fb2a afii57695 fb2b afii57700 fb4b afii57705 fb1f \
afii57716 5f0 afii57717 5f1 afii57718 5f2 afii57723 fb35 afii57793 5b4 afii57794 5b5 afii57795 5b6 \
afii57796 5bb afii57797 5b8 afii57798 5b7 afii57799 5b0 afii57800 5b2 afii57801 5b1 afii57802 5b3 afii57803 5c2 \
afii57804 5c1 afii57806 5b9 afii57807 5bc afii57839 5bd afii57841 5bf afii57842 5c0 afii57929 2bc \
afii61248 2105 afii61289 2113 afii61352 2116 afii61573 202c afii61574 202d afii61575 202e afii61664 200c \
afii63167 66d afii64937 2bd agrave e0 aleph 2135 alpha 3b1 alphatonos 3ac amacron 101 ampersand 26 angle 2220 \
angleleft 2329 angleright 232a anoteleia 387 aogonek 105 approxequal 2248 aring e5 aringacute 1fb \
arrowboth 2194 arrowdblboth 21d4 arrowdbldown 21d3 arrowdblleft 21d0 arrowdblright 21d2 arrowdblup 21d1 \
arrowdown 2193 arrowhookleft 21a9 arrowleft 2190 arrownortheast 2197 arrowright 2192 arrowsoutheast 2198 \
arrowup 2191 arrowupdn 2195 arrowupdnbse 21a8 asciicircum 5e asciitilde 7e asterisk 2a asteriskmath 2217 at 40 \
atilde e3 backslash 5c bar 7c bardbl 2225 beta 3b2 blank 20 block 2588 braceex 23aa braceleft 7b braceright 7d \
bracketleft 5b bracketright 5d breve 2d8 brokenbar a6 bullet 2022 cacute 107 caron 2c7 carriagereturn 21b5 \
ccaron 10d ccedilla e7 ccircumflex 109 cdotaccent 10b cedilla b8 ceilingleft 2308 ceilingright 2309 cent a2 \
check 2713 chi 3c7 circle 25cb circlecopyrt 25cb circledivide 2298 circledot 2299 circleminus 2296 \
circlemultiply 2297 circleplus 2295 circumflex 2c6 club 2663 colon 3a colonmonetary 20a1 comma 2c \
compwordmark 200b congruent 2245 coproduct 2a3f copyright a9 currency a4 cwm 200b dagger 2020 daggerdbl 2021 \
dcaron 10f dcroat 111 degree b0 delta 3b4 diamond 2666 dieresis a8 dieresistonos 385 divide f7 dkshade 2593 \
dnblock 2584 dollar 24 dong 20ab dotaccent 2d9 dotbelowcomb 323 dotlessi 131 dotlessj 237 dotmath 22c5 \
eacute e9 ebreve 115 ecaron 11b ecircumflex ea edieresis eb edotaccent 117 egrave e8 eight 38 element 2208 \
ellipsis 2026 emacron 113 emdash 2014 emptyset 2205 endash 2013 eng 14b eogonek 119 epsilon 3b5 epsilon1 3f5 \
epsilontonos 3ad equal 3d equivalence 2261 estimated 212e eta 3b7 etatonos 3ae eth f0 exclam 21 exclamdbl 203c \
exclamdown a1 existential 2203 female 2640 ff fb00 ffi fb03 ffl fb04 fi fb01 figuredash 2012 filledbox 25a0 \
filledrect 25ac five 35 fiveeighths 215d fl fb02 flat 266d floorleft 230a floorright 230b florin 192 \
follows 227b four 34 fraction 2044 franc 20a3 gamma 3b3 gbreve 11f gcaron 1e7 gcircumflex 11d gdotaccent 121 \
germandbls df gradient 2207 grave 60 gravecomb 300 greater 3e greaterequal 2265 greatermuch 226b \
guillemotleft ab guillemotright bb guilsinglleft 2039 guilsinglright 203a hbar 210f hcircumflex 125 heart 2665 \
hookabovecomb 309 horizontalbar 2015 house 2302 hungarumlaut 2dd hyphen 2d hyphentwo 2010 iacute ed ibreve 12d \
icircumflex ee idieresis ef igrave ec ij 133 imacron 12b infinity 221e integral 222b integralbt 2321 \
integraltp 2320 interrobang 203d intersection 2229 intersectionsq 2293 invbullet 25d8 invcircle 25d9 \
invsmileface 263b iogonek 12f iota 3b9 iotadieresis 3ca iotadieresistonos 390 iotatonos 3af itilde 129 \
jcircumflex 135 kappa 3ba kappa1 3f0 kgreenlandic 138 lacute 13a lambda 3bb latticetop 22a4 lcaron 13e ldot 140 \
less 3c lessequal 2264 lessmuch 226a lfblock 258c lira 20a4 logicaland 2227 logicalnot ac logicalor 2228 \
longs 17f lozenge 25ca lscript 2113 lslash 142 ltshade 2591 macron af male 2642 mho 2127 middot b7 minus 2212 \
minute 2032 mu b5 mu1 b5 multiply d7 musicalnote 266a musicalnotedbl 266b nabla 2207 nacute 144 napostrophe 149 \
natural 266e nbspace a0 ncaron 148 nine 39 nonbreakingspace a0 notelement 2209 notequal 2260 notsubset 2284 \
ntilde f1 nu 3bd numbersign 23 numero 2116 oacute f3 obreve 14f ocircumflex f4 odieresis f6 oe 153 ogonek 2db \
ograve f2 ohm 2126 ohorn 1a1 ohungarumlaut 151 omacron 14d omega 3c9 omega1 3d6 omegatonos 3ce omicron 3bf \
omicrontonos 3cc one 31 onedotenleader 2024 oneeighth 215b onehalf bd onequarter bc onethird 2153 \
openbullet 25e6 ordfeminine aa ordmasculine ba orthogonal 221f oslash f8 oslashacute 1ff otilde f5 overscore af \
owner 220b paragraph b6 parenleft 28 parenright 29 partialdiff 2202 percent 25 period 2e periodcentered b7 \
perpendicular 22a5 perthousand 2030 perthousandzero 2080 peseta 20a7 phi 3c6 phi1 3d5 pi 3c0 pi1 3d6 plus 2b \
plusminus b1 precedes 227a prescription 211e prime 2032 product 220f propersubset 2282 propersuperset 2283 \
proportional 221d psi 3c8 question 3f questiondown bf quotedbl 22 quotedblbase 201e quotedblleft 201c \
quotedblright 201d quoteleft 2018 quotereversed 201b quoteright 2019 quotesinglbase 201a quotesingle 27 \
racute 155 radical 221a rcaron 159 reflexsubset 2286 reflexsuperset 2287 registered ae revlogicalnot 2310 \
rho 3c1 rho1 3f1 ring 2da rtblock 2590 sacute 15b scaron 161 scedilla 15f scircumflex 15d second 2033 \
section a7 semicolon 3b seven 37 seveneighths 215e sfthyphen ad shade 2592 sharp 266f sigma 3c3 sigma1 3c2 \
similar 223c similarequal 2243 six 36 slash 2f smileface 263a softhyphen ad space 20 spade 2660 star 22c6 \
sterling a3 suchthat 220b summation 2211 sun 263c suppress 337 tau 3c4 tbar 167 tcaron 165 tcommaaccent 163 \
therefore 2234 theta 3b8 theta1 3d1 thorn fe three 33 threeeighths 215c threequarters be tilde 2dc \
tildecomb 303 tonos 384 trademark 2122 triagdn 25bc triaglf 25c4 triagrt 25ba triagup 25b2 triangle 25b3 \
triangleleft 25c1 triangleright 25b7 turnstileleft 22a2 turnstileright 22a3 two 32 twodotenleader 2025 \
twothirds 2154 uacute fa ubreve 16d ucircumflex fb udieresis fc ugrave f9 uhorn 1b0 uhungarumlaut 171 \
umacron 16b underscore 5f underscoredbl 2017 union 222a unionmulti 228e unionsq 2294 universal 2200 uogonek 173 \
upblock 2580 upsilon 3c5 upsilondieresis 3cb upsilondieresistonos 3b0 upsilontonos 3cd uring 16f utilde 169 \
visiblespace 2423 wacute 1e83 wcircumflex 175 wdieresis 1e85 weierstrass 2118 wgrave 1e81 xi 3be yacute fd \
ycircumflex 177 ydieresis ff yen a5 ygrave 1ef3 zacute 17a zcaron 17e zdotaccent 17c zero 30 zeta 3b6";
/// The names as a table that can be asked.
#[derive(Debug)]
pub(super) struct GlyphNames {
    /// Sorted by name.
    all: Vec<(&'static str, char)>,
}

impl Default for GlyphNames {
    fn default() -> Self {
        let mut words = NAMES.split_ascii_whitespace();
        let mut all = Vec::new();
        while let (Some(name), Some(number)) = (words.next(), words.next()) {
            let number = u32::from_str_radix(number, 16).unwrap_or_default();
            all.extend(char::from_u32(number).map(|character| (name, character)));
        }
        all.sort_unstable();
        Self { all }
    }
}

impl GlyphNames {
    /// Returns the text that a glyph of this name shows; `None` when the name does not tell.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        // What stands behind a dot says how the same character is drawn; a ligature joins its parts' names.
        let base = name.split('.').next().filter(|base| !base.is_empty())?;
        if let Some(found) = self.character(base) {
            return Some(found.to_string());
        }
        base.split('_').map(|part| self.character(part)).collect()
    }

    fn character(&self, name: &str) -> Option<char> {
        let mut characters = name.chars();
        if let (Some(only), None) = (characters.next(), characters.next()) {
            return Some(only);
        }
        if let Ok(at) = self.all.binary_search_by_key(&name, |(name, _)| *name) {
            return Some(self.all[at].1);
        }
        let digits = name.strip_prefix("uni").filter(|digits| digits.len() == 4);
        let digits = digits.or_else(|| {
            name.strip_prefix('u')
                .filter(|digits| (4..=6).contains(&digits.len()))
        })?;
        u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_characters() {
        let names = GlyphNames::default();
        for (name, text) in [
            ("A", Some("A")),
            ("adieresis", Some("ä")),
            ("quoteright", Some("’")),
            ("afii10017", Some("А")),
            ("uni20AC", Some("€")),
            ("u1F600", Some("😀")),
            ("f_f_i", Some("ffi")),
            ("one.oldstyle", Some("1")),
            (".notdef", None),
            ("g27", None),
            ("", None),
        ] {
            assert_eq!(names.text(name).as_deref(), text, "{name}");
        }
    }
}
