//! Subscriptions of callers without sessions to changes (`subscriptions/listen`).

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use rmcp::{model::SubscriptionFilter, service::SubscriptionContext};
use tokio::sync::mpsc;

/// A change that subscriptions may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Tools,
    Prompts,
    Resources,
    /// The resource with this URI has changed.
    Resource(String),
}

impl Change {
    /// Returns whether a filter asks for this change.
    pub fn is_in(&self, filter: &SubscriptionFilter) -> bool {
        match self {
            Self::Tools => filter.tools_list_changed == Some(true),
            Self::Prompts => filter.prompts_list_changed == Some(true),
            Self::Resources => filter.resources_list_changed == Some(true),
            Self::Resource(uri) => filter
                .resource_subscriptions
                .as_ref()
                .is_some_and(|uris| uris.contains(uri)),
        }
    }
}

type Deliver = dyn Fn(&Change) + Send + Sync;

struct Listener {
    filter: SubscriptionFilter,
    deliver: Arc<Deliver>,
}

/// The open subscriptions. Each gets the changes that its filter asks for, in order.
#[derive(Default)]
pub struct Listeners(Mutex<State>);

#[derive(Default)]
struct State {
    open: HashMap<u64, Listener>,
    next: u64,
}

/// An open subscription. Dropping this value ends it.
pub struct Listening {
    listeners: Arc<Listeners>,
    number: u64,
}

impl Listeners {
    /// Opens a subscription. Returns `None` if `max` subscriptions are open. `deliver` must not block.
    pub fn listen(
        self: &Arc<Self>,
        filter: SubscriptionFilter,
        max: usize,
        deliver: impl Fn(&Change) + Send + Sync + 'static,
    ) -> Option<Listening> {
        let mut state = self.0.lock();
        if state.open.len() >= max {
            return None;
        }
        let number = state.next;
        state.next += 1;
        let deliver = Arc::new(deliver);
        state.open.insert(number, Listener { filter, deliver });
        Some(Listening {
            listeners: self.clone(),
            number,
        })
    }

    /// Returns the number of open subscriptions.
    pub fn len(&self) -> usize {
        self.0.lock().open.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Delivers a change to the subscriptions that asked for it.
    pub fn announce(&self, change: &Change) {
        // The lock keeps the changes of concurrent calls in one order for all subscriptions.
        for listener in self.0.lock().open.values() {
            if change.is_in(&listener.filter) {
                (listener.deliver)(change);
            }
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.listeners.0.lock().open.remove(&self.number);
    }
}

/// Sends the changes that a subscription of the SDK asked for, until it ends.
pub async fn forward_changes(listeners: &Arc<Listeners>, context: &SubscriptionContext) {
    let (changes, mut received) = mpsc::unbounded_channel();
    let deliver = move |change: &Change| {
        // Sending fails if the subscription is closing.
        let _ = changes.send(change.clone());
    };
    let _listening = listeners.listen(context.accepted().clone(), usize::MAX, deliver);
    let sink = context.sink();
    loop {
        let change = tokio::select! {
            () = context.cancelled() => return,
            change = received.recv() => change,
        };
        let sent = match change {
            None => return,
            Some(Change::Tools) => sink.notify_tool_list_changed().await,
            Some(Change::Prompts) => sink.notify_prompt_list_changed().await,
            Some(Change::Resources) => sink.notify_resource_list_changed().await,
            Some(Change::Resource(uri)) => sink.notify_resource_updated(uri).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_gets_only_what_it_asked_for() {
        let listeners = Arc::<Listeners>::default();
        let all = [
            (
                Change::Tools,
                SubscriptionFilter::builder().tools_list_changed().build(),
            ),
            (
                Change::Prompts,
                SubscriptionFilter::builder().prompts_list_changed().build(),
            ),
            (
                Change::Resources,
                SubscriptionFilter::builder().resources_list_changed().build(),
            ),
            (
                Change::Resource("a".to_owned()),
                SubscriptionFilter::builder().resource_subscription("a").build(),
            ),
        ];
        for (wanted, filter) in &all {
            let received = Arc::<Mutex<Vec<Change>>>::default();
            let sink = received.clone();
            let deliver = move |change: &Change| sink.lock().push(change.clone());
            let listening = listeners.listen(filter.clone(), 1, deliver).unwrap();
            assert!(listeners.listen(filter.clone(), 1, |_| {}).is_none());
            for (change, _) in &all {
                listeners.announce(change);
            }
            listeners.announce(&Change::Resource("b".to_owned()));
            drop(listening);
            listeners.announce(wanted);
            assert_eq!(*received.lock(), std::slice::from_ref(wanted));
        }
        assert!(listeners.is_empty());
    }
}
