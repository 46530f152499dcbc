//! What was done and what came of it.

use std::fmt;

/// One kind of fault in one scenario.
#[derive(Debug, Default)]
pub struct Line {
    /// The scenario.
    pub scenario: String,
    /// The fault.
    pub fault: String,
    /// How many there could be; none where the moments are random.
    pub operations: Option<usize>,
    /// How many were injected.
    pub injected: usize,
    /// What a reader saw meanwhile: looks at a whole release.
    pub looks: usize,
    /// After which something was lost, and what.
    pub lost: Vec<String>,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Tally {
    lines: Vec<Line>,
}

impl Tally {
    /// Adds a line and tells of it at once.
    pub fn add(&mut self, line: Line) {
        println!(
            "{}, {}: {} faults, {} lost",
            line.scenario,
            line.fault,
            line.injected,
            line.lost.len()
        );
        for lost in line.lost.iter().take(10) {
            println!("  {lost}");
        }
        self.lines.push(line);
    }

    /// Whether every fault was survived, and there were any.
    pub fn nothing_was_lost(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.lost.is_empty())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| scenario | fault | operations | injected | survived | lost |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        let (mut injected, mut lost, mut looks) = (0, 0, 0);
        for line in &self.lines {
            let operations = line
                .operations
                .map_or("-".into(), |count| count.to_string());
            let survived = line.injected - line.lost.len();
            writeln!(
                f,
                "| {} | {} | {operations} | {} | {survived} | {} |",
                line.scenario,
                line.fault,
                line.injected,
                line.lost.len()
            )?;
            injected += line.injected;
            lost += line.lost.len();
            looks += line.looks;
        }
        let survived = injected - lost;
        writeln!(f, "| all | | | {injected} | {survived} | {lost} |")?;
        writeln!(
            f,
            "\nlooks of the reader at a whole, unmixed state: {looks}"
        )
    }
}
