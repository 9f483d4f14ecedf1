//! Replaces the characters in `:authority` header fields that h2 does not accept.
//!
//! For the target `unix:/path`, gRPC clients on the C core (Python among them) send the percent-encoded path as
//! `:authority`, and some clients send the plain path. h2 parses the field as the authority of a URI and resets the
//! call. It has no option to skip the check. The runtime does not use the field, so the rewriter replaces the invalid
//! characters in the bytes of the connection. A replacement has the same length as the original, both encoded and
//! decoded. Frames and the dynamic tables of HPACK (RFC 7541) therefore keep their sizes, so the rewriter need not
//! buffer frames or track tables.
//!
//! h2 still resets a call with an empty `:authority`, which RFC 9113 forbids, or with other invalid characters, such as
//! `?`, in Huffman code.

use std::mem;

const PREFACE_BYTES: usize = 24;
const FRAME_HEAD_BYTES: usize = 9;

/// Rewrites the bytes that a client sends, starting with the connection preface.
pub struct AuthorityRewriter {
    head: [u8; FRAME_HEAD_BYTES],
    /// The number of bytes of the frame head that have arrived.
    head_bytes: usize,
    /// Whether the next byte is the length of the padding.
    is_padded: bool,
    /// The numbers of remaining bytes of the frame: before its header block, in the block, and after it.
    before: usize,
    block: usize,
    after: usize,
    fields: Fields,
}

impl Default for AuthorityRewriter {
    fn default() -> Self {
        Self {
            head: [0; FRAME_HEAD_BYTES],
            // The preface counts as a frame without a head.
            head_bytes: FRAME_HEAD_BYTES,
            is_padded: false,
            before: PREFACE_BYTES,
            block: 0,
            after: 0,
            fields: Fields::default(),
        }
    }
}

impl AuthorityRewriter {
    /// Rewrites the next bytes in place.
    pub fn rewrite(&mut self, mut bytes: &mut [u8]) {
        while let Some(&first) = bytes.first() {
            let mut taken = 1;
            if self.head_bytes < FRAME_HEAD_BYTES {
                self.head[self.head_bytes] = first;
                self.head_bytes += 1;
                if self.head_bytes == FRAME_HEAD_BYTES {
                    self.begin_frame();
                }
            } else if mem::take(&mut self.is_padded) {
                self.after = usize::from(first).min(self.block - 1);
                self.block -= 1 + self.after;
                self.before = self.before.min(self.block);
                self.block -= self.before;
            } else if self.before > 0 {
                taken = self.before.min(bytes.len());
                self.before -= taken;
            } else if self.block > 0 {
                taken = self.block.min(bytes.len());
                self.block -= taken;
                bytes[..taken].iter_mut().for_each(|byte| self.fields.step(byte));
            } else {
                taken = self.after.min(bytes.len());
                self.after -= taken;
            }
            if self.head_bytes == FRAME_HEAD_BYTES && self.before + self.block + self.after == 0 {
                self.head_bytes = 0;
            }
            bytes = &mut bytes[taken..];
        }
    }

    fn begin_frame(&mut self) {
        let [a, b, c, kind, flags, ..] = self.head;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        (self.before, self.block, self.after) = match kind {
            // HEADERS: padding and priority are optional.
            1 => {
                let priority = if flags & 0x20 == 0 { 0 } else { 5 };
                self.is_padded = flags & 0x8 != 0 && length > 0;
                if self.is_padded {
                    (priority, length, 0)
                } else {
                    (priority.min(length), length.saturating_sub(priority), 0)
                }
            }
            // CONTINUATION.
            9 => (0, length, 0),
            _ => (length, 0, 0),
        };
    }
}

/// Parses the fields of header blocks, which may be split at any byte.
#[derive(Default)]
struct Fields {
    part: Part,
    /// The number of strings in the field that have not started yet.
    strings: u8,
    is_authority: bool,
    /// The number of bytes of the name that match `:authority` so far.
    matched: usize,
    /// The number of remaining bytes of the string.
    left: usize,
    is_huffman: bool,
    code: HuffmanCode,
}

#[derive(Clone, Copy, Default)]
enum Part {
    #[default]
    Start,
    /// The remaining bytes of an index.
    Index,
    StringStart,
    /// The remaining bytes of a string length, with the position of the next bits.
    Length(u32),
    Text,
}

impl Fields {
    fn step(&mut self, byte: &mut u8) {
        self.part = match self.part {
            Part::Start => self.start(*byte),
            Part::Index if *byte & 0x80 == 0 => self.next(),
            Part::Index => Part::Index,
            Part::StringStart => {
                self.strings -= 1;
                self.is_huffman = *byte & 0x80 != 0;
                self.code = HuffmanCode::default();
                self.left = usize::from(*byte & 0x7f);
                if self.left == 0x7f {
                    Part::Length(0)
                } else {
                    self.text()
                }
            }
            Part::Length(shift) => {
                let bits = usize::from(*byte & 0x7f).checked_shl(shift);
                self.left = self.left.saturating_add(bits.unwrap_or(usize::MAX));
                if *byte & 0x80 == 0 {
                    self.text()
                } else {
                    Part::Length(shift + 7)
                }
            }
            Part::Text => {
                self.character(byte);
                self.left -= 1;
                self.text()
            }
        };
    }

    /// Reads the first byte of a field: its kind, and the index of a field or name.
    fn start(&mut self, byte: u8) -> Part {
        let (mask, is_literal) = match byte {
            0x80.. => (0x7f, false),
            0x40.. => (0x3f, true),
            0x20.. => (0x1f, false),
            _ => (0x0f, true),
        };
        let index = byte & mask;
        self.strings = match (is_literal, index) {
            (false, _) => 0,
            (true, 0) => 2,
            (true, _) => 1,
        };
        // The first entry in the static table is `:authority`.
        self.is_authority = is_literal && index == 1;
        self.matched = 0;
        if index == mask { Part::Index } else { self.next() }
    }

    fn next(&self) -> Part {
        if self.strings > 0 {
            Part::StringStart
        } else {
            Part::Start
        }
    }

    fn text(&self) -> Part {
        if self.left > 0 { Part::Text } else { self.next() }
    }

    fn character(&mut self, byte: &mut u8) {
        const NAME: &[u8] = b":authority";
        if self.strings == 1 {
            let matches = !self.is_huffman && NAME.get(self.matched) == Some(byte);
            self.matched = if matches { self.matched + 1 } else { NAME.len() + 1 };
            self.is_authority = self.matched == NAME.len();
        } else if self.is_authority && self.is_huffman {
            self.code.replace(byte);
        } else if self.is_authority && !byte.is_ascii_alphanumeric() && !b"-._~".contains(byte) {
            *byte = b'-';
        }
    }
}

/// The bits of a Huffman code that have arrived so far.
#[derive(Default)]
struct HuffmanCode {
    bits: u32,
    length: usize,
    /// The lowest code of this length.
    lowest: u32,
}

impl HuffmanCode {
    /// The number of characters for each code length. The codes are canonical, so these numbers determine where a code
    /// ends.
    const COUNTS: [u32; 31] = [
        0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4,
    ];

    /// Replaces `%` with `.`, space with `-`, `/` with `3` and `:` with `B`. The codes of each pair differ in one bit.
    /// For `/` and `:`, it is the last bit. For space and `%`, it is the fifth of six bits. No other code begins with
    /// the five bits that the codes of space and `%` share.
    fn replace(&mut self, byte: &mut u8) {
        for bit in (0..8).rev() {
            self.lowest = (self.lowest + Self::COUNTS[self.length]) << 1;
            self.length += 1;
            self.bits = self.bits << 1 | u32::from(*byte >> bit & 1);
            if let (5, 0b0_1010) | (6, 0b01_1000) | (7, 0b101_1100) = (self.length, self.bits) {
                self.bits |= 1;
                *byte |= 1 << bit;
            }
            if self.bits - self.lowest < Self::COUNTS[self.length] {
                *self = Self::default();
            }
        }
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
