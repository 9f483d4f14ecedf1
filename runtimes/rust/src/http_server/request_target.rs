//! Rewrites request targets that hyper does not read as the client sent them.

use bytes::{BufMut, BytesMut};

const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";

/// Appends a request line whose target hyper can read.
///
/// - hyper drops a fragment, which is invalid in a request target, so `/mcp#x` would be the endpoint. Two slashes make it
///   a path that the runtime does not serve (RPC-6).
/// - hyper refuses some visible characters. An id in the path has no effect (RPC-8), so it may contain them. They are
///   percent-encoded.
pub fn readable_target(line: &[u8], to: &mut BytesMut) {
    for &byte in line {
        match byte {
            b'#' => to.extend_from_slice(b"//"),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                let [high, low] = [byte >> 4, byte & 0xf].map(|digit| HEXADECIMAL[usize::from(digit)]);
                to.extend_from_slice(&[b'%', high, low]);
            }
            _ => to.put_u8(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str) -> String {
        let mut to = BytesMut::new();
        readable_target(line.as_bytes(), &mut to);
        String::from_utf8(to.to_vec()).unwrap()
    }

    #[test]
    fn a_fragment_makes_another_path() {
        assert_eq!(rewritten("GET /mcp# HTTP/1.1\r\n"), "GET /mcp// HTTP/1.1\r\n");
        assert_eq!(
            rewritten("GET /servers/a#b/mcp?c#d HTTP/1.1"),
            "GET /servers/a//b/mcp?c//d HTTP/1.1"
        );
    }

    #[test]
    fn hyper_reads_every_visible_character() {
        let visible: String = ('!'..='~')
            .filter(|character| !"#?".contains(*character))
            .collect();
        let target = rewritten(&format!("/servers/{visible}/mcp?{visible}"));
        let uri: http::Uri = target.parse().unwrap();
        assert_eq!(uri.path_and_query().unwrap().as_str(), target);
    }

    #[test]
    fn other_targets_are_unchanged() {
        for line in [
            "GET /servers/a%20b%zz/mcp?x=/y?z HTTP/1.1\r\n",
            "GET /mcp/\u{fc} HTTP/1.1",
        ] {
            assert_eq!(rewritten(line), line);
        }
    }
}
