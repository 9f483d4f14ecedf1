//! Completion of the arguments of the conformance catalog.

use rmcp::model::{ArgumentInfo, CompletionInfo, Reference};

use super::resources::TEMPLATE;

/// Returns at most 100 candidates that begin with the given value (MCP-11), or `None` if the argument is unknown.
pub fn complete(reference: &Reference, argument: &ArgumentInfo) -> Option<CompletionInfo> {
    let candidates = candidates(reference, &argument.name)?;
    let values = candidates
        .iter()
        .filter(|candidate| candidate.starts_with(&argument.value))
        .map(|&candidate| candidate.to_owned())
        .collect();
    CompletionInfo::with_all_values(values).ok()
}

fn candidates(reference: &Reference, argument: &str) -> Option<&'static [&'static str]> {
    let prompt = reference.as_prompt_name();
    let template = reference.as_resource_uri();
    match (prompt, template, argument) {
        (Some("test_prompt_with_arguments"), _, "arg1") => Some(&["alpha", "beta", "gamma"]),
        (Some("test_prompt_with_arguments"), _, "arg2") => Some(&["one", "three", "two"]),
        (Some("test_prompt_with_embedded_resource"), _, "resourceUri") => Some(&[
            "test://static-binary",
            "test://static-text",
            "test://watched-resource",
        ]),
        (_, Some(TEMPLATE), "id") => Some(&["1", "12", "123"]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(reference: Reference, argument: &str, value: &str) -> Option<Vec<String>> {
        complete(&reference, &ArgumentInfo::new(argument, value)).map(|found| found.values)
    }

    #[test]
    fn completes_by_prefix() {
        let prompt = || Reference::for_prompt("test_prompt_with_arguments");
        assert_eq!(values(prompt(), "arg2", "t").unwrap(), ["three", "two"]);
        assert_eq!(values(prompt(), "arg2", "").unwrap().len(), 3);
        assert!(values(prompt(), "arg2", "x").unwrap().is_empty());
        assert_eq!(values(prompt(), "arg3", ""), None);
        assert_eq!(
            values(Reference::for_resource(TEMPLATE), "id", "12").unwrap(),
            ["12", "123"]
        );
        assert_eq!(values(Reference::for_prompt(TEMPLATE), "id", ""), None);
    }
}
