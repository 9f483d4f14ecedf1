package catalog

import (
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var prompts = []Prompt{
	{
		Prompt: mcp.Prompt{
			Name: "test_simple_prompt", Title: "Simple Test Prompt",
			Description: "A simple prompt without arguments",
		},
		Render: func(map[string]string) []*mcp.PromptMessage {
			return userMessages(&mcp.TextContent{Text: "This is a simple prompt for testing."})
		},
	},
	{
		Prompt: mcp.Prompt{
			Name: "test_prompt_with_arguments", Title: "Prompt With Arguments",
			Description: "A prompt with required arguments",
			Arguments: []*mcp.PromptArgument{
				{Name: "arg1", Description: "First test argument", Required: true},
				{Name: "arg2", Description: "Second test argument", Required: true},
			},
		},
		Render: func(arguments map[string]string) []*mcp.PromptMessage {
			text := "Prompt with arguments: arg1='" + arguments["arg1"] + "', arg2='" + arguments["arg2"] + "'"
			return userMessages(&mcp.TextContent{Text: text})
		},
	},
	{
		Prompt: mcp.Prompt{
			Name: "test_prompt_with_embedded_resource", Title: "Prompt With Embedded Resource",
			Description: "A prompt that includes an embedded resource",
			Arguments: []*mcp.PromptArgument{
				{Name: "resourceUri", Description: "URI of the resource to embed", Required: true},
			},
		},
		Render: func(arguments map[string]string) []*mcp.PromptMessage {
			return userMessages(
				embedded(arguments["resourceUri"], textPlain, "Embedded resource content for testing."),
				&mcp.TextContent{Text: "Please process the embedded resource above."},
			)
		},
	},
	{
		Prompt: mcp.Prompt{
			Name: "test_prompt_with_image", Title: "Prompt With Image",
			Description: "A prompt that includes image content",
		},
		Render: func(map[string]string) []*mcp.PromptMessage {
			return userMessages(image(), &mcp.TextContent{Text: "Please analyze the image above."})
		},
	},
	{
		Prompt: mcp.Prompt{
			Name: "test_input_required_result_prompt", Title: "Prompt With Input",
			Description: "A prompt that asks the user first",
		},
		Render: func(map[string]string) []*mcp.PromptMessage {
			return userMessages(&mcp.TextContent{Text: "The user answered the question of this prompt."})
		},
		Era: Sessionless,
		Ask: func(round Round) (*Question, error) {
			if _, answered, err := textAnswer(round, "user_context", "context"); answered || err != nil {
				return nil, err
			}
			return ask(round, mcp.InputRequestMap{"user_context": textQuestion("In which context?", "context")}, nil)
		},
	},
}

func userMessages(contents ...mcp.Content) []*mcp.PromptMessage {
	messages := make([]*mcp.PromptMessage, 0, len(contents))
	for _, content := range contents {
		messages = append(messages, &mcp.PromptMessage{Role: "user", Content: content})
	}
	return messages
}

var candidates = map[Subject][]string{
	{"ref/prompt", "test_prompt_with_arguments", "arg1"}:                {"alpha", "beta", "gamma"},
	{"ref/prompt", "test_prompt_with_arguments", "arg2"}:                {"one", "three", "two"},
	{"ref/prompt", "test_prompt_with_embedded_resource", "resourceUri"}: {staticBinary, staticText, watchedResource},
	{"ref/resource", dataTemplate, "id"}:                                {"1", "12", "123"},
}

// complete returns the candidates that begin with the value. It reports false if the subject is unknown.
func complete(subject Subject, value string) ([]string, bool) {
	all, ok := candidates[subject]
	values := []string{}
	for _, candidate := range all {
		if strings.HasPrefix(candidate, value) {
			values = append(values, candidate)
		}
	}
	return values, ok
}
