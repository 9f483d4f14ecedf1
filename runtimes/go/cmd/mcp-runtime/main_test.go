package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestExitCodes(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		arguments []string
		socket    string
		http      string
		mode      string
		want      int
	}{
		"no socket path":               {nil, "", "", "", exitSetting},
		"an invalid setting":           {nil, filepath.Join(folder, "s"), "", "other", exitSetting},
		"a path occupied by a file":    {nil, file, "", "", exitFailed},
		"equal socket paths":           {nil, filepath.Join(folder, "s"), filepath.Join(folder, "s"), "", exitSetting},
		"an HTTP path that is a file":  {nil, filepath.Join(folder, "s"), file, "", exitFailed},
		"HTTP health, no runtime":      {[]string{"health"}, "", filepath.Join(folder, "s"), "", exitFailed},
		"health without a socket path": {[]string{"health"}, "", "", "", exitSetting},
		"health without a runtime":     {[]string{"health"}, filepath.Join(folder, "s"), "", "", exitFailed},
		"an unknown command":           {[]string{"serve"}, filepath.Join(folder, "s"), "", "", exitSetting},
		"too many arguments":           {[]string{"health", "now"}, filepath.Join(folder, "s"), "", "", exitSetting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MCP_RUNTIME_GRPC_UDS", test.socket)
			t.Setenv("MCP_RUST_GRPC_UDS", "")
			t.Setenv("MCP_RUNTIME_HTTP_UDS", test.http)
			t.Setenv("MCP_RUNTIME_MODE", test.mode)
			err := run(test.arguments)
			if err == nil || exitCode(err) != test.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
