package main

import (
	"os"

	"github.com/hookgraph/hookgraph/graph"
)

// readTrusted reads the manifest of --trusted-documents.
func readTrusted(path string, only bool) (map[string]string, error) {
	if path == "" {
		if only {
			return nil, wrong("--trusted-only needs --trusted-documents: nothing could be run")
		}
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, wrong("--trusted-documents: %v", err)
	}
	defer func() { _ = f.Close() }()
	trusted, err := graph.ReadTrusted(f)
	if err != nil {
		return nil, wrong("--trusted-documents: %s %v", path, err)
	}
	return trusted, nil
}
