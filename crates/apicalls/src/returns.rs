//! The answers as readable text.

use crate::Call;
use serde_json::Value;

/// A call with what was sent and what came back.
#[derive(Debug, Clone)]
pub struct Return {
    /// The call.
    pub call: Call,
    /// What was sent.
    pub sent: Option<Value>,
    /// What came back.
    pub received: Value,
}

/// Lists and objects without others in them stand on one line up to this width.
const WIDTH: usize = 100;

/// Each answer as JSON under its call.
pub fn render(returns: &[Return]) -> String {
    let sections: Vec<String> = returns.iter().map(section).collect();
    sections.join("\n")
}

fn section(answer: &Return) -> String {
    let Call { method, path, .. } = answer.call;
    let sent = answer.sent.as_ref();
    let sent = sent.map(|sent| format!(" {sent}")).unwrap_or_default();
    let heading = format!("{method} {path}{sent}");
    let rule = "=".repeat(heading.chars().count());
    let mut text = format!("{heading}\n{rule}\n");
    write_value(&mut text, &answer.received, 0);
    text.push('\n');
    text
}

fn write_value(text: &mut String, value: &Value, depth: usize) {
    let line = value.to_string();
    let entries: Vec<(String, &Value)> = match value {
        Value::Array(list) => list.iter().map(|value| (String::new(), value)).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (format!("{}: ", Value::from(key.as_str())), value))
            .collect(),
        _ => Vec::new(),
    };
    let is_flat = !entries
        .iter()
        .any(|(_, value)| value.is_array() || value.is_object());
    if entries.is_empty() || (is_flat && 2 * depth + line.chars().count() <= WIDTH) {
        text.push_str(&line);
        return;
    }
    let (open, close) = if value.is_array() {
        ('[', ']')
    } else {
        ('{', '}')
    };
    text.push(open);
    for (position, (key, value)) in entries.iter().enumerate() {
        text.push_str(if position == 0 { "\n" } else { ",\n" });
        text.push_str(&"  ".repeat(depth + 1));
        text.push_str(key);
        write_value(text, value, depth + 1);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rendered(value: &Value) -> String {
        let mut text = String::new();
        write_value(&mut text, value, 0);
        text
    }

    #[test]
    fn rows_stand_on_a_line_each() {
        let value = json!({"model_id": "a", "rows": [{"x": 1, "y": null}, {"x": 0.1}], "none": []});
        let expected = "{\n  \"model_id\": \"a\",\n  \"rows\": [\n    {\"x\":1,\"y\":null},\n    \
                        {\"x\":0.1}\n  ],\n  \"none\": []\n}";
        assert_eq!(rendered(&value), expected);
    }

    #[test]
    fn what_is_too_wide_is_broken() {
        let value = json!({"a": "x".repeat(60), "b": "y".repeat(60)});
        assert_eq!(rendered(&value).lines().count(), 4);
    }

    #[test]
    fn the_text_is_the_same_json() {
        let value = json!([{"a \"b\"\n": [1, [2.5e-300, {}], true]}, "x", {"long": vec![1; 99]}]);
        let read: Value = serde_json::from_str(&rendered(&value)).unwrap();
        assert_eq!(read, value);
    }
}
