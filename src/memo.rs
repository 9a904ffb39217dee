//! Answers remembered, for inputs that ask the same again and again.

use rustc_hash::FxHasher;
use std::hash::Hasher;

/// Remembers answers by key. Each key has one place: a new one takes it from
/// the one before, so memory is bounded and no choice of keys makes it slow.
pub struct Memo<V> {
    places: Vec<Option<(Key, V)>>,
}

/// Bytes of a key that lie in its place.
const NEAR: usize = 30;

/// A key; a short one lies in its place, to be found without another step.
enum Key {
    Near(u8, [u8; NEAR]),
    Far(Box<[u8]>),
}

impl Key {
    fn of(bytes: &[u8]) -> Self {
        let mut near = [0; NEAR];
        match near.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Self::Near(bytes.len() as u8, near)
            }
            None => Self::Far(bytes.into()),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Near(length, near) => &near[..usize::from(*length)],
            Self::Far(bytes) => bytes,
        }
    }
}

impl<V: Copy> Memo<V> {
    /// With 2^`bits` places.
    pub fn with_bits(bits: u32) -> Self {
        let mut places = Vec::new();
        places.resize_with(1 << bits, || None);
        Self { places }
    }

    /// What is remembered of a key, or what `find` says, which is remembered.
    pub fn get_or(&mut self, key: &[u8], find: impl FnOnce() -> V) -> V {
        let mut hasher = FxHasher::default();
        hasher.write(key);
        let place = hasher.finish() as usize & (self.places.len() - 1);
        match &self.places[place] {
            Some((known, value)) if known.bytes() == key => *value,
            _ => {
                let value = find();
                self.places[place] = Some((Key::of(key), value));
                value
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_once_while_it_remembers() {
        let mut memo = Memo::with_bits(4);
        assert_eq!(memo.get_or(b"a", || 1), 1);
        assert_eq!(memo.get_or(b"a", || 2), 1);
        for n in 0..1_000 {
            assert_eq!(memo.get_or(format!("k{n}").as_bytes(), || n), n);
            let long = format!("{n:0>40}");
            assert_eq!(memo.get_or(long.as_bytes(), || n + 1), n + 1);
            assert_eq!(memo.get_or(long.as_bytes(), || 0), n + 1);
        }
    }
}
