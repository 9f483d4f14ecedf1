//! Subscriptions to resources and lists, in both eras.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use rmcp::{RoleServer, model::ResourceUpdatedNotificationParam, service::Peer};

use crate::{Change, Listeners};

/// The sessions that subscribed to each resource (MCP-10), and the subscriptions without a session.
#[derive(Default)]
pub struct Subscriptions {
    /// Keyed by URI and by subscriber number.
    sessions: Mutex<HashMap<String, HashMap<u64, Peer<RoleServer>>>>,
    pub listeners: Arc<Listeners>,
}

impl Subscriptions {
    pub fn add(&self, uri: &str, subscriber: u64, peer: Peer<RoleServer>) {
        let mut all = self.sessions.lock();
        all.entry(uri.to_owned()).or_default().insert(subscriber, peer);
    }

    pub fn remove(&self, uri: &str, subscriber: u64) {
        let mut all = self.sessions.lock();
        if let Some(subscribers) = all.get_mut(uri) {
            subscribers.remove(&subscriber);
            if subscribers.is_empty() {
                all.remove(uri);
            }
        }
    }

    /// Notifies the subscribers of a resource that it has changed.
    pub async fn notify(&self, uri: &str) {
        self.listeners.announce(&Change::Resource(uri.to_owned()));
        let peers: Vec<_> = match self.sessions.lock().get(uri) {
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
