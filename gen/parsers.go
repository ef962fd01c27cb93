package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
)

// notationParsers are the parsers of the notations, which pigeon makes of the
// grammars beside them. See the go:generate lines in generate.go.
var notationParsers = map[string]string{
	"gen/abnf/abnf.peg.go":       "gen/abnf/abnf.peg",
	"gen/bind/bind.peg.go":       "gen/bind/bind.peg",
	"gen/schema/notation.peg.go": "gen/schema/notation.peg",
}

// addParsers adds the parsers of the notations to the files that should be
// there.
func addParsers(root string, files map[string][]byte) error {
	for out, in := range notationParsers {
		dir, base := filepath.Split(in)
		cmd := exec.Command("go", "tool", "pigeon", base)
		cmd.Dir = filepath.Join(root, dir)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w: %s", in, err, stderr.Bytes())
		}
		files[out] = stdout.Bytes()
	}
	return nil
}
