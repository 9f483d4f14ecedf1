//! Subscriptions of sessions to resources.

use std::collections::HashMap;

use parking_lot::Mutex;
use rmcp::{RoleServer, model::ResourceUpdatedNotificationParam, service::Peer};

/// The sessions that subscribed to each resource (MCP-10), keyed by subscriber number.
#[derive(Default)]
pub struct Subscriptions(Mutex<HashMap<String, HashMap<u64, Peer<RoleServer>>>>);

impl Subscriptions {
    pub fn add(&self, uri: &str, subscriber: u64, peer: Peer<RoleServer>) {
        let mut all = self.0.lock();
        all.entry(uri.to_owned()).or_default().insert(subscriber, peer);
    }

    pub fn remove(&self, uri: &str, subscriber: u64) {
        let mut all = self.0.lock();
        if let Some(subscribers) = all.get_mut(uri) {
            subscribers.remove(&subscriber);
            if subscribers.is_empty() {
                all.remove(uri);
            }
        }
    }

    /// Notifies the subscribers of a resource that it has changed.
    pub async fn notify(&self, uri: &str) {
        let peers: Vec<_> = match self.0.lock().get(uri) {
            Some(subscribers) => subscribers.values().cloned().collect(),
            None => return,
        };
        for peer in peers {
            let params = ResourceUpdatedNotificationParam::new(uri);
            // Notifying fails if the session is closing.
            let _ = peer.notify_resource_updated(params).await;
        }
    }
}
