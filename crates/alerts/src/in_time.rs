//! Several pieces of work at once, for no longer than a limit.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A piece of work that runs on a thread of its own.
pub type Work<T> = Box<dyn FnOnce() -> T + Send>;

/// Does all pieces at the same time and gives what each has given within the limit, in their order;
/// `None` for one that has not ended. Its thread is not waited for: nothing it hangs in, such as a
/// name server, can hold up the caller.
pub fn in_time<T: Send + 'static>(pieces: Vec<Work<T>>, limit: Duration) -> Vec<Option<T>> {
    let deadline = Instant::now() + limit;
    let mut given: Vec<Option<T>> = pieces.iter().map(|_| None).collect();
    let (sender, receiver) = mpsc::channel();
    for (position, work) in pieces.into_iter().enumerate() {
        let sender = sender.clone();
        thread::spawn(move || {
            // Nobody listens any more after the limit.
            let _ = sender.send((position, work()));
        });
    }
    drop(sender);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // Ends when all threads are done, or at the deadline.
        let Ok((position, value)) = receiver.recv_timeout(left) else {
            return given;
        };
        given[position] = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_left_behind_and_the_rest_arrives() {
        let (keep_waiting, wait) = mpsc::channel::<()>();
        let pieces: Vec<Work<u8>> = vec![
            Box::new(move || {
                let _ = wait.recv();
                1
            }),
            Box::new(|| 2),
        ];
        let started = Instant::now();
        let given = in_time(pieces, Duration::from_millis(300));
        assert_eq!(given, [None, Some(2)]);
        assert!(started.elapsed() < Duration::from_secs(20));
        drop(keep_waiting);
    }
}
