//! Invented names of companies and people.

use super::industry::Industry;

/// The first part of a company's name.
const STARTS: [&str; 60] = [
    "Bal", "Bel", "Bor", "Bran", "Cal", "Cur", "Cren", "Dal", "Dar", "Dor", "Drel", "Ell", "Fal",
    "Fen", "Fer", "Flor", "Gal", "Gar", "Glen", "Gor", "Hal", "Har", "Hel", "Hol", "Jar", "Jel",
    "Kal", "Kel", "Kor", "Lam", "Len", "Lor", "Mal", "Mar", "Mel", "Mon", "Nel", "Nor", "Ol",
    "Pel", "Por", "Quen", "Ral", "Ren", "Ros", "Sal", "Sel", "Sol", "Tal", "Tor", "Tren", "Ul",
    "Val", "Ver", "Vol", "Wel", "Wil", "Yor", "Zan", "Zel",
];

/// A vowel and two consonants: rare enough in English words not to make any.
const MIDDLES: [&str; 50] = [
    "abr", "adr", "agn", "alb", "alm", "alt", "alv", "and", "arn", "ask", "ast", "avr", "edr",
    "egr", "elb", "elm", "elt", "elv", "emb", "end", "enk", "erl", "erv", "esk", "est", "idr",
    "igl", "ilk", "ilv", "imb", "ind", "irn", "isk", "isp", "ist", "odr", "olb", "olm", "olt",
    "olv", "omb", "ond", "orl", "orv", "osk", "ost", "ubr", "uld", "umb", "urn",
];

/// The last part; begins with a vowel.
const ENDS: [&str; 36] = [
    "a", "ac", "an", "ane", "ant", "ar", "ara", "as", "eca", "ek", "el", "en", "ena", "eo", "er",
    "eta", "ex", "ia", "ic", "ika", "in", "ine", "io", "is", "ix", "o", "on", "one", "or", "ora",
    "os", "ova", "ula", "um", "yn", "yr",
];

/// How many companies have a name of their own.
pub const NAMES: u64 = (STARTS.len() * MIDDLES.len() * ENDS.len()) as u64;

/// The people who look after clients.
pub const ACCOUNT_MANAGERS: [&str; 8] = [
    "Ines Calder",
    "Jonas Wirth",
    "Maren Holt",
    "Nadia Ferrant",
    "Petra Sundqvist",
    "Rafael Okoro",
    "Tomas Brenner",
    "Yuki Tanabe",
];

/// The name of the company `serial`, such as "Fenirova Freight": the first word is no other
/// company's, the second fits the industry.
pub fn company(serial: u64, industry: Industry) -> String {
    assert!(serial < NAMES, "no names are left for so many clients");
    // 39,119 shares no factor with NAMES, so every index comes up once.
    let index = ((serial * 39_119 + 71_993) % NAMES) as usize;
    let start = STARTS[index % STARTS.len()];
    let middle = MIDDLES[index / STARTS.len() % MIDDLES.len()];
    let end = ENDS[index / STARTS.len() / MIDDLES.len()];
    let words = industry.company_words();
    format!("{start}{middle}{end} {}", words[(index / 7) % words.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_companies_share_the_first_word() {
        let names: BTreeSet<String> = (0..NAMES)
            .map(|serial| company(serial, Industry::Retail))
            .map(|name| name.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(names.len() as u64, NAMES);
    }
}
