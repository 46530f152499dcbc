//! The message: from where, about which run, what happened and what to do.

use crate::{Cause, Kind};
use serde_json::{Value, json};

/// The longest message, characters; Slack shortens longer ones by itself.
const MAX_CHARACTERS: usize = 3000;

/// Where messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name of the machine.
    pub host: String,
    /// The path of the configuration file.
    pub config: String,
}

/// A message that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is about: [`Kind::name`].
    pub kind: String,
    /// [`Cause::key`].
    pub cause: String,
    /// The run that raised it, as the history counts them; `None` where there is no history.
    pub run: Option<i64>,
    /// When it was raised, RFC 3339.
    pub raised_at: String,
    /// Who sends it.
    pub sender: Sender,
    /// [`Cause::text`].
    pub text: String,
}

impl Message {
    /// A message about a cause that is raised now.
    #[must_use]
    pub fn about(cause: &Cause, run: Option<i64>, raised_at: String, sender: &Sender) -> Self {
        Self {
            kind: Kind::name(cause.kind).to_owned(),
            cause: cause.key(),
            run,
            raised_at,
            sender: sender.clone(),
            text: cause.text(),
        }
    }

    /// The message as text for people.
    #[must_use]
    pub fn full_text(&self) -> String {
        let run = self.run.map_or(String::new(), |run| format!("run {run}, "));
        let text = format!(
            "{}\nFrom {}, {}, {run}{}",
            self.text, self.sender.host, self.sender.config, self.raised_at
        );
        match text.char_indices().nth(MAX_CHARACTERS) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    /// The message as JSON that Slack and Mattermost take. File names come from outside: they must
    /// not call for people or make links.
    #[must_use]
    pub fn json(&self) -> Value {
        let text = self
            .full_text()
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('@', "@\u{200b}");
        json!({ "text": text })
    }

    /// The facts, as a command finds them in its environment.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        vec![
            ("RISK_ALERT_KIND", self.kind.clone()),
            ("RISK_ALERT_CAUSE", self.cause.clone()),
            (
                "RISK_ALERT_RUN",
                self.run.map_or(String::new(), |run| run.to_string()),
            ),
            ("RISK_ALERT_RAISED_AT", self.raised_at.clone()),
            ("RISK_ALERT_HOST", self.sender.host.clone()),
            ("RISK_ALERT_CONFIG", self.sender.config.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(what: &str) -> Message {
        let cause = Cause::new(Kind::RefusedData, "1", what).about("a.csv");
        let sender = Sender {
            host: "h1".into(),
            config: "/srv/config.json".into(),
        };
        Message::about(&cause, Some(17), "2026-07-01T06:00:00Z".into(), &sender)
    }

    #[test]
    fn a_message_says_what_from_where_and_what_to_do() {
        let text = message("a.csv: no rows.").full_text();
        for part in [
            "Data was refused: a.csv: no rows.",
            "What to do: Mend the file",
            "From h1, /srv/config.json, run 17, 2026-07-01T06:00:00Z",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_file_name_calls_for_nobody() {
        let text = message("<!channel>@all&.csv").json()["text"].to_string();
        assert!(
            text.contains("&lt;!channel&gt;@\u{200b}all&amp;.csv"),
            "{text}"
        );
    }

    #[test]
    fn a_long_message_is_cut() {
        assert_eq!(
            message(&"ü".repeat(9000)).full_text().chars().count(),
            MAX_CHARACTERS + 1
        );
    }
}
