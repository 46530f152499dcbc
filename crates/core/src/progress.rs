//! Progress bars for people who wait: on a terminal only, and on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Whether and where progress is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// False for `--quiet` and for library use; a bar also hides itself off a terminal.
    pub shown: bool,
}

impl Progress {
    /// A bar over `length` pieces of work called `label`; it removes itself when dropped.
    #[must_use]
    pub fn bar(self, label: &str, length: usize) -> Bar {
        let target = if self.shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(length as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{msg:<12} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(label.to_owned());
        Bar(bar)
    }
}

/// A progress bar that is wiped when the work is done.
pub struct Bar(ProgressBar);

impl Bar {
    /// One more piece of work is done.
    pub fn advance(&self) {
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
