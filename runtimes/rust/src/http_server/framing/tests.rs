use proptest::prelude::*;

use super::*;

const POST: &str = "POST /mcp HTTP/1.1\r\n";
const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
const HEALTH: &str = "GET /health HTTP/1.1\r\n\r\n";

/// Returns the bytes that the server reads if they arrive in pieces of this size.
fn in_pieces(sent: &[u8], size: usize) -> Vec<u8> {
    let mut framing = Framing::new(1000);
    let mut checked = BytesMut::new();
    for piece in sent.chunks(size) {
        framing.check(piece, &mut checked);
    }
    checked.to_vec()
}

fn checked(sent: &str) -> String {
    let whole = in_pieces(sent.as_bytes(), sent.len().max(1));
    assert_eq!(whole, in_pieces(sent.as_bytes(), 1), "{sent:?}");
    String::from_utf8(whole).unwrap()
}

#[test]
fn unambiguous_requests_pass() {
    for request in [
        HEALTH.to_owned(),
        format!("\r\n{HEALTH}"),
        format!("{POST}Content-Length: 2\r\n\r\n{{}}"),
        format!("{POST}content-length:\t2 \r\n\r\n\r\n"),
        format!("{POST}Content-Length: 0\r\n\r\n"),
        format!("{POST}Content-Length: 7\r\n\r\nGET / \r"),
        format!("{POST}Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
        format!(
            "{POST}{CHUNKED}\r\n2\r\n\r\n\r\n0A ; x=\"y\"\r\n0123456789\r\n000\r\nContent-Length: 9\r\n\r\n"
        ),
        "POST /mcp HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}".to_owned(),
    ] {
        let request = request + HEALTH;
        assert_eq!(checked(&request), request);
    }
}

#[test]
fn ambiguous_requests_are_cut() {
    for (passed, rest) in [
        ("Content-Length: 2\r\n", "Content-Length: 2\r\n\r\n{}"),
        (
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (CHUNKED, "Content-Length: 5\r\n\r\n0\r\n\r\n"),
        (CHUNKED, CHUNKED),
        ("Transfer-Encoding: chunked\r\n\r\n", "0x1\r\n"),
        ("Transfer-Encoding: chunked\r\n\r\n1\r\na", "b\r\n"),
        ("", " folded: 1\r\n\r\n"),
        ("A: 1\r\n", "b\r\n"),
        ("A: 1\r\n", "\tb\r\n"),
        ("A: 1\r\n", ": b\r\n"),
        ("A: 1\r\n", "Content-Length : 2\r\n"),
        ("A: 1\r\n", "B: \rContent-Length: 2\r\n"),
        ("A: 1\r\n", "B: \n\r\n"),
        ("A: 1\r\n", "\n"),
        ("\r\n", "GET /health HTTP/1.1\n\n"),
        ("\r\nPOST / HTTP/1.0\r\n", CHUNKED),
    ] {
        assert_eq!(
            checked(&format!("{POST}{passed}{rest}{HEALTH}")),
            format!("{POST}{passed}!\r\n\r\n"),
            "{passed:?} {rest:?}"
        );
    }
}

#[test]
fn invalid_lengths_are_cut() {
    let cut = |head: &str, rest: &str| {
        assert_eq!(
            checked(&format!("{head}{rest}")),
            format!("{head}!\r\n\r\n"),
            "{rest:?}"
        );
    };
    for length in [
        "",
        "+1",
        "-1",
        "0x1",
        "1,1",
        "1 1",
        "1.0",
        "9223372036854775808",
        "one",
    ] {
        cut(POST, &format!("Content-Length: {length}\r\n\r\n{{}}"));
    }
    let chunked = format!("{POST}{CHUNKED}\r\n");
    for size in ["", "+1", "-1", "0x1", " 1", "1 1", "8000000000000000", ";a", "g"] {
        cut(&chunked, &format!("{size}\r\n{{}}"));
    }
    for coding in [
        "",
        "gzip",
        "gzip, chunked",
        "chunked, chunked",
        "chunked;a=b",
        "xchunked",
        "identity",
    ] {
        cut(POST, &format!("Transfer-Encoding: {coding}\r\n\r\n"));
    }
}

#[test]
fn long_lines_are_cut() {
    let field = format!("A: {}", "a".repeat(1000));
    assert_eq!(checked(&format!("{POST}{field}")), format!("{POST}!\r\n\r\n"));
    let head = format!("{POST}{CHUNKED}\r\n");
    let extension = format!("1;{}", "a".repeat(MAX_CHUNK_LINE_BYTES));
    assert_eq!(checked(&format!("{head}{extension}")), format!("{head}!\r\n\r\n"));
}

/// Requests of typical parts, in any order.
fn requests() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        8 => prop::sample::select(&[
            POST, CHUNKED, "\r\n", "Content-Length: 3\r\n", "A: b\r\n", "abc", "3\r\nabc\r\n", "0\r\n\r\n", "\n", "\r", ":",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(0..b'"', 0..8),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    /// The pieces in which bytes arrive make no difference, and nothing is added except for the malformed line.
    #[test]
    fn the_server_reads_a_prefix(sent in requests(), size in 1..9_usize) {
        let whole = in_pieces(&sent, usize::MAX);
        prop_assert_eq!(&whole, &in_pieces(&sent, size));
        let unchanged = whole.strip_suffix(MALFORMED).unwrap_or(&whole);
        prop_assert!(sent.starts_with(unchanged));
    }
}
