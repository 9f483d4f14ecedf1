//! The log of the process: JSON lines on stderr, without credentials or bodies.

use std::any::Any;

use tracing_subscriber::{
    Layer, filter::LevelFilter, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Starts the log. It excludes log lines of libraries, because some libraries log complete messages.
pub fn start(level: LevelFilter) {
    let ours = Targets::new()
        .with_target(env!("CARGO_CRATE_NAME"), level)
        .with_default(LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_filter(ours);
    // Tests may start a second log in the same process.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    std::panic::set_hook(Box::new(|panic| {
        // Without the value of the panic, which may contain data of a caller.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            "type" = type_of(panic.payload()),
            place,
            "a call failed unexpectedly"
        );
    }));
}

/// Returns the type of the value of a panic.
fn type_of(value: &(dyn Any + Send)) -> &'static str {
    match value {
        _ if value.is::<&str>() => "&str",
        _ if value.is::<String>() => "String",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        env,
        panic::{catch_unwind, panic_any},
        process::Command,
    };

    use super::*;

    #[test]
    fn a_panic_is_logged_without_its_value() {
        if env::var_os("LOG_A_PANIC").is_some() {
            start(LevelFilter::INFO);
            assert!(catch_unwind(|| panic_any("a secret".to_owned())).is_err());
            return;
        }
        // The hook and the log belong to a process.
        let this_test = [
            "--exact",
            "process::log::tests::a_panic_is_logged_without_its_value",
            "--no-capture",
        ];
        let output = Command::new(env::current_exe().unwrap())
            .args(this_test)
            .env("LOG_A_PANIC", "1")
            .output()
            .unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{log}");
        assert!(
            log.contains(r#""type":"String","place":"src/process/log.rs:"#),
            "{log}"
        );
        assert!(!log.contains("secret"), "{log}");
    }
}
