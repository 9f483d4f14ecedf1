package catalog

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

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

// TextResult returns a tool result with one text block.
func TextResult(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}

func image() *mcp.ImageContent { return &mcp.ImageContent{Data: pixel, MIMEType: "image/png"} }

func embedded(uri, mimeType, text string) *mcp.EmbeddedResource {
	return &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: uri, MIMEType: mimeType, Text: text}}
}

// noArguments is the input schema of tools without arguments.
var noArguments = json.RawMessage(`{"type":"object","properties":{},"additionalProperties":false}`)

// fixedTool is a tool that always returns the same content.
func fixedTool(name, description string, content ...mcp.Content) Tool {
	return Tool{
		Tool: mcp.Tool{Name: name, Description: description, InputSchema: noArguments},
		Call: func(context.Context, Call, json.RawMessage) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: content}, nil
		},
	}
}
