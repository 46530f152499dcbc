//! Damaged files: the reader of Parquet panics on some of them.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many readers are at work; panics say nothing meanwhile, also those of other threads, since
/// the reader has threads of its own.
static READING: AtomicUsize = AtomicUsize::new(0);

/// The result of `read`, `None` where it panicked; nothing is printed about the panic.
pub(crate) fn catching_panics<T>(read: impl FnOnce() -> T) -> Option<T> {
    silence_panics_of_readers();
    READING.fetch_add(1, Ordering::SeqCst);
    // Whatever `read` has changed is dropped with it.
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    READING.fetch_sub(1, Ordering::SeqCst);
    result.ok()
}

fn silence_panics_of_readers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if READING.load(Ordering::SeqCst) == 0 {
                before(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_result_and_the_next_read_works() {
        assert_eq!(catching_panics(|| -> u8 { panic!("damaged") }), None);
        assert_eq!(catching_panics(|| 7), Some(7));
        assert_eq!(READING.load(Ordering::SeqCst), 0);
    }
}
