package schema

import (
	"bytes"
	"embed"
	"io/fs"
	"path"
	"strings"
)

// runtime is the code that does not depend on the schema: JSON reader and writer, dates, the envelope of
// requests and responses. It is written as ordinary Go and copied into the output.
//
//go:embed runtime/*.go
var runtime embed.FS

const (
	runtimeDir = "runtime"
	outDir     = "generated/jmap"
)

// copyRuntime adds the runtime files to out.
func copyRuntime(out map[string][]byte) error {
	entries, err := fs.ReadDir(runtime, runtimeDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		text, err := fs.ReadFile(runtime, path.Join(runtimeDir, e.Name()))
		if err != nil {
			return err
		}
		var b bytes.Buffer
		b.WriteString("// Code generated from gen/schema/runtime/" + e.Name() + ". DO NOT EDIT.\n\n")
		b.Write(text)
		out[path.Join(outDir, e.Name())] = b.Bytes()
	}
	return nil
}
