package catalog

import "github.com/modelcontextprotocol/go-sdk/mcp"

// callerResources are the resources of MCP 2026-07-28 that depend on the caller.
var callerResources = []CallerResource{
	{
		Resource: mcp.Resource{
			URI: "test://whoami", Name: "whoami", Description: "The call's claims and scope", MIMEType: mediaTypeOfJSON,
		},
		Read: func(scope Scope, _ Round) (string, *Question, error) {
			text, err := whoAmI(scope)
			return text, nil, err
		},
	},
	{
		Resource: mcp.Resource{
			URI: "test://question", Name: "question", Description: "Asks the user's name first", MIMEType: textPlain,
		},
		Read: func(_ Scope, round Round) (string, *Question, error) { return greetCaller(round) },
	},
}
