//! Checks the framing of requests.
//!
//! hyper accepts framing that other implementations read differently: `content-length` together with
//! `transfer-encoding`, repeated `content-length`, and lines that end in a bare LF (HTTP-9). Request smuggling depends
//! on such differences.

use bytes::BytesMut;

use super::request_target::readable_target;

/// Neither a request line, nor a header field, nor a chunk. It makes hyper answer 400 to the request that it reads, and
/// close the connection.
const MALFORMED: &[u8] = b"!\r\n\r\n";

/// The maximum length of the line with the size of a chunk, including its extensions.
const MAX_CHUNK_LINE_BYTES: usize = 4 * 1024;

/// Checks the bytes that a client sends on a connection. It replaces the first ambiguous line, and everything after it,
/// with `MALFORMED`.
pub struct Framing {
    max_head_bytes: usize,
    /// A line that has not arrived completely.
    line: Vec<u8>,
    /// The number of bytes of the body or chunk that pass unchecked.
    passing: u64,
    next: Line,
    head: Head,
}

/// The kind of the next line.
#[derive(Clone, Copy, PartialEq)]
enum Line {
    Request,
    Field,
    Chunk,
    ChunkEnd,
    Trailer,
    /// The framing was ambiguous, so nothing passes any more.
    Nothing,
}

/// The framing of a request.
#[derive(Default)]
struct Head {
    length: Option<u64>,
    is_chunked: bool,
    is_http_10: bool,
}

/// The framing is ambiguous.
#[derive(Debug)]
struct Ambiguous;

impl Framing {
    pub fn new(max_head_bytes: usize) -> Self {
        Self {
            max_head_bytes,
            line: Vec::new(),
            passing: 0,
            next: Line::Request,
            head: Head::default(),
        }
    }

    /// Checks the bytes that have arrived, and appends the bytes that the server may read to `checked`.
    pub fn check(&mut self, mut arrived: &[u8], checked: &mut BytesMut) {
        while self.next != Line::Nothing && !arrived.is_empty() {
            let taken = if self.passing > 0 {
                let taken = arrived
                    .len()
                    .min(usize::try_from(self.passing).unwrap_or(usize::MAX));
                checked.extend_from_slice(&arrived[..taken]);
                self.passing -= taken as u64;
                taken
            } else {
                let end = arrived.iter().position(|&byte| byte == b'\n');
                let taken = end.map_or(arrived.len(), |end| end + 1);
                self.line.extend_from_slice(&arrived[..taken]);
                if end.is_some() || self.line.len() > self.max_line_bytes() {
                    self.end_line(checked);
                }
                taken
            };
            arrived = &arrived[taken..];
        }
    }

    fn max_line_bytes(&self) -> usize {
        match self.next {
            Line::Chunk | Line::ChunkEnd => MAX_CHUNK_LINE_BYTES,
            _ => self.max_head_bytes,
        }
    }

    fn end_line(&mut self, checked: &mut BytesMut) {
        let line = std::mem::take(&mut self.line);
        let is_request = self.next == Line::Request;
        if let Ok(next) = self.read(&line) {
            if is_request {
                readable_target(&line, checked);
            } else {
                checked.extend_from_slice(&line);
            }
            self.next = next;
        } else {
            checked.extend_from_slice(MALFORMED);
            self.next = Line::Nothing;
        }
        self.line = line;
        self.line.clear();
    }

    /// Reads a line, which must end in CRLF and contain no other CR. Returns the kind of the next line.
    fn read(&mut self, line: &[u8]) -> Result<Line, Ambiguous> {
        let line = line.strip_suffix(b"\r\n").ok_or(Ambiguous)?;
        if line.contains(&b'\r') {
            return Err(Ambiguous);
        }
        match self.next {
            // A client may send an empty line before a request.
            Line::Request | Line::Trailer if line.is_empty() => Ok(Line::Request),
            Line::Request => {
                self.head = Head {
                    is_http_10: line.ends_with(b" HTTP/1.0"),
                    ..Head::default()
                };
                Ok(Line::Field)
            }
            Line::Field if line.is_empty() => {
                self.passing = self.head.length.unwrap_or_default();
                Ok(if self.head.is_chunked {
                    Line::Chunk
                } else {
                    Line::Request
                })
            }
            Line::Field => self.head.read_field(line).map(|()| Line::Field),
            Line::Chunk => {
                let size = line.split(|&byte| byte == b';').next().unwrap_or_default();
                self.passing = number(size.trim_ascii_end(), 16)?;
                Ok(if self.passing == 0 {
                    Line::Trailer
                } else {
                    Line::ChunkEnd
                })
            }
            Line::ChunkEnd if line.is_empty() => Ok(Line::Chunk),
            Line::Trailer => Ok(Line::Trailer),
            Line::ChunkEnd | Line::Nothing => Err(Ambiguous),
        }
    }
}

impl Head {
    fn read_field(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        let colon = line.iter().position(|&byte| byte == b':').ok_or(Ambiguous)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || name.contains(&b' ') || name.contains(&b'\t') {
            return Err(Ambiguous);
        }
        let is_first = self.length.is_none() && !self.is_chunked;
        if name.eq_ignore_ascii_case(b"content-length") {
            self.length = Some(number(value, 10).ok().filter(|_| is_first).ok_or(Ambiguous)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if !is_first || self.is_http_10 || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Ambiguous);
            }
            self.is_chunked = true;
        }
        Ok(())
    }
}

/// Reads a number without a sign.
fn number(digits: &[u8], radix: u32) -> Result<u64, Ambiguous> {
    let text = std::str::from_utf8(digits).map_err(|_| Ambiguous)?;
    // `from_str_radix` would accept a sign.
    if text.starts_with('+') {
        return Err(Ambiguous);
    }
    u64::from_str_radix(text, radix)
        .ok()
        .filter(|number| number >> 63 == 0)
        .ok_or(Ambiguous)
}

#[cfg(test)]
mod tests;
