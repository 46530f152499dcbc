//! The command: a program that reads the message on its standard input.

use crate::{Message, Undelivered};
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{self, Child, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked whether the program has ended.
const POLL: Duration = Duration::from_millis(20);
/// How much of what the program complains about is kept, bytes.
const KEPT: usize = 400;

/// A program and its arguments. The message never becomes part of them, so that nothing in it is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments.
    pub arguments: Vec<String>,
    /// The folder it is started in.
    pub folder: PathBuf,
}

impl Command {
    /// A line for `/bin/sh`.
    #[must_use]
    pub fn shell(line: &str, folder: PathBuf) -> Self {
        let arguments = ["/bin/sh", "-c", line].map(str::to_owned).to_vec();
        Self { arguments, folder }
    }

    /// Runs it with the message on standard input and the facts in the environment. After the limit
    /// it is killed, with all that it started in its process group. What it prints is not kept, but
    /// for the beginning of its complaints.
    ///
    /// # Errors
    /// [`Undelivered`] when it cannot be started, fails, or does not end in time.
    pub(crate) fn run(&self, message: &Message, limit: Duration) -> Result<(), Undelivered> {
        let deadline = Instant::now() + limit;
        let mut child = self.start(message)?;
        feed(&mut child, message.full_text());
        let complaints = listen(&mut child);
        match wait(&mut child, deadline)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(failed(status, &complaints)),
            None => {
                kill(&mut child);
                let limit_s = limit.as_secs_f64();
                Err(Undelivered(format!(
                    "the command did not end within {limit_s} s and was killed"
                )))
            }
        }
    }

    fn start(&self, message: &Message) -> Result<Child, Undelivered> {
        let Some((program, arguments)) = self.arguments.split_first() else {
            return Err(Undelivered("the command is empty".into()));
        };
        process::Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .envs(message.facts())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // A group of its own, so that it can be killed with all that it has started.
            .process_group(0)
            .spawn()
            .map_err(|error| Undelivered(format!("cannot start {program}: {error}")))
    }
}

/// Not waited for: a program that does not read must not hold us up.
fn feed(child: &mut Child, text: String) {
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || {
            // A program that does not want the message is free not to read it.
            let _ = stdin.write_all(text.as_bytes());
        });
    }
}

/// Keeps the beginning of the complaints and reads away the rest, so that a program that floods its
/// standard error goes on.
fn listen(child: &mut Child) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut stderr) = child.stderr.take() {
        thread::spawn(move || {
            let mut kept = Vec::new();
            let _ = stderr.by_ref().take(KEPT as u64).read_to_end(&mut kept);
            let _ = sender.send(String::from_utf8_lossy(&kept).trim().to_owned());
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        });
    }
    receiver
}

fn wait(child: &mut Child, deadline: Instant) -> Result<Option<ExitStatus>, Undelivered> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if Instant::now() >= deadline => return Ok(None),
            Ok(None) => thread::sleep(POLL),
            Err(error) => {
                return Err(Undelivered(format!("cannot wait for the command: {error}")));
            }
        }
    }
}

fn failed(status: ExitStatus, complaints: &mpsc::Receiver<String>) -> Undelivered {
    // A child of the program may keep standard error open.
    let said = complaints.recv_timeout(POLL).unwrap_or_default();
    let said = if said.is_empty() {
        String::new()
    } else {
        format!(": {}", said.replace('\n', " | "))
    };
    Undelivered(format!("the command failed ({status}){said}"))
}

/// Kills the whole process group. The standard library kills single processes only, so the `kill` of
/// the shell does it.
fn kill(child: &mut Child) {
    let group = format!("kill -s KILL -- -{}", child.id());
    let _ = process::Command::new("/bin/sh")
        .args(["-c", &group])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let _ = child.kill();
    let _ = child.wait();
}
