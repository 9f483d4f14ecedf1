"""The resources of the conformance catalog."""

import re
from urllib.parse import unquote_to_bytes

from mcp_types import BlobResourceContents, Resource, ResourceTemplate, TextResourceContents

from .call import as_json
from .content_tools import PIXEL

TEMPLATE = "test://template/{id}/data"
"""The URI template of the catalog."""

_TEMPLATE_URI = re.compile(r"test://template/((?:[^/?#%]|%[0-9A-Fa-f]{2})+)/data")

_TEXTS = {
    "test://static-text": "This is the content of the static text resource.",
    "test://watched-resource": "Watched resource content",
}

RESOURCES = [
    Resource(
        uri="test://static-text",
        name="static-text",
        title="Static Text Resource",
        description="A static text resource for testing",
        mime_type="text/plain",
    ),
    Resource(
        uri="test://static-binary",
        name="static-binary",
        title="Static Binary Resource",
        description="A static binary resource (image) for testing",
        mime_type="image/png",
    ),
    Resource(
        uri="test://watched-resource",
        name="watched-resource",
        title="Watched Resource",
        description="A resource to subscribe to; conformance_touch changes it",
        mime_type="text/plain",
    ),
]

TEMPLATES = [
    ResourceTemplate(
        uri_template=TEMPLATE,
        name="template",
        title="Resource Template",
        description="A resource template with parameter substitution",
        mime_type="application/json",
    )
]


def read(uri: str) -> TextResourceContents | BlobResourceContents | None:
    """Returns the contents of a resource, or None if the URI is unknown."""
    if uri == "test://static-binary":
        return BlobResourceContents(uri=uri, mime_type="image/png", blob=PIXEL)
    if uri in _TEXTS:
        return TextResourceContents(uri=uri, mime_type="text/plain", text=_TEXTS[uri])
    identifier = _template_id(uri)
    if identifier is None:
        return None
    data = {"id": identifier, "templateTest": True, "data": f"Data for ID: {identifier}"}
    return TextResourceContents(uri=uri, mime_type="application/json", text=as_json(data))


def _template_id(uri: str) -> str | None:
    """Returns the decoded id in a URI, or None if the URI does not match the template."""
    matched = _TEMPLATE_URI.fullmatch(uri)
    try:
        return None if matched is None else unquote_to_bytes(matched[1]).decode()
    except UnicodeDecodeError:
        return None
