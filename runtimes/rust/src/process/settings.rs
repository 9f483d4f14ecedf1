//! The settings, which the process reads from its environment.

use std::{path::PathBuf, time::Duration};

use mcp_conformance_catalog::{CatalogName, StateKey};
use tracing_subscriber::filter::LevelFilter;

use super::Failure;
use crate::{
    identity::AnonymousPolicy, limits::Limits, runtime::RuntimeOptions, serving::Mode, sockets::SocketPaths,
};

/// The settings of a process.
#[derive(Debug)]
pub struct Settings {
    pub sockets: SocketPaths,
    pub log_level: LevelFilter,
    pub options: RuntimeOptions,
}

/// A function that returns the value of an environment variable.
pub trait Environment: Fn(&str) -> Option<String> {}

impl<F: Fn(&str) -> Option<String>> Environment for F {}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// Returns an error if a value is invalid.
    pub fn read(environment: impl Environment) -> Result<Self, Failure> {
        Ok(Self {
            sockets: socket_paths(&environment)?,
            log_level: one_of(
                &environment,
                "MCP_RUNTIME_LOG_LEVEL",
                &[
                    ("info", LevelFilter::INFO),
                    ("debug", LevelFilter::DEBUG),
                    ("warn", LevelFilter::WARN),
                    ("error", LevelFilter::ERROR),
                    ("silent", LevelFilter::OFF),
                ],
            )?,
            options: RuntimeOptions {
                catalog: one_of(
                    &environment,
                    "MCP_RUNTIME_CATALOG",
                    &[
                        ("conformance", CatalogName::Conformance),
                        ("empty", CatalogName::Empty),
                    ],
                )?,
                anonymous: one_of(
                    &environment,
                    "MCP_RUNTIME_ANONYMOUS",
                    &[
                        ("isolate", AnonymousPolicy::Isolate),
                        ("refuse", AnonymousPolicy::Refuse),
                    ],
                )?,
                mode: one_of(
                    &environment,
                    "MCP_RUNTIME_MODE",
                    &Mode::ALL.map(|mode| (mode.name(), mode)),
                )?,
                request_state_key: state_key(&environment, "MCP_RUNTIME_REQUEST_STATE_KEY")?,
                limits: limits(&environment)?,
            },
        })
    }
}

/// Reads the path for gRPC from `MCP_RUNTIME_GRPC_UDS`, or else `MCP_RUST_GRPC_UDS` (LIFE-2), and the path for HTTP
/// from `MCP_RUNTIME_HTTP_UDS` (HTTP-1).
///
/// # Errors
/// Returns an error if no variable is set, or both paths are equal.
pub fn socket_paths(environment: &impl Environment) -> Result<SocketPaths, Failure> {
    let path = |name| value(environment, name).map(PathBuf::from);
    let grpc = path("MCP_RUNTIME_GRPC_UDS").or_else(|| path("MCP_RUST_GRPC_UDS"));
    let http = path("MCP_RUNTIME_HTTP_UDS");
    let problem = match (&grpc, &http) {
        (None, None) => {
            "MCP_RUNTIME_GRPC_UDS, MCP_RUNTIME_HTTP_UDS: at least one must be set to the path of a socket"
        }
        _ if grpc == http => "MCP_RUNTIME_HTTP_UDS: must differ from the path of the socket for gRPC",
        _ => return Ok(SocketPaths { grpc, http }),
    };
    Err(Failure::Setting(problem.to_owned()))
}

/// Returns the value of a variable. An empty variable counts as unset (LIFE-2).
fn value(environment: &impl Environment, name: &str) -> Option<String> {
    environment(name).filter(|value| !value.is_empty())
}

/// Reads a secret in hexadecimal.
fn state_key(environment: &impl Environment, name: &str) -> Result<Option<StateKey>, Failure> {
    let Some(value) = value(environment, name) else {
        return Ok(None);
    };
    let key = StateKey::from_hexadecimal(&value);
    key.map(Some)
        .ok_or_else(|| Failure::Setting(format!("{name}: must be at least 32 bytes in hexadecimal")))
}

/// Reads a variable that must have one of the named values. The first value is the default.
fn one_of<T: Copy>(environment: &impl Environment, name: &str, values: &[(&str, T)]) -> Result<T, Failure> {
    let given = value(environment, name);
    let wanted = given.as_deref().unwrap_or(values[0].0);
    let found = values.iter().find(|(possible, _)| *possible == wanted);
    found.map(|&(_, value)| value).ok_or_else(|| {
        let names: Vec<&str> = values.iter().map(|&(name, _)| name).collect();
        Failure::Setting(format!("{name}: must be one of {}", names.join(", ")))
    })
}

fn limits(environment: &impl Environment) -> Result<Limits, Failure> {
    let limits = Limits::default();
    let size = |name, default| number(environment, name).map(|given| given.unwrap_or(default));
    let time = |name, default| {
        let given = number(environment, name)?;
        Ok::<_, Failure>(given.map_or(default, |ms| Duration::from_millis(ms as u64)))
    };
    let limits = Limits {
        max_body_bytes: size("MCP_RUNTIME_MAX_BODY_BYTES", limits.max_body_bytes)?,
        max_sessions: size("MCP_RUNTIME_MAX_SESSIONS", limits.max_sessions)?,
        max_sessions_per_caller: size(
            "MCP_RUNTIME_MAX_SESSIONS_PER_CALLER",
            limits.max_sessions_per_caller,
        )?,
        session_idle: time("MCP_RUNTIME_SESSION_IDLE_MS", limits.session_idle)?,
        replay_events: size("MCP_RUNTIME_REPLAY_EVENTS", limits.replay_events)?,
        replay_bytes: size("MCP_RUNTIME_REPLAY_BYTES", limits.replay_bytes)?,
        stream_buffer_bytes: size("MCP_RUNTIME_STREAM_BUFFER_BYTES", limits.stream_buffer_bytes)?,
        keep_alive: time("MCP_RUNTIME_KEEP_ALIVE_MS", limits.keep_alive)?,
        drain: time("MCP_RUNTIME_DRAIN_MS", limits.drain)?,
        ..limits
    };
    if limits.drain < Duration::from_secs(1) {
        let message = "MCP_RUNTIME_DRAIN_MS: must be at least 1000";
        return Err(Failure::Setting(message.to_owned()));
    }
    Ok(limits)
}

fn number(environment: &impl Environment, name: &str) -> Result<Option<usize>, Failure> {
    let Some(value) = value(environment, name) else {
        return Ok(None);
    };
    let is_number = (1..=9).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| value.parse().ok()).flatten();
    number
        .filter(|&number| number > 0)
        .map(Some)
        .ok_or_else(|| Failure::Setting(format!("{name}: must be a whole number from 1 to 999999999")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let environment = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(environment).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_neutral_variable_takes_precedence_and_empty_means_unset() {
        let paths = |variables: &[(&str, &str)]| read(variables).map(|settings| settings.sockets);
        let of = |grpc: Option<&str>, http: Option<&str>| {
            Ok(SocketPaths {
                grpc: grpc.map(PathBuf::from),
                http: http.map(PathBuf::from),
            })
        };
        let (neutral, older, http) = (
            "MCP_RUNTIME_GRPC_UDS",
            "MCP_RUST_GRPC_UDS",
            "MCP_RUNTIME_HTTP_UDS",
        );
        assert_eq!(
            paths(&[(neutral, "/a"), (older, "/b"), (http, "")]),
            of(Some("/a"), None)
        );
        assert_eq!(paths(&[(neutral, ""), (older, "/b")]), of(Some("/b"), None));
        assert_eq!(paths(&[(neutral, ""), (http, "/h")]), of(None, Some("/h")));
        assert_eq!(paths(&[(older, "/b"), (http, "/h")]), of(Some("/b"), Some("/h")));
        assert_eq!(
            paths(&[(neutral, ""), (older, "")]).unwrap_err(),
            "MCP_RUNTIME_GRPC_UDS, MCP_RUNTIME_HTTP_UDS: at least one must be set to the path of a socket"
        );
        for grpc in [neutral, older] {
            assert_eq!(
                paths(&[(grpc, "/a"), (http, "/a")]).unwrap_err(),
                "MCP_RUNTIME_HTTP_UDS: must differ from the path of the socket for gRPC"
            );
        }
    }

    #[test]
    fn an_error_names_the_variable_and_the_valid_values() {
        let with = |name, value| read(&[("MCP_RUNTIME_GRPC_UDS", "/a"), (name, value)]);
        assert_eq!(
            with("MCP_RUNTIME_CATALOG", "all").unwrap_err(),
            "MCP_RUNTIME_CATALOG: must be one of conformance, empty"
        );
        for value in ["0", "-1", "1.5", "1e3", "1000000000", " 1"] {
            assert_eq!(
                with("MCP_RUNTIME_MAX_SESSIONS", value).unwrap_err(),
                "MCP_RUNTIME_MAX_SESSIONS: must be a whole number from 1 to 999999999"
            );
        }
        assert_eq!(
            with("MCP_RUNTIME_DRAIN_MS", "999").unwrap_err(),
            "MCP_RUNTIME_DRAIN_MS: must be at least 1000"
        );
        assert_eq!(
            with("MCP_RUNTIME_REQUEST_STATE_KEY", "0a").unwrap_err(),
            "MCP_RUNTIME_REQUEST_STATE_KEY: must be at least 32 bytes in hexadecimal"
        );
        let key = "0A".repeat(32);
        let variables = [
            ("MCP_RUNTIME_GRPC_UDS", "/a"),
            ("MCP_RUNTIME_REQUEST_STATE_KEY", &key),
        ];
        assert!(read(&variables).unwrap().options.request_state_key.is_some());
        let limits = with("MCP_RUNTIME_REPLAY_EVENTS", "7").unwrap().options.limits;
        assert_eq!(limits.replay_events, 7);
    }
}
