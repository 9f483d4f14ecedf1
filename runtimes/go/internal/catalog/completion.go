package catalog

import "strings"

var candidates = map[Subject][]string{
	{"ref/prompt", "test_prompt_with_arguments", "arg1"}:                {"alpha", "beta", "gamma"},
	{"ref/prompt", "test_prompt_with_arguments", "arg2"}:                {"one", "three", "two"},
	{"ref/prompt", "test_prompt_with_embedded_resource", "resourceUri"}: {staticBinary, staticText, watchedResource},
	{"ref/resource", dataTemplate, "id"}:                                {"1", "12", "123"},
}

// complete returns the candidates that begin with the value.
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
