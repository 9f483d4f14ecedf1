use super::*;

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, 1], payload].concat()
}

fn field(start: &[u8], text: &[u8]) -> Vec<u8> {
    [start, &[u8::try_from(text.len()).unwrap()], text].concat()
}

/// Checks the rewritten bytes of a connection, with the input split into chunks of every size.
fn check(frames: &[Vec<u8>], expected: &[Vec<u8>]) {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let connection = |frames: &[Vec<u8>]| [&preface[..], &frames.concat()].concat();
    let (sent, expected) = (connection(frames), connection(expected));
    for size in 1..=sent.len() {
        let mut rewriter = AuthorityRewriter::default();
        let mut bytes = sent.clone();
        bytes.chunks_mut(size).for_each(|chunk| rewriter.rewrite(chunk));
        assert_eq!(bytes, expected, "in chunks of {size}");
    }
}

/// Checks the header block of a HEADERS frame.
fn check_block(block: &[Vec<u8>], expected: &[Vec<u8>]) {
    check(
        &[frame(1, 4, &block.concat())],
        &[frame(1, 4, &expected.concat())],
    );
}

#[test]
fn a_path_becomes_a_name_of_the_same_length() {
    let (sent, rewritten) = (b"%2Ftmp%2Fr.sock", b"-2Ftmp-2Fr.sock");
    let path = field(&[0x04], b"/a%2F");
    let value = field(&[0x0f, 0x90, 0x01], b"%/");
    for name in [vec![0x41], vec![0x01], vec![0x11], field(&[0x40], b":authority")] {
        check_block(
            &[vec![0x83, 0x20], path.clone(), field(&name, sent), value.clone()],
            &[
                vec![0x83, 0x20],
                path.clone(),
                field(&name, rewritten),
                value.clone(),
            ],
        );
    }
    check_block(
        &[field(&[0x41], b"unix:///tmp/a b~1")],
        &[field(&[0x41], b"unix----tmp-a-b~1")],
    );
}

#[test]
fn other_fields_and_frames_are_unchanged() {
    let unchanged = [
        frame(0, 0, &field(&[0x41], b"%2F")),
        frame(1, 4, &field(&field(&[0x40], b":authorities"), b"%2F")),
        frame(1, 4, &field(&field(&[0x40], b":authorit"), b"%2F")),
        frame(4, 0, &[]),
        frame(1, 4, &[0xff, 0x80, 0x01, 0xbe]),
        frame(1, 4, &field(&[0x41], b"localhost")),
    ];
    check(&unchanged, &unchanged);
}

#[test]
fn huffman_codes_keep_their_length() {
    let huffman = |bytes: &[u8]| [&[0x41, 0x80 | u8::try_from(bytes.len()).unwrap()], bytes].concat();
    // %2Ftmp%2Fr.sock becomes .2Ftmp.2Fr.sock
    check_block(
        &[huffman(&[
            0x54, 0x58, 0x53, 0x4d, 0x6a, 0x8b, 0x0d, 0x8b, 0xa0, 0xe4, 0xeb,
        ])],
        &[huffman(&[
            0x5c, 0x58, 0x53, 0x4d, 0x6b, 0x8b, 0x0d, 0x8b, 0xa0, 0xe4, 0xeb,
        ])],
    );
    // unir:/tmp/X~ r.sock becomes unirB3tmp3X~-r.sock
    let (sent, rewritten) = (
        [
            0xb6, 0xa3, 0x59, 0x71, 0x84, 0xd3, 0x5b, 0x1f, 0x9f, 0xfd, 0x52, 0xc5, 0xd0, 0x72, 0x75,
        ],
        [
            0xb6, 0xa3, 0x59, 0x75, 0x94, 0xd3, 0x5b, 0x3f, 0x9f, 0xfd, 0x5a, 0xc5, 0xd0, 0x72, 0x75,
        ],
    );
    check_block(&[huffman(&sent)], &[huffman(&rewritten)]);
    // The longest code is unchanged.
    check_block(&[huffman(&[0xff; 9])], &[huffman(&[0xff; 9])]);
}

#[test]
fn padding_priority_and_continuations_are_parsed() {
    let block = field(&[0x41], b"a/b");
    let rewritten = field(&[0x41], b"a-b");
    let padded = |block: &[u8]| [&[3], &[0x41, 2, b'/', 0, 0][..], block, &[0x41, 1, b'/']].concat();
    check(
        &[
            frame(1, 0x2c, &padded(&block)),
            frame(1, 0, &block[..3]),
            frame(9, 4, &block[3..]),
        ],
        &[
            frame(1, 0x2c, &padded(&rewritten)),
            frame(1, 0, &rewritten[..3]),
            frame(9, 4, &rewritten[3..]),
        ],
    );
}

#[test]
fn long_values_are_rewritten() {
    let long = |byte: u8| [&[0x41, 0x7f, 0x49][..], &[byte; 200]].concat();
    check_block(&[long(b'/'), vec![0x83]], &[long(b'-'), vec![0x83]]);
}

#[test]
fn malformed_frames_do_not_panic() {
    let endless = [&[0x41, 0x7f][..], &[0xff; 30]].concat();
    for frame in [
        frame(1, 0x2c, &[]),
        frame(1, 0x2c, &[0xff, 1, 2]),
        frame(1, 0x20, &[1]),
        frame(1, 4, &endless),
    ] {
        let mut bytes = [&[0; PREFACE_BYTES][..], &frame, &frame].concat();
        AuthorityRewriter::default().rewrite(&mut bytes);
    }
}
