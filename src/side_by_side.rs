//! Independent work on all processors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What each job makes, in the order of the jobs.
///
/// # Errors
/// That of the first job, in their order, that failed.
pub fn each<J: Sync, M: Send>(
    jobs: &[J],
    make: impl Fn(&J) -> Result<M, String> + Sync,
) -> Result<Vec<M>, String> {
    let next = AtomicUsize::new(0);
    let made: Vec<Mutex<Option<Result<M, String>>>> =
        jobs.iter().map(|_| Mutex::default()).collect();
    let work = || {
        while let Some(place) =
            Some(next.fetch_add(1, Ordering::Relaxed)).filter(|n| *n < jobs.len())
        {
            *made[place].lock().expect("no thread panics with it") = Some(make(&jobs[place]));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len()) {
            // Plans of large queries are walked deeply, and so are documents: not on the stack of
            // whoever asks.
            let builder = thread::Builder::new().stack_size(STACK);
            builder
                .spawn_scoped(scope, work)
                .expect("a thread can be started");
        }
    });
    let made = made.into_iter().map(|made| {
        let made = made.into_inner().expect("no thread panicked");
        made.expect("every job is taken")
    });
    made.collect()
}

const STACK: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_jobs_make_is_in_their_order() {
        let jobs: Vec<u64> = (0..100).collect();
        let twice = each(&jobs, |job| Ok(job * 2)).unwrap();
        assert_eq!(twice, jobs.iter().map(|job| job * 2).collect::<Vec<_>>());
        assert!(each(&[] as &[u64], |_| Ok(0)).unwrap().is_empty());
    }

    #[test]
    fn the_first_of_several_errors_is_told() {
        let made = each(&[1, 2, 3, 4], |job| match job {
            1 => Ok(()),
            job => Err(format!("{job}")),
        });
        assert_eq!(made, Err("2".into()));
    }
}
