//! The wording of configuration errors.

/// Whether a message is about a key or what is below it.
pub fn names(message: &str, key: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    message.match_indices(key).any(|(start, _)| {
        let before = message[..start].chars().next_back();
        let after = message[start + key.len()..].chars().next();
        !before.is_some_and(|c| is_part(c) || c == '.') && !after.is_some_and(is_part)
    })
}

/// A mistake in a value: where it is and what was expected.
pub fn describe(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let message = plain(&error.inner().to_string());
    match error.path().to_string().as_str() {
        "." => message,
        path => format!("{path}: {message}"),
    }
}

/// The words of the parser in the words of people.
fn plain(message: &str) -> String {
    const WORDS: [(&str, &str); 9] = [
        ("expected f64", "expected a number"),
        ("expected u64", "expected a whole number, at least 0"),
        (
            "expected u32",
            "expected a whole number from 0 to 4294967295",
        ),
        ("expected a string", "expected text"),
        ("expected string or map", "expected text or an object"),
        ("expected path string", "expected a path"),
        ("expected a sequence", "expected a list"),
        ("expected struct", "expected an object,"),
        (
            "invalid socket address syntax",
            "expected an address and a port, such as 127.0.0.1:8000",
        ),
    ];
    WORDS
        .iter()
        .find(|(word, _)| message.contains(word))
        .map_or(message.to_owned(), |(word, plain)| {
            message.replace(word, plain)
        })
}
