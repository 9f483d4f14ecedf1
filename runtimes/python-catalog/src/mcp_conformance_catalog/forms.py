"""The forms that the catalog asks the caller's user to fill in."""

from typing import Any

ASK: dict[str, Any] = {
    "type": "object",
    "properties": {"response": {"type": "string", "description": "User's response"}},
    "required": ["response"],
}

DEFAULTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "User name", "default": "John Doe"},
        "age": {"type": "integer", "description": "User age", "default": 30},
        "score": {"type": "number", "description": "User score", "default": 95.5},
        "status": {
            "type": "string",
            "description": "User status",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        "verified": {"type": "boolean", "description": "Verification status", "default": True},
    },
    "required": [],
}


def _titled(kind: str) -> list[dict[str, str]]:
    return [
        {"const": f"value{number}", "title": f"{ordinal} {kind}"}
        for number, ordinal in enumerate(("First", "Second", "Third"), start=1)
    ]


def _several(description: str, items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "description": description, "minItems": 1, "maxItems": 3, "items": items}


_OPTIONS = ["option1", "option2", "option3"]

ENUMS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "untitledSingle": {"type": "string", "description": "Select one option", "enum": _OPTIONS},
        "titledSingle": {
            "type": "string",
            "description": "Select one option with titles",
            "oneOf": _titled("Option"),
        },
        "legacyEnum": {
            "type": "string",
            "description": "Select one option (legacy)",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": _several("Select multiple options", {"type": "string", "enum": _OPTIONS}),
        "titledMulti": _several("Select multiple options with titles", {"anyOf": _titled("Choice")}),
    },
    "required": [],
}
