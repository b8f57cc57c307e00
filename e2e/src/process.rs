//! Owns the child processes of the run: each writes to a log file of its own, is ended by a signal as an operator would,
//! and is killed when the run gives up.

use anyhow::{bail, ensure, Context, Result};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How often a log is read for a line that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Last lines of a log that an error shows.
const TAIL_LINES: usize = 20;

/// A running child.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program whose output goes to `<folder>/<name>.log`.
    pub fn start(name: &str, folder: &Path, command: &mut Command) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}: {:?}", command.as_std().get_program()))?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Waits for a line that contains `text` and returns it. Errors: the process ended, or it took too long.
    pub async fn wait_for_line(&mut self, text: &str, limit: Duration) -> Result<String> {
        let started = Instant::now();
        loop {
            if let Some(line) = self.log_text().lines().find(|line| line.contains(text)) {
                return Ok(line.to_owned());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} before it said {text:?}:\n{}", self.name, self.tail());
            }
            ensure!(started.elapsed() < limit, "{} did not say {text:?} in {limit:?}:\n{}", self.name, self.tail());
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Fails if the process has ended by itself.
    pub fn assert_running(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}:\n{}", self.name, self.tail()),
        }
    }

    /// Waits for its end.
    pub async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let ended = tokio::time::timeout(limit, self.child.wait()).await;
        Ok(ended.with_context(|| format!("{} did not end in {limit:?}:\n{}", self.name, self.tail()))??)
    }

    /// Ends it as a machine that loses power would.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks it to end and expects success within `limit`. Returns how long it took.
    pub async fn terminate(&mut self, limit: Duration) -> Result<Duration> {
        self.assert_running()?;
        let started = Instant::now();
        let id = self.child.id().context("the process has an id")?;
        kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM)?;
        let status = self.wait(limit).await?;
        ensure!(status.success(), "{} answered SIGTERM with {status}:\n{}", self.name, self.tail());
        Ok(started.elapsed())
    }

    /// What it has written so far.
    pub fn log_text(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// The last lines it wrote.
    pub fn tail(&self) -> String {
        let text = self.log_text();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

/// Runs a program to its end and returns what it printed. Errors: it failed; the message holds its output.
pub async fn run(command: &mut Command) -> Result<String> {
    let (status, text) = outcome(command).await?;
    ensure!(status.success(), "{:?} ended with {status}:\n{text}", command.as_std());
    Ok(text)
}

/// Runs a program to its end; its status and all that it printed.
pub async fn outcome(command: &mut Command) -> Result<(ExitStatus, String)> {
    let program = command.as_std().get_program().to_owned();
    let output =
        command.stdin(Stdio::null()).output().await.with_context(|| format!("cannot start {}", program.display()))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((output.status, text))
}

/// A port of this machine that is free now.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
