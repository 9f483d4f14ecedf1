use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rmcp::{RoleServer, model::ResourceUpdatedNotificationParam, service::Peer};

/// Who is told of the change of a resource (MCP-10): the sessions that subscribed to it, by the number of the
/// subscriber.
#[derive(Default)]
pub struct Subscriptions(Mutex<HashMap<String, HashMap<u64, Peer<RoleServer>>>>);

impl Subscriptions {
    pub fn add(&self, uri: &str, subscriber: u64, peer: Peer<RoleServer>) {
        self.all()
            .entry(uri.to_owned())
            .or_default()
            .insert(subscriber, peer);
    }

    pub fn remove(&self, uri: &str, subscriber: u64) {
        let mut all = self.all();
        if let Some(subscribers) = all.get_mut(uri) {
            subscribers.remove(&subscriber);
            if subscribers.is_empty() {
                all.remove(uri);
            }
        }
    }

    /// Tells every subscriber that a resource changed.
    pub async fn updated(&self, uri: &str) {
        let peers: Vec<_> = match self.all().get(uri) {
            Some(subscribers) => subscribers.values().cloned().collect(),
            None => return,
        };
        for peer in peers {
            // A session that is ending hears of nothing any more.
            let _ = peer
                .notify_resource_updated(ResourceUpdatedNotificationParam::new(uri))
                .await;
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, HashMap<u64, Peer<RoleServer>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
