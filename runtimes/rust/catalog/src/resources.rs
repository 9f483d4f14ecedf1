//! The resources of the conformance catalog.

use percent_encoding::percent_decode_str;
use rmcp::model::{Resource, ResourceContents, ResourceTemplate};
use serde::Serialize;

use super::content::PIXEL;
use crate::{
    CallScope, Question, Round, ToolFailure, contract_tools::who_am_i, json::write, questions::name_question,
};

/// The URI template of the conformance catalog.
pub const TEMPLATE: &str = "test://template/{id}/data";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateData<'a> {
    id: &'a str,
    template_test: bool,
    data: String,
}

/// Returns the resources in the order of `resources/list`.
pub fn list() -> Vec<Resource> {
    vec![
        Resource::new("test://static-text", "static-text")
            .with_title("Static Text Resource")
            .with_description("A static text resource for testing")
            .with_mime_type("text/plain"),
        Resource::new("test://static-binary", "static-binary")
            .with_title("Static Binary Resource")
            .with_description("A static binary resource (image) for testing")
            .with_mime_type("image/png"),
        Resource::new("test://watched-resource", "watched-resource")
            .with_title("Watched Resource")
            .with_description("A resource to subscribe to; conformance_touch changes it")
            .with_mime_type("text/plain"),
    ]
}

/// The contents of a resource, or the question that comes before them.
type Contents<T> = Result<T, Question>;

/// A resource that depends on the caller, so that no cache may share it. Only the revisions without sessions serve it.
pub struct CallerResource {
    pub definition: Resource,
    read: fn(&CallScope, &Round) -> Result<Contents<String>, ToolFailure>,
}

impl CallerResource {
    /// Returns the contents of the resource, or a question to the caller.
    ///
    /// # Errors
    /// Returns an error if the user declined or cancelled the question.
    pub fn read(&self, scope: &CallScope, round: &Round) -> Result<Contents<ResourceContents>, ToolFailure> {
        let definition = &self.definition;
        let media_type = definition.mime_type.as_deref().unwrap_or("text/plain");
        let contents = |found| text(&definition.uri, media_type, found);
        Ok((self.read)(scope, round)?.map(contents))
    }
}

/// Returns the resources that depend on the caller.
pub fn of_caller() -> Vec<CallerResource> {
    vec![
        CallerResource {
            definition: Resource::new("test://whoami", "whoami")
                .with_description("The call's claims and scope")
                .with_mime_type("application/json"),
            read: |scope, _| Ok(Ok(who_am_i(scope))),
        },
        CallerResource {
            definition: Resource::new("test://question", "question")
                .with_description("Asks the user's name first")
                .with_mime_type("text/plain"),
            read: |_, round| {
                Ok(match round.text("user_name", "name")? {
                    Some(name) => Ok(format!("Hello, {name}!")),
                    None => Err(Question::new([("user_name", name_question()?)])),
                })
            },
        },
    ]
}

/// Returns the resource templates.
pub fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(TEMPLATE, "template")
            .with_title("Resource Template")
            .with_description("A resource template with parameter substitution")
            .with_mime_type("application/json"),
    ]
}

/// Returns the contents of a resource, or `None` if the URI is unknown.
pub fn read(uri: &str) -> Option<ResourceContents> {
    match uri {
        "test://static-text" => Some(text(
            uri,
            "text/plain",
            "This is the content of the static text resource.".to_owned(),
        )),
        "test://static-binary" => Some(ResourceContents::BlobResourceContents {
            uri: uri.to_owned(),
            mime_type: Some("image/png".to_owned()),
            blob: PIXEL.to_owned(),
            meta: None,
        }),
        "test://watched-resource" => Some(text(uri, "text/plain", "Watched resource content".to_owned())),
        _ => {
            let id = template_id(uri)?;
            let data = TemplateData {
                id: &id,
                template_test: true,
                data: format!("Data for ID: {id}"),
            };
            Some(text(uri, "application/json", write(&data)))
        }
    }
}

fn text(uri: &str, media_type: &str, text: String) -> ResourceContents {
    ResourceContents::TextResourceContents {
        uri: uri.to_owned(),
        mime_type: Some(media_type.to_owned()),
        text,
        meta: None,
    }
}

/// Returns the decoded id in a URI, or `None` if the URI does not match the template.
fn template_id(uri: &str) -> Option<String> {
    let encoded = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
    if encoded.is_empty() || encoded.contains(['/', '?', '#']) || !is_percent_encoded(encoded) {
        return None;
    }
    let decoded = percent_decode_str(encoded).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// Returns whether every percent sign starts an encoded byte.
fn is_percent_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let bytes = rest.as_bytes();
        bytes.len() >= 2 && bytes[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_parameter_is_decoded() {
        assert_eq!(template_id("test://template/12/data").as_deref(), Some("12"));
        assert_eq!(
            template_id("test://template/a%2Fb%C3%A4/data").as_deref(),
            Some("a/bä")
        );
        for uri in [
            "test://template//data",
            "test://template/a/b/data",
            "test://template/a%2/data",
            "test://template/%ff/data",
            "test://template/a/data/",
        ] {
            assert_eq!(template_id(uri), None, "{uri}");
        }
    }

    #[test]
    fn listed_resources_can_be_read() {
        for resource in list() {
            assert!(read(&resource.uri).is_some());
        }
        assert!(read("test://no-such").is_none());
    }
}
