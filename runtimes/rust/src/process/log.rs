//! The log of the process: JSON lines on stderr. Never given credentials or bodies.

use tracing_subscriber::{
    Layer, filter::LevelFilter, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Starts the log. Libraries write to it what is an error to them, and nothing else: some log whole messages.
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
    // A second log of one process, as tests may start it, changes nothing.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a call failed unexpectedly");
    }));
}
