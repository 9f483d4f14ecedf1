package catalog

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const schema2020 = `{
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

const (
	// pixelBase64 is a PNG image of one red pixel.
	pixelBase64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
	// silenceBase64 is a WAV file without samples.
	silenceBase64 = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
)

var (
	pixel   = decoded(pixelBase64)
	silence = decoded(silenceBase64)
)

func decoded(base64Text string) []byte {
	data, err := base64.StdEncoding.DecodeString(base64Text)
	if err != nil {
		panic(err)
	}
	return data
}

func image() *mcp.ImageContent { return &mcp.ImageContent{Data: pixel, MIMEType: "image/png"} }

func embedded(uri, mimeType, text string) *mcp.EmbeddedResource {
	return &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: uri, MIMEType: mimeType, Text: text}}
}

// contentTools returns the tools of the official MCP conformance scenarios that return each kind of content.
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
		newTool("test_error_handling", "Always fails", noArguments,
			func(context.Context, Call, json.RawMessage) (*mcp.CallToolResult, error) {
				return nil, Failure("This tool intentionally returns an error for testing")
			}),
		newTool("json_schema_2020_12_tool", "Validates its arguments with JSON Schema 2020-12", json.RawMessage(schema2020),
			func(_ context.Context, _ Call, arguments json.RawMessage) (*mcp.CallToolResult, error) {
				var text bytes.Buffer
				if err := json.Compact(&text, arguments); err != nil {
					return nil, err
				}
				return TextResult("JSON Schema 2020-12 tool called with: " + text.String()), nil
			}),
	}
}
