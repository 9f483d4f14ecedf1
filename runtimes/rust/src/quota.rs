//! The share of each caller in a limited number of sessions or subscriptions.

use std::collections::HashMap;

/// The divisor for the part of the total that no caller alone can use up. All anonymous callers count as one.
const RESERVED_SHARE: usize = 10;

/// Counts the sessions or subscriptions of each owner, so that one caller does not lock out another (SESSION-11, MCP-18,
/// MODERN-64).
pub struct Quota {
    max: usize,
    max_per_caller: usize,
    held: HashMap<Option<String>, usize>,
    total: usize,
}

impl Quota {
    pub fn new(max: usize, max_per_caller: usize) -> Self {
        Self {
            max,
            max_per_caller,
            held: HashMap::new(),
            total: 0,
        }
    }

    /// Returns whether an owner holds as much as one caller may.
    pub fn is_used_up_by(&self, owner: Option<&str>) -> bool {
        let shared = self.max - self.max / RESERVED_SHARE;
        let limit = match owner {
            None => shared,
            Some(_) => shared.min(self.max_per_caller),
        };
        self.count(owner) >= limit
    }

    /// Returns whether all owners together hold as much as they may.
    pub fn is_used_up(&self) -> bool {
        self.total >= self.max
    }

    pub fn count(&self, owner: Option<&str>) -> usize {
        self.held.get(&owner.map(str::to_owned)).copied().unwrap_or(0)
    }

    pub fn add(&mut self, owner: Option<&str>) {
        *self.held.entry(owner.map(str::to_owned)).or_default() += 1;
        self.total += 1;
    }

    pub fn remove(&mut self, owner: Option<&str>) {
        let owner = owner.map(str::to_owned);
        if let Some(count) = self.held.get_mut(&owner) {
            *count -= 1;
            self.total -= 1;
            if *count == 0 {
                self.held.remove(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_owner_is_limited() {
        let mut quota = Quota::new(10, 2);
        quota.add(Some("ann"));
        assert!(!quota.is_used_up_by(Some("ann")));
        quota.add(Some("ann"));
        assert!(quota.is_used_up_by(Some("ann")));
        assert!(!quota.is_used_up_by(Some("bob")));
        quota.remove(Some("ann"));
        assert!(!quota.is_used_up_by(Some("ann")));
    }

    #[test]
    fn anonymous_callers_leave_room() {
        let mut quota = Quota::new(20, 1);
        for _ in 0..18 {
            assert!(!quota.is_used_up_by(None));
            quota.add(None);
        }
        assert!(quota.is_used_up_by(None) && !quota.is_used_up());
        assert!(!quota.is_used_up_by(Some("ann")));
    }
}
