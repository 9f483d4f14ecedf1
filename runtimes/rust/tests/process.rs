//! Tests of the process: its sockets, its `health` command and its exit codes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// Returns a command of the runtime with these variables, and no other socket paths.
fn runtime(variables: &[(&str, &Path)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-runtime"));
    for name in [
        "MCP_RUNTIME_GRPC_UDS",
        "MCP_RUST_GRPC_UDS",
        "MCP_RUNTIME_HTTP_UDS",
    ] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).stderr(Stdio::piped());
    command
}

/// Starts a runtime, and waits until it logs that it listens on this number of sockets.
fn start(variables: &[(&str, &Path)]) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = runtime(variables).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    for _ in variables {
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        assert!(line.contains(r#""message":"listening""#), "{line}");
    }
    (child, log)
}

/// Sends SIGTERM, and returns whether the exit code is 0.
fn terminate((mut child, mut log): (Child, BufReader<std::process::ChildStderr>)) -> bool {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    log.read_to_string(&mut String::new()).unwrap();
    child.wait().unwrap().success()
}

fn health(variables: &[(&str, &Path)]) -> Output {
    runtime(variables).arg("health").output().unwrap()
}

fn answer(socket_path: &Path) -> String {
    let mut socket = UnixStream::connect(socket_path).unwrap();
    socket
        .write_all(b"GET /health HTTP/1.1\r\nHost: runtime\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn http_is_served_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http");
    let variables = [("MCP_RUNTIME_HTTP_UDS", path.as_path())];
    let served = start(&variables);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(answer(&path).starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(health(&variables).status.success());
    assert!(terminate(served));
    assert!(!path.exists());
    assert_eq!(health(&variables).status.code(), Some(1));
}

#[test]
fn both_transports_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let (grpc, http) = (folder.path().join("grpc"), folder.path().join("http"));
    let variables = [
        ("MCP_RUNTIME_GRPC_UDS", grpc.as_path()),
        ("MCP_RUNTIME_HTTP_UDS", &http),
    ];
    let served = start(&variables);
    assert!(answer(&http).starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(health(&variables).status.success());
    assert!(health(&variables[..1]).status.success());
    assert!(terminate(served));
    assert!(!grpc.exists() && !http.exists());
}

#[test]
fn invalid_paths_end_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = (folder.path().join("socket"), folder.path().join("file"));
    std::fs::write(&file, "x").unwrap();
    for (variables, code) in [
        (vec![], 2),
        (
            vec![("MCP_RUNTIME_GRPC_UDS", &path), ("MCP_RUNTIME_HTTP_UDS", &path)],
            2,
        ),
        (
            vec![("MCP_RUST_GRPC_UDS", &path), ("MCP_RUNTIME_HTTP_UDS", &path)],
            2,
        ),
        (
            vec![("MCP_RUNTIME_GRPC_UDS", &path), ("MCP_RUNTIME_HTTP_UDS", &file)],
            1,
        ),
    ] {
        let variables: Vec<_> = variables
            .into_iter()
            .map(|(name, path)| (name, path.as_path()))
            .collect();
        let output = runtime(&variables).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{variables:?}: {output:?}");
        assert!(!path.exists(), "{variables:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "x");
}
