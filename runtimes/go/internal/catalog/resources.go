package catalog

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

const (
	dataTemplate       = templatePrefix + "{id}" + templateSuffix
	templatePrefix     = "test://template/"
	templateSuffix     = "/data"
	staticText         = "test://static-text"
	staticBinary       = "test://static-binary"
	watchedResource    = "test://watched-resource"
	textPlain          = "text/plain"
	mediaTypeOfJSON    = "application/json"
	mediaTypeOfPicture = "image/png"
)

var resources = []mcp.Resource{
	{
		URI: staticText, Name: "static-text", Title: "Static Text Resource",
		Description: "A static text resource for testing", MIMEType: textPlain,
	},
	{
		URI: staticBinary, Name: "static-binary", Title: "Static Binary Resource",
		Description: "A static binary resource (image) for testing", MIMEType: mediaTypeOfPicture,
	},
	{
		URI: watchedResource, Name: "watched-resource", Title: "Watched Resource",
		Description: "A resource to subscribe to; conformance_touch changes it", MIMEType: textPlain,
	},
}

var templates = []mcp.ResourceTemplate{{
	URITemplate: dataTemplate, Name: "template", Title: "Resource Template",
	Description: "A resource template with parameter substitution", MIMEType: mediaTypeOfJSON,
}}

func readResource(uri string) *mcp.ResourceContents {
	switch uri {
	case staticText:
		return &mcp.ResourceContents{URI: uri, MIMEType: textPlain, Text: "This is the content of the static text resource."}
	case staticBinary:
		return &mcp.ResourceContents{URI: uri, MIMEType: mediaTypeOfPicture, Blob: pixel}
	case watchedResource:
		return &mcp.ResourceContents{URI: uri, MIMEType: textPlain, Text: "Watched resource content"}
	}
	id, ok := templateID(uri)
	if !ok {
		return nil
	}
	text, err := jsonrpc.Encode(struct {
		ID           string `json:"id"`
		TemplateTest bool   `json:"templateTest"`
		Data         string `json:"data"`
	}{id, true, "Data for ID: " + id})
	if err != nil {
		return nil
	}
	return &mcp.ResourceContents{URI: uri, MIMEType: mediaTypeOfJSON, Text: string(text)}
}

// templateID returns the percent-decoded id in a URI. It reports false if the URI does not match the template.
func templateID(uri string) (string, bool) {
	rest, hasPrefix := strings.CutPrefix(uri, templatePrefix)
	encoded, hasSuffix := strings.CutSuffix(rest, templateSuffix)
	if !hasPrefix || !hasSuffix || encoded == "" || strings.ContainsAny(encoded, "/?#") {
		return "", false
	}
	id, err := url.PathUnescape(encoded)
	return id, err == nil && utf8.ValidString(id)
}
