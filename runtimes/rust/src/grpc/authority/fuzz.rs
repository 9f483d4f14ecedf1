//! Rewrites arbitrary frames.

use proptest::{collection::vec, prelude::*};

use super::*;

/// Frames whose length may be wrong.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let payload = vec(any::<u8>(), 0..60);
    let frame = (
        payload,
        prop_oneof![Just(1_u8), 0..10_u8],
        any::<u8>(),
        0..3_u8,
        prop_oneof![4 => Just(0_u8), 1 => 1..9_u8],
    );
    vec(frame, 0..6).prop_map(|frames| {
        frames
            .into_iter()
            .flat_map(|(payload, kind, flags, stream, more)| {
                let length = u8::try_from(payload.len()).unwrap_or(u8::MAX) + more;
                [vec![0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn frames_do_not_depend_on_the_pieces_in_which_they_arrive(frames in frames(), size in 1..20_usize) {
        let sent = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frames.as_slice()].concat();
        let mut whole = sent.clone();
        AuthorityRewriter::default().rewrite(&mut whole);
        let mut pieces = sent.clone();
        let mut rewriter = AuthorityRewriter::default();
        pieces.chunks_mut(size).for_each(|piece| rewriter.rewrite(piece));
        prop_assert_eq!(&pieces, &whole);
        prop_assert_eq!(&whole[..PREFACE_BYTES], &sent[..PREFACE_BYTES]);
    }
}
