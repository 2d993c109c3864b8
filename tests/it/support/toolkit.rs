//! Runs the real program as a user would, in a home and a folder of its own and with nothing inherited
//! from whoever runs the tests.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::{NamedTempFile, TempDir};

use super::snapshot::{normalized, without_digests};
use super::temporary_folder;

/// After this long a command counts as hung, and its test fails.
const LIMIT: Duration = Duration::from_mins(2);

/// A user with an empty home and an empty folder.
pub struct Toolkit {
    place: TempDir,
}

impl Toolkit {
    /// Makes the home and the folder.
    pub fn new() -> Self {
        let place = temporary_folder();
        for folder in ["home", "folder"] {
            std::fs::create_dir(place.path().join(folder)).expect("cannot make a folder");
        }
        Self { place }
    }

    /// Returns the folder that the program runs in.
    pub fn folder(&self) -> PathBuf {
        self.place.path().join("folder")
    }

    /// Returns the home that the program sees.
    pub fn home(&self) -> PathBuf {
        self.place.path().join("home")
    }

    /// Prepares a run with these arguments.
    pub fn command<I>(&self, arguments: I) -> Invocation
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        Invocation::new(env!("CARGO_BIN_EXE_toolkit"), self).arguments(arguments)
    }

    /// Runs the program with these arguments to its end.
    pub fn run<I>(&self, arguments: I) -> Output
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.command(arguments).run()
    }

    /// Runs the program and stops the test unless it ends with 0.
    pub fn succeed<I>(&self, arguments: I) -> Output
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let output = self.run(arguments);
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
        output
    }
}

/// A run that has not begun.
pub struct Invocation {
    command: Command,
    folder: PathBuf,
    input: Option<Vec<u8>>,
}

impl Invocation {
    fn new(program: impl AsRef<OsStr>, toolkit: &Toolkit) -> Self {
        let mut command = Command::new(program);
        command
            .current_dir(toolkit.folder())
            .env_clear()
            .env("HOME", toolkit.home())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC");
        Self {
            command,
            folder: toolkit.folder(),
            input: None,
        }
    }

    fn arguments<I>(mut self, arguments: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn environment(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Gives the program this on its standard input, which is empty otherwise.
    #[must_use]
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Lets the program have no more than `most` files open.
    #[must_use]
    pub fn open_files(self, most: u32) -> Self {
        self.after(&format!("ulimit -n {most}"))
    }

    /// Lets no file that the program writes become larger than `blocks` of 512 bytes, as on a full device.
    #[must_use]
    pub fn file_size(self, blocks: u64) -> Self {
        self.after(&format!("trap '' XFSZ; ulimit -f {blocks}"))
    }

    /// Starts the program by a shell that has done `first`.
    fn after(mut self, first: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        let script = format!("{first}; exec \"$0\" \"$@\"");
        command
            .arg("-c")
            .arg(script)
            .arg(self.command.get_program());
        command.args(self.command.get_args()).env_clear();
        let set = self.command.get_envs();
        command.envs(set.filter_map(|(name, value)| Some((name, value?))));
        self.command = command;
        self.command.current_dir(&self.folder);
        self
    }

    /// Runs the program to its end.
    pub fn run(self) -> Output {
        self.start().finish()
    }

    /// Kills the program (SIGKILL) after `milliseconds`, unless it has ended by then.
    pub fn kill_after(self, milliseconds: u64) -> Output {
        let mut running = self.start();
        running.wait_for(Duration::from_millis(milliseconds));
        running.kill();
        running.finish()
    }

    /// Starts the program and returns while it runs.
    pub fn start(mut self) -> Running {
        // Files and not pipes: nobody needs to read along, and a killed program loses nothing.
        let [stdout, stderr] = [(); 2].map(|()| temporary_file());
        let input = self.input.map_or_else(Stdio::null, |bytes| {
            let mut file = temporary_file();
            file.write_all(&bytes).expect("cannot write the input");
            share(&file)
        });
        let child = self
            .command
            .stdin(input)
            .stdout(share(&stdout))
            .stderr(share(&stderr))
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", self.command));
        Running {
            child,
            stdout,
            stderr,
            folder: self.folder,
            peak_memory: None,
        }
    }
}

/// A run that goes on. It is killed when the value is dropped.
pub struct Running {
    child: Child,
    stdout: NamedTempFile,
    stderr: NamedTempFile,
    folder: PathBuf,
    peak_memory: Option<u64>,
}

impl Running {
    /// Sends a signal by its name without SIG.
    pub fn signal(&self, name: &str) {
        // Through kill(1): the crate forbids the unsafe code that the system call needs.
        let status = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .expect("cannot run kill");
        assert!(status.success(), "cannot send {name}");
    }

    /// Kills the program (SIGKILL). Nothing happens when it has ended.
    pub fn kill(&mut self) {
        self.child.kill().expect("cannot kill the program");
    }

    /// Waits until the program ends, or for `limit`; returns whether it has ended.
    pub fn wait_for(&mut self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        loop {
            self.peak_memory = peak_memory(self.child.id()).or(self.peak_memory);
            let ended = self.child.try_wait().expect("cannot wait").is_some();
            let left = end.saturating_duration_since(Instant::now());
            if ended || left.is_zero() {
                return ended;
            }
            thread::sleep(left.min(Duration::from_millis(2)));
        }
    }

    /// Returns what the program has written to stderr so far.
    pub fn stderr_so_far(&self) -> String {
        lossy(&read_all(&self.stderr))
    }

    /// Waits for the program's end and returns what it left.
    pub fn finish(mut self) -> Output {
        if !self.wait_for(LIMIT) {
            self.kill();
            let stderr = self.stderr_so_far();
            panic!("the program did not end within {LIMIT:?}; stderr:\n{stderr}");
        }
        let stdout_bytes = read_all(&self.stdout);
        Output {
            stdout: lossy(&stdout_bytes),
            stdout_bytes,
            stderr: self.stderr_so_far(),
            status: self.child.wait().expect("cannot wait"),
            folder: self.folder.clone(),
            peak_memory: self.peak_memory,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a run left.
#[derive(Debug, Clone)]
pub struct Output {
    pub stdout: String,
    pub stdout_bytes: Vec<u8>,
    pub stderr: String,
    pub status: ExitStatus,
    /// The most memory that was resident at once, in bytes; `None` where the system does not tell.
    pub peak_memory: Option<u64>,
    folder: PathBuf,
}

impl Output {
    /// Returns the exit code; `None` when a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Returns stdout read as one JSON value.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is no JSON: {error}\n{}", self.snapshot()))
    }

    /// Returns stdout read as one JSON value a line.
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        let lines = self.stdout.lines().map(serde_json::from_str);
        lines
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("stdout is no JSON lines: {error}\n{}", self.snapshot()))
    }

    /// Returns stdout, stderr and status as one text that is equal from run to run, for `insta`.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            output: self,
            hides_digests: false,
        }
    }
}

/// An output as a snapshot test compares it.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    output: &'a Output,
    hides_digests: bool,
}

impl Snapshot<'_> {
    /// Replaces digests as well: the head of a chain of events covers ids and times.
    #[must_use]
    pub fn without_digests(mut self) -> Self {
        self.hides_digests = true;
        self
    }

    fn written(&self, text: &str) -> String {
        let text = normalized(text, &self.output.folder);
        if self.hides_digests {
            without_digests(&text)
        } else {
            text
        }
    }
}

impl fmt::Display for Snapshot<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let output = self.output;
        for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !text.is_empty() {
                let end = if text.ends_with('\n') {
                    ""
                } else {
                    "[no newline]\n"
                };
                write!(formatter, "-- {name}\n{}{end}", self.written(text))?;
            }
        }
        match output.code() {
            Some(code) => write!(formatter, "-- exit {code}"),
            None => write!(formatter, "-- {}", output.status),
        }
    }
}

/// Asks the kernel for the peak so far (proc(5), `VmHWM`); a process that has ended has none any more.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn temporary_file() -> NamedTempFile {
    NamedTempFile::new().expect("cannot make a temporary file")
}

/// Opens the file a second time: a duplicated handle would share its position with the program.
fn share(file: &NamedTempFile) -> Stdio {
    file.reopen().expect("cannot open a temporary file").into()
}

fn read_all(file: &NamedTempFile) -> Vec<u8> {
    std::fs::read(file.path()).expect("cannot read the output")
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of the shell in the program's place.
    fn shell(toolkit: &Toolkit, script: &str) -> Invocation {
        Invocation::new("/bin/sh", toolkit).arguments(["-c", script])
    }

    #[test]
    fn the_three_are_printed_together() {
        let toolkit = Toolkit::new();
        let script = "echo in 12 ms; pwd; cat; printf end >&2; exit 3";
        let output = shell(&toolkit, script).input("tide\n").run();
        assert_eq!(output.code(), Some(3));
        insta::assert_snapshot!(output.snapshot(), @r"
        -- stdout
        in [DURATION]
        [FOLDER]
        tide
        -- stderr
        end[no newline]
        -- exit 3
        ");
    }

    #[test]
    fn nothing_is_inherited() {
        let toolkit = Toolkit::new();
        let output = shell(&toolkit, "env").environment("TIDE", "low").run();
        let names: Vec<_> = output
            .stdout
            .lines()
            .filter_map(|line| line.split('=').next())
            // The shell's own.
            .filter(|name| !["PWD", "OLDPWD", "SHLVL", "_", "PATH"].contains(name))
            .collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(
            sorted,
            ["COLUMNS", "HOME", "LC_ALL", "NO_COLOR", "TIDE", "TZ"]
        );
        assert!(
            output
                .stdout
                .contains(&toolkit.home().display().to_string())
        );
    }

    #[test]
    fn a_run_is_killed_and_what_it_wrote_is_kept() {
        let toolkit = Toolkit::new();
        let start = Instant::now();
        let output = shell(&toolkit, "echo begun; exec sleep 60").kill_after(200);
        assert!(start.elapsed() < Duration::from_secs(30));
        assert_eq!((output.code(), output.stdout.as_str()), (None, "begun\n"));

        let output = shell(&toolkit, "echo done").kill_after(60_000);
        assert_eq!((output.code(), output.stdout.as_str()), (Some(0), "done\n"));
    }

    #[test]
    fn a_run_is_asked_to_stop_by_a_signal() {
        let toolkit = Toolkit::new();
        // Not INT: a shell cannot trap what was ignored when it began, as it is below a background job.
        let script =
            "trap 'echo stopped; exit 7' TERM; echo ready >&2; while :; do sleep 0.01; done";
        let running = shell(&toolkit, script).start();
        let begin = Instant::now();
        while running.stderr_so_far().is_empty() && begin.elapsed() < LIMIT {
            thread::sleep(Duration::from_millis(2));
        }
        running.signal("TERM");
        let output = running.finish();
        assert_eq!(
            (output.code(), output.stdout.as_str()),
            (Some(7), "stopped\n")
        );
    }

    #[test]
    fn bytes_are_kept_and_digests_hidden_on_request() {
        let toolkit = Toolkit::new();
        let output = shell(&toolkit, r"printf '\377'; printf %064d 7 >&2").run();
        assert_eq!(output.stdout_bytes, [0xff]);
        let shown = output.snapshot().to_string();
        assert!(
            shown.contains("\u{fffd}[no newline]") && shown.contains("0007"),
            "{shown}"
        );
        let shown = output.snapshot().without_digests().to_string();
        assert!(
            shown.contains("[DIGEST]") && !shown.contains("0007"),
            "{shown}"
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_peak_of_memory_is_noted() {
        let toolkit = Toolkit::new();
        let peak = |script| shell(&toolkit, script).run().peak_memory.unwrap();
        let small = peak("sleep 0.05");
        // A variable of ten million bytes; the pause is for who reads the peak.
        let large = peak("x=$(head -c 10000000 /dev/zero | tr '\\0' a); sleep 0.05");
        assert!(small < 10_000_000 && large > 10_000_000, "{small} {large}");
    }

    #[test]
    fn json_is_read_from_stdout() {
        let toolkit = Toolkit::new();
        let output = shell(&toolkit, r#"echo '{"tide": 1}'; echo '[2]' "#).run();
        assert_eq!(
            output.json_lines(),
            [serde_json::json!({"tide": 1}), serde_json::json!([2])]
        );
        let output = shell(&toolkit, r#"echo '{"tide": 1}'"#).run();
        assert_eq!(output.json()["tide"], 1);
    }

    #[test]
    fn the_program_itself_runs() {
        let output = Toolkit::new().run(["--version"]);
        assert_eq!(output.code(), Some(0), "{}", output.snapshot());
        Toolkit::new().succeed(["--version"]);
    }
}
