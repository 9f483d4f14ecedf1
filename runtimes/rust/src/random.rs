//! Random bytes for ids.

/// Returns cryptographically secure random bytes.
///
/// # Panics
/// Panics if the operating system does not provide random bytes.
pub fn random_bytes<const COUNT: usize>() -> [u8; COUNT] {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).expect("the operating system provides random bytes");
    bytes
}
