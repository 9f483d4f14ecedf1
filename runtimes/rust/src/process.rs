//! The process of a runtime: its settings, log and exit code.

mod health;
mod log;
mod settings;

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use crate::{large_bodies::STACK_BYTES, runtime::Runtime, socket::SocketUnavailable, sockets::Sockets};
use settings::Settings;

/// A failure that ends the process. Its message is one line.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A setting or command is invalid.
    #[error("{0}")]
    Setting(String),
    /// The runtime cannot listen on a socket path (LIFE-4 to -7).
    #[error(transparent)]
    Socket(#[from] SocketUnavailable),
    /// The runtime on the sockets is not healthy.
    #[error("{0}")]
    Health(String),
    /// The operating system prevents the process from starting.
    #[error("Cannot start: {}", .0.kind())]
    Start(#[from] std::io::Error),
}

impl Failure {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Setting(_) => ExitCode::from(2),
            Self::Socket(_) | Self::Health(_) | Self::Start(_) => ExitCode::FAILURE,
        }
    }
}

/// Runs a command of the process. Prints a failure as one line on stderr.
pub fn run(command: Option<&str>) -> ExitCode {
    let result = match command {
        None => serve(),
        Some("health") => check_health(),
        Some(_) => Err(Failure::Setting(
            "invalid command: use \"health\", or no command to serve".to_owned(),
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("mcp-runtime: {failure}");
            failure.exit_code()
        }
    }
}

/// Serves until SIGTERM or SIGINT (LIFE-8, LIFE-9).
fn serve() -> Result<(), Failure> {
    let Settings {
        sockets,
        log_level,
        options,
    } = Settings::read(|name| std::env::var(name).ok())?;
    log::start(log_level);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()?
        .block_on(async {
            let mut terminated = signal(SignalKind::terminate())?;
            let mut interrupted = signal(SignalKind::interrupt())?;
            let runtime = Runtime::serve(options, Sockets::claim(&sockets).await?)?;
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            runtime.stop().await;
            Ok(())
        })
}

/// Checks the health of the runtime on its sockets.
fn check_health() -> Result<(), Failure> {
    let sockets = settings::socket_paths(&|name| std::env::var(name).ok())?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(health::probe(&sockets))
        .map_err(Failure::Health)
}
