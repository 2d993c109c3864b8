//! What a command works with: an open database, who it is, and the user's wish to stop.

use super::arguments::GlobalArguments;
use super::environment;
use super::exit_code::Exit;
use super::failure::Failure;
use super::stderr::{note, tell};
use crate::model::{JobId, JobKind, StopFlag, WorkerId};
use crate::store::{Access, DatabaseAddress, Invocation, Store, WorkerIdentity};

/// The exit status of a process that an interrupt has ended (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// Opens the database that the user names.
pub fn open(global: &GlobalArguments, access: Access) -> Result<Store, Failure> {
    let address = DatabaseAddress::parse(&global.database)?;
    let store = Store::open(&address, &environment::credentials(), access)?;
    if let Some(backup) = store.backup() {
        note(
            global,
            &format!(
                "the database was copied to {} before it was migrated",
                backup.display()
            ),
        );
    }
    Ok(store)
}

/// Finds the job that the user wants to go on with; in a completed one nothing is left, and `otherwise` says
/// what to type instead.
pub fn job_to_resume(
    global: &GlobalArguments,
    store: &mut Store,
    given: &str,
    kind: JobKind,
    otherwise: &str,
) -> Result<JobId, Failure> {
    let id = store.find_job(given)?;
    let job = store.job(id)?;
    if job.kind != kind {
        // Whoever resumes it says so.
        return Ok(id);
    }
    if !job.state.is_resumable() {
        let message = format!("job {id} is completed");
        return Err(Failure::new(message, Exit::CouldNot).hint(otherwise));
    }
    if store.job_is_alive(id)? {
        note(
            global,
            "another worker was on this job a moment ago; its work is taken over",
        );
    }
    Ok(id)
}

/// Describes this process to the database.
pub fn invocation() -> Invocation {
    Invocation {
        worker: WorkerIdentity {
            id: WorkerId::new(),
            host: gethostname::gethostname().to_string_lossy().into_owned(),
            process: i64::from(std::process::id()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        command_line: environment::command_line(),
    }
}

/// Listens for Ctrl-C and SIGTERM: the first finishes what is in flight, the second ends at once.
pub fn stop_flag(global: &GlobalArguments) -> StopFlag {
    let flag = StopFlag::default();
    let (heard, quiet) = (flag.clone(), global.quiet);
    let listening = std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return;
            };
            runtime.block_on(async {
                interrupted().await;
                heard.set();
                if !quiet {
                    tell("stopping: what is in flight is finished; once more to stop at once");
                }
                interrupted().await;
                std::process::exit(INTERRUPTED);
            });
        });
    // Without the thread an interrupt ends the process, and a resume takes up what it left.
    drop(listening);
    flag
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => {
            if pressed.is_err() {
                std::future::pending::<()>().await;
            }
        }
        _ = terminated.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
