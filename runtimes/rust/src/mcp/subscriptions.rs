//! The resources to which one session is subscribed.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use mcp_conformance_catalog::Subscriptions;
use parking_lot::Mutex;
use rmcp::{ErrorData, RoleServer, service::Peer};

use crate::{
    exchange::rpc_failure::{invalid_params, rpc_failure},
    failure::Category,
    json_rpc::code,
    limits::Limits,
    quota::Quota,
};

/// The subscriptions of all sessions.
pub struct AllSubscriptions {
    /// The subscribers of each resource, which receive its changes.
    subscribers: Arc<Subscriptions>,
    /// Counts the subscriptions of each caller (MCP-18).
    quota: Mutex<Quota>,
    max_per_session: usize,
    max_uri_bytes: usize,
}

impl AllSubscriptions {
    pub fn new(subscribers: Arc<Subscriptions>, limits: &Limits) -> Self {
        let quota = Quota::new(
            limits.max_subscriptions_in_total,
            limits.max_subscriptions_per_caller,
        );
        Self {
            subscribers,
            quota: Mutex::new(quota),
            max_per_session: limits.max_subscriptions,
            max_uri_bytes: limits.max_subscribed_uri_bytes,
        }
    }

    /// Returns the subscribers of each resource, which receive its changes.
    pub fn subscribers(&self) -> &Arc<Subscriptions> {
        &self.subscribers
    }
}

/// The subscriptions of one session. Dropping them ends them.
pub struct SessionSubscriptions {
    all: Arc<AllSubscriptions>,
    owner: Option<String>,
    /// The number that identifies this session as a subscriber.
    subscriber: u64,
    /// The URIs of the resources, or `None` once the session has ended.
    uris: Mutex<Option<HashSet<String>>>,
}

impl SessionSubscriptions {
    /// Creates the subscriptions of a session. `owner` is `None` for a caller without identity.
    pub fn new(all: Arc<AllSubscriptions>, owner: Option<&str>) -> Self {
        static SUBSCRIBERS: AtomicU64 = AtomicU64::new(0);
        Self {
            all,
            owner: owner.map(str::to_owned),
            subscriber: SUBSCRIBERS.fetch_add(1, Ordering::Relaxed),
            uris: Mutex::new(Some(HashSet::new())),
        }
    }

    /// Returns the subscribers of each resource, which receive its changes.
    pub fn subscribers(&self) -> &Arc<Subscriptions> {
        self.all.subscribers()
    }

    /// Subscribes to a resource.
    ///
    /// # Errors
    /// Fails if the URI is too long, if the session or its owner has too many subscriptions (MCP-18), or if the session
    /// has ended.
    pub fn add(&self, uri: String, peer: Peer<RoleServer>) -> Result<(), ErrorData> {
        if uri.len() > self.all.max_uri_bytes {
            return Err(invalid_params("uri: is too long for a subscription"));
        }
        let mut held = self.uris.lock();
        let uris = held.as_mut().ok_or_else(too_many)?;
        if uris.contains(&uri) {
            return Ok(());
        }
        if uris.len() >= self.all.max_per_session || !self.count_one() {
            return Err(too_many());
        }
        self.all.subscribers.add(&uri, self.subscriber, peer);
        uris.insert(uri);
        Ok(())
    }

    /// Ends the subscription to a resource, if there is one.
    pub fn remove(&self, uri: &str) {
        // Under the lock, so that this does not end a concurrent subscription to the same resource.
        let mut held = self.uris.lock();
        if held.as_mut().is_some_and(|uris| uris.remove(uri)) {
            self.end(uri);
        }
    }

    /// Ends all subscriptions, and refuses later ones.
    pub fn close(&self) {
        let mut held = self.uris.lock();
        for uri in held.take().into_iter().flatten() {
            self.end(&uri);
        }
    }

    /// Counts one subscription. Returns false if there are too many.
    fn count_one(&self) -> bool {
        let owner = self.owner.as_deref();
        let mut quota = self.all.quota.lock();
        let has_room = !quota.is_used_up() && !quota.is_used_up_by(owner);
        if has_room {
            quota.add(owner);
        }
        has_room
    }

    fn end(&self, uri: &str) {
        self.all.subscribers.remove(uri, self.subscriber);
        self.all.quota.lock().remove(self.owner.as_deref());
    }
}

impl Drop for SessionSubscriptions {
    fn drop(&mut self) {
        self.close();
    }
}

fn too_many() -> ErrorData {
    rpc_failure(
        Category::RateLimited,
        code::SERVER_ERROR,
        "too_many_subscriptions",
        "uri: the session or its caller has too many subscriptions",
    )
}
