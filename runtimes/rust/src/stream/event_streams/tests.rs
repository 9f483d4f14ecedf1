use std::task::{Context, Poll, Waker};

use super::*;
use crate::stream::EventReader;

fn streams(limits: &Limits) -> EventStreams {
    EventStreams::new(limits)
}

fn call() -> (EventSink, EventReader) {
    EventSink::new(1024)
}

fn next(reader: &EventReader) -> Poll<Option<Result<Bytes, CallRefused>>> {
    reader.poll_take(&mut Context::from_waker(Waker::noop()), usize::MAX)
}

/// Returns the text that has arrived on a call, and whether the call has ended.
fn read(reader: &EventReader) -> (String, bool) {
    let mut text = Vec::new();
    loop {
        match next(reader) {
            Poll::Ready(Some(Ok(bytes))) => text.extend_from_slice(&bytes),
            over => return (String::from_utf8(text).unwrap(), over.is_ready()),
        }
    }
}

fn ids(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("id: "))
        .collect()
}

#[test]
fn a_reader_resumes_where_it_stopped() {
    let streams = streams(&Limits::default());
    let stream = streams.open();
    let (sink, first) = call();
    assert!(streams.attach(Position::now(stream), sink));
    streams.push(stream, "1");
    let (text, _) = read(&first);
    drop(first);
    streams.push(stream, "2");
    let position = streams.position_after(ids(&text)[0]).unwrap();
    let (sink, second) = call();
    assert!(streams.attach(position, sink));
    streams.push(stream, "3");
    streams.end(stream);
    streams.push(stream, "never");
    let (text, is_over) = read(&second);
    assert!(text.contains("data: 2\n") && text.contains("data: 3\n") && !text.contains("data: 1\n"));
    assert_eq!(ids(&text).len(), 2);
    assert!(is_over);
}

#[test]
fn one_call_reads_a_stream_at_a_time() {
    let streams = streams(&Limits::default());
    let (sink, first) = call();
    assert!(streams.attach(Position::now(EventStreams::LIVE), sink));
    assert!(!streams.attach(Position::now(EventStreams::LIVE), call().0));
    drop(first);
    assert!(streams.reader(EventStreams::LIVE).is_none());
    assert!(streams.attach(Position::now(EventStreams::LIVE), call().0));
}

#[test]
fn primed_streams_begin_with_an_id_without_data() {
    let streams = streams(&Limits::default());
    let (sink, unprimed) = call();
    streams.attach(Position::now(EventStreams::LIVE), sink);
    assert_eq!(read(&unprimed).0, "");
    drop(unprimed);
    streams.prime();
    let (sink, primed) = call();
    streams.attach(Position::now(EventStreams::LIVE), sink);
    let (text, _) = read(&primed);
    assert_eq!(ids(&text).len(), 1);
    assert!(text.ends_with("\ndata: \n\n"));
}

#[test]
fn a_suspended_stream_can_be_resumed() {
    let streams = streams(&Limits::default());
    let stream = streams.open();
    let (sink, chunks) = call();
    streams.attach(Position::now(stream), sink);
    streams.suspend(stream, 500);
    let (text, is_over) = read(&chunks);
    assert!(is_over && text.contains("\nretry: 500\ndata: \n\n"));
    streams.push(stream, "later");
    let (sink, chunks) = call();
    streams.attach(streams.position_after(ids(&text)[0]).unwrap(), sink);
    assert!(read(&chunks).0.contains("data: later\n"));
}

#[test]
fn a_slow_reader_fails() {
    let limits = Limits {
        stream_buffer_bytes: 10,
        ..Limits::default()
    };
    let streams = streams(&limits);
    let (sink, chunks) = call();
    streams.attach(Position::now(EventStreams::LIVE), sink);
    assert!(streams.push(EventStreams::LIVE, "a message").is_some());
    assert!(streams.push(EventStreams::LIVE, "one too many").is_none());
    let Poll::Ready(Some(Err(refused))) = next(&chunks) else {
        panic!("the stream did not fail");
    };
    assert_eq!(refused.category, Category::RateLimited);
}

#[test]
fn unknown_ids_are_invalid() {
    let streams = streams(&Limits::default());
    let text = String::from_utf8(streams.record([&"1".to_owned()]).to_vec()).unwrap();
    let id = ids(&text)[0];
    assert!(streams.position_after(id).is_some());
    let other = EventStreams::new(&Limits::default());
    other.record([&"1".to_owned()]);
    assert_eq!(other.position_after(id), None);
    let prefix = &streams.prefix;
    for id in [
        String::new(),
        prefix.clone(),
        format!("{prefix}-1-0"),
        format!("{prefix}-1-2"),
        format!("{prefix}-7-1"),
        format!("{prefix}-1-+1"),
        format!("{prefix}-1-1-1"),
    ] {
        assert_eq!(streams.position_after(&id), None, "{id}");
    }
}

#[test]
fn ended_streams_without_messages_are_removed() {
    let limits = Limits {
        replay_events: 2,
        ..Limits::default()
    };
    let streams = streams(&limits);
    for _ in 0..100 {
        streams.record([&"1".to_owned()]);
    }
    assert!(streams.state.lock().streams.len() <= 4);
}
