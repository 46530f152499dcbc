//! Column names as people say them.

/// A column name in words: `lastmonth_activity` becomes "activity last month", `MonthlyCharges`
/// "monthly charges", `number_of_employees` "number of employees". A name with letters beyond ASCII is of
/// another language than English, and keeps its capitals.
#[must_use]
pub fn readable_name(column: &str) -> String {
    let mut words = split(column);
    for word in &mut words {
        *word = full_word(word);
    }
    let joined = words.join(" ");
    let mut words: Vec<&str> = joined.split(' ').collect();
    // "last month activity" is said "activity last month".
    if words.len() > 2 && is_direction(words[0]) && is_period(words[1]) {
        words.rotate_left(2);
    }
    // "num of products" has become "number of of products".
    words.dedup_by(|a, b| *a == "of" && *b == "of");
    let name = words.join(" ");
    if name.is_empty() {
        column.to_owned()
    } else {
        name
    }
}

/// The words of a name: at blanks and marks, and where a capital follows a small letter.
fn split(column: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = column.chars().collect();
    for (index, character) in characters.iter().copied().enumerate() {
        if !character.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let after_small = index > 0 && characters[index - 1].is_lowercase();
        let before_small = characters
            .get(index + 1)
            .is_some_and(|next| next.is_lowercase());
        let in_capitals = index > 0 && characters[index - 1].is_uppercase();
        if character.is_uppercase() && (after_small || (in_capitals && before_small)) {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    // Nouns of other languages keep their capitals: "Größe" is no "größe".
    if !column.is_ascii() {
        return words;
    }
    words.into_iter().map(lower).collect()
}

/// Abbreviations in capitals stay: VAT, GDP.
fn lower(word: String) -> String {
    let is_abbreviation =
        (2..=4).contains(&word.chars().count()) && word.chars().all(char::is_uppercase);
    if is_abbreviation {
        word
    } else {
        word.to_lowercase()
    }
}

fn full_word(word: &str) -> String {
    for direction in ["last", "previous", "prev", "current", "this"] {
        if let Some(period) = word.strip_prefix(direction)
            && is_period(period)
        {
            return format!("{} {period}", full_word(direction));
        }
    }
    match word {
        "num" | "nr" | "n" | "no" => "number of",
        "avg" => "average",
        "amt" => "amount",
        "cnt" => "count of",
        "pct" | "perc" => "percent",
        "prev" => "previous",
        "yrs" => "years",
        "qty" => "quantity",
        "cust" => "customer",
        "acct" => "account",
        other => other,
    }
    .to_owned()
}

fn is_direction(word: &str) -> bool {
    ["last", "previous", "current", "this"].contains(&word)
}

fn is_period(word: &str) -> bool {
    ["day", "week", "month", "quarter", "year"].contains(&word)
}

/// Whether a column says how large a client is.
#[must_use]
pub(crate) fn is_size(column: &str) -> bool {
    let name = readable_name(column).to_lowercase();
    let words: Vec<&str> = name.split(' ').collect();
    ["employees", "headcount", "staff", "fte", "workforce"]
        .iter()
        .any(|word| words.contains(word))
        || words.windows(2).any(|pair| pair == ["head", "count"])
        || matches!(name.as_str(), "company size" | "size" | "firm size")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for (column, words) in [
            ("lastmonth_activity", "activity last month"),
            ("lastyear_activity", "activity last year"),
            ("last_week_orders", "orders last week"),
            ("activity_last_month", "activity last month"),
            ("number_of_employees", "number of employees"),
            ("annual_contract_value", "annual contract value"),
            ("MonthlyCharges", "monthly charges"),
            ("NumOfProducts", "number of products"),
            ("num_products", "number of products"),
            ("IsActiveMember", "is active member"),
            ("avg balance", "average balance"),
            ("EstimatedSalaryEUR", "estimated salary EUR"),
            ("VATNumber", "VAT number"),
            ("tenure", "tenure"),
            ("lastname", "lastname"),
            ("Größe_des_Unternehmens", "Größe des Unternehmens"),
            ("KündigungsGrund", "Kündigungs Grund"),
            ("_", "_"),
        ] {
            assert_eq!(readable_name(column), words, "{column}");
        }
    }

    #[test]
    fn a_size_is_known_by_its_words() {
        for column in ["number_of_employees", "HeadCount", "company_size", "staff"] {
            assert!(is_size(column), "{column}");
        }
        for column in ["order_size", "activity", "resize"] {
            assert!(!is_size(column), "{column}");
        }
    }
}
