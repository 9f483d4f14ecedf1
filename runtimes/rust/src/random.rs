//! Random bytes for ids.

/// Bytes that nobody can guess.
///
/// # Panics
/// If the operating system provides no randomness, as no id can be made then.
pub fn random_bytes<const COUNT: usize>() -> [u8; COUNT] {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}
