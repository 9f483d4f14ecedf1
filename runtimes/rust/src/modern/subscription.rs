//! Subscriptions to changes (`subscriptions/listen`). The SDK's own subscriptions cannot keep every id (MODERN-15), so
//! this module writes their messages itself.

use std::sync::Arc;

use mcp_conformance_catalog::{Change, Era};
use parking_lot::Mutex;
use rmcp::model::SubscriptionFilter;
use serde_json::{Map, Value, json};

use super::{
    answer::{error_answer, event, one_event, unbuffered},
    exchange::result_meta,
    service::{ModernCall, ModernService},
};
use crate::{
    exchange::rpc_failure::invalid_params,
    failure::{CallRefused, Category, RequestRefused},
    identity::{expired, expiry_of},
    json_rpc::{MessageId, RequestMessage, member, write},
    quota::Quota,
    stream::{EventSink, OpenStream},
};

/// The method that opens a subscription.
pub const LISTEN: &str = "subscriptions/listen";

const SUBSCRIPTION_KEY: &str = "io.modelcontextprotocol/subscriptionId";

/// Writes the messages of one subscription, each of which carries the id of its request.
#[derive(Clone)]
struct Messages {
    id: MessageId,
    version: &'static str,
}

impl Messages {
    fn new(id: MessageId, version: &'static str) -> Self {
        Self { id, version }
    }

    /// Returns the first message, with the part of the filter that the runtime serves.
    fn acknowledgement(&self, accepted: &SubscriptionFilter) -> String {
        let notifications = json!({ "notifications": accepted });
        self.notification("notifications/subscriptions/acknowledged", &notifications)
    }

    /// Returns the message about a change.
    fn change(&self, change: &Change) -> String {
        match change {
            Change::Tools => self.notification("notifications/tools/list_changed", &json!({})),
            Change::Prompts => self.notification("notifications/prompts/list_changed", &json!({})),
            Change::Resources => self.notification("notifications/resources/list_changed", &json!({})),
            Change::Resource(uri) => {
                self.notification("notifications/resources/updated", &json!({ "uri": uri }))
            }
        }
    }

    /// Returns the last message: the result of the request.
    fn result(&self) -> String {
        let id = self.id.token().get();
        let meta = self.meta(&result_meta(self.version));
        let result = format!(r#"{{"resultType":"complete","_meta":{meta}}}"#);
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
    }

    fn notification(&self, method: &str, params: &Value) -> String {
        let meta = self.meta(&Map::new());
        let params = with_member(&write(params), "_meta", &meta);
        format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#)
    }

    /// Returns `_meta` with the id of the request as the same token.
    fn meta(&self, others: &Map<String, Value>) -> String {
        with_member(&write(others), SUBSCRIPTION_KEY, self.id.token().get())
    }
}

/// Adds a member to an object in JSON.
fn with_member(object: &str, name: &str, value: &str) -> String {
    let members = object.strip_suffix('}').unwrap_or(object);
    let separator = if members == "{" { "" } else { "," };
    format!(r#"{members}{separator}"{name}":{value}}}"#)
}

impl ModernService {
    /// Opens a subscription, whose first message is its acknowledgement.
    pub(super) fn listen(
        &self,
        call: &ModernCall,
        request: &RequestMessage,
    ) -> Result<OpenStream, RequestRefused> {
        let Some(filter) = filter_of(request) else {
            let error = invalid_params("notifications: is not a filter");
            return Ok(one_event(&error_answer(request, &error).body));
        };
        let mut accepted = filter.supported_by(&self.modern.catalog.capabilities(Era::Modern));
        accepted.resource_subscriptions = accepted.resource_subscriptions.filter(|uris| !uris.is_empty());
        let messages = Messages::new(request.id.clone(), self.version);
        let (sink, reader) = EventSink::new(self.limits.stream_high_water_bytes);
        sink.write(&event(&messages.acknowledgement(&accepted)));
        if accepted == SubscriptionFilter::default() {
            finish(&sink, &messages);
            return Ok(unbuffered(OpenStream::new(reader)));
        }
        let max_bytes = self.limits.stream_buffer_bytes;
        let deliver = {
            let (sink, messages) = (sink.clone(), messages.clone());
            move |change: &Change| deliver(&sink, max_bytes, &messages.change(change))
        };
        let too_many = || {
            let message = "There are too many subscriptions: end some, or retry later";
            RequestRefused::new(Category::RateLimited, "too_many_subscriptions", message)
        };
        let counted = Counted::new(&self.listens, call.caller.owner()).ok_or_else(too_many)?;
        let listeners = &self.subscriptions.listeners;
        let listening = listeners.listen(accepted, self.limits.max_listens, deliver);
        let listening = listening.ok_or_else(too_many)?;
        let expiry = expiry_of(call.call.auth_context.as_ref());
        let ending = self.ending.clone();
        // Ends the subscription with its result, or without one when its reader ends.
        tokio::spawn(async move {
            let _counted = counted;
            tokio::select! {
                () = sink.closed() => return,
                () = ending.cancelled() => {}
                () = expired(expiry) => {}
            }
            drop(listening);
            finish(&sink, &messages);
        });
        Ok(unbuffered(OpenStream::new(reader)))
    }
}

/// A subscription that counts for the quota of its caller, until it is dropped.
struct Counted {
    quota: Arc<Mutex<Quota>>,
    owner: Option<String>,
}

impl Counted {
    /// Returns `None` if the caller has too many subscriptions.
    fn new(quota: &Arc<Mutex<Quota>>, owner: Option<&str>) -> Option<Self> {
        let mut counts = quota.lock();
        if counts.is_used_up_by(owner) {
            return None;
        }
        counts.add(owner);
        Some(Self {
            quota: quota.clone(),
            owner: owner.map(str::to_owned),
        })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.quota.lock().remove(self.owner.as_deref());
    }
}

fn filter_of(request: &RequestMessage) -> Option<SubscriptionFilter> {
    let filter = member(request.params.as_deref()?, "notifications")?;
    // The SDK would accept an array.
    let is_object = filter.get().starts_with('{');
    is_object
        .then(|| serde_json::from_str(filter.get()).ok())
        .flatten()
}

/// Delivers a change. A reader that is too slow loses its stream (STREAM-11).
fn deliver(sink: &EventSink, max_bytes: usize, message: &str) {
    if sink.pending_bytes() > max_bytes {
        let message = "The stream is read too slowly";
        sink.fail(CallRefused::new(Category::RateLimited, message));
    } else {
        sink.write(&event(message));
    }
}

fn finish(sink: &EventSink, messages: &Messages) {
    sink.write(&event(&messages.result()));
    sink.end();
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn messages(token: &str) -> Messages {
        let token = RawValue::from_string(token.to_owned()).unwrap();
        Messages::new(MessageId::from_token(&token).unwrap(), "1")
    }

    #[test]
    fn every_message_carries_the_id_as_the_same_token() {
        for token in ["7", "12345678901234567890", "1.0", r#""sub-\u00e9""#, r#""a\"b""#] {
            let messages = messages(token);
            let filter = SubscriptionFilter::builder().tools_list_changed().build();
            for message in [
                messages.acknowledgement(&filter),
                messages.change(&Change::Tools),
                messages.change(&Change::Resource("a\"".to_owned())),
                messages.result(),
            ] {
                let read: Value = serde_json::from_str(&message).unwrap();
                assert_eq!(read["jsonrpc"], "2.0");
                assert!(
                    message.contains(&format!(r#""{SUBSCRIPTION_KEY}":{token}"#)),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn messages_have_the_shape_of_mcp() {
        let read = |message: String| serde_json::from_str::<Value>(&message).unwrap();
        let filter = SubscriptionFilter::builder().resource_subscription("a").build();
        assert_eq!(
            read(messages("7").acknowledgement(&filter)),
            json!({
                "jsonrpc": "2.0",
                "method": "notifications/subscriptions/acknowledged",
                "params": { "notifications": { "resourceSubscriptions": ["a"] }, "_meta": { SUBSCRIPTION_KEY: 7 } }
            })
        );
        assert_eq!(
            read(messages("7").change(&Change::Resource("a".to_owned())))["params"]["uri"],
            "a"
        );
        let result = read(messages("\"a\"").result());
        assert_eq!(
            (&result["id"], &result["result"]["resultType"]),
            (&json!("a"), &json!("complete"))
        );
        assert_eq!(
            result["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["version"],
            "1"
        );
    }
}
