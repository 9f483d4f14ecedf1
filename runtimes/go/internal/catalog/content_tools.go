package catalog

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const schemaOf2020 = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "$defs": {
    "address": {
      "$anchor": "addressDef",
      "type": "object",
      "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
    }
  },
  "properties": {
    "name": { "type": "string" },
    "address": { "$ref": "#/$defs/address" },
    "contactMethod": { "type": "string", "enum": ["phone", "email"] },
    "phone": { "type": "string" },
    "email": { "type": "string" }
  },
  "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
  "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
  "then": { "required": ["phone"] },
  "else": { "required": ["email"] },
  "additionalProperties": false
}`

// contentTools are the tools of the official scenarios that return each kind of content.
func contentTools() []Tool {
	return []Tool{
		fixedTool("test_simple_text", "Returns one text block",
			&mcp.TextContent{Text: "This is a simple text response for testing."}),
		fixedTool("test_image_content", "Returns one PNG image", image()),
		fixedTool("test_audio_content", "Returns one WAV file",
			&mcp.AudioContent{Data: silence, MIMEType: "audio/wav"}),
		fixedTool("test_embedded_resource", "Returns one embedded resource",
			embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
		fixedTool("test_multiple_content_types", "Returns a text, an image and an embedded resource",
			&mcp.TextContent{Text: "Multiple content types test:"},
			image(),
			embedded("test://mixed-content-resource", "application/json", `{"test":"data","value":123}`)),
		{
			Tool: mcp.Tool{Name: "test_error_handling", Description: "Always fails", InputSchema: noArguments},
			Call: func(context.Context, Call, json.RawMessage) (*mcp.CallToolResult, error) {
				return nil, Failure("This tool intentionally returns an error for testing")
			},
		},
		{
			Tool: mcp.Tool{
				Name:        "json_schema_2020_12_tool",
				Description: "Takes arguments that JSON Schema 2020-12 describes",
				InputSchema: json.RawMessage(schemaOf2020),
			},
			Call: func(_ context.Context, _ Call, arguments json.RawMessage) (*mcp.CallToolResult, error) {
				var text bytes.Buffer
				if err := json.Compact(&text, arguments); err != nil {
					return nil, err
				}
				return TextResult("JSON Schema 2020-12 tool called with: " + text.String()), nil
			},
		},
	}
}
