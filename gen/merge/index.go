package merge

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// IndexFile lists the RFCs, in the order of their precedence.
const IndexFile = "index.tsv"

const indexHeader = "rfc\tfile\ttitle\tcapabilities\tobsoletes\tgrammar\tserver"

// Support says how much of an RFC there is.
type Support string

// The states of support.
const (
	SupportYes     Support = "yes"
	SupportPartial Support = "partial"
	SupportNo      Support = "no"
)

func (s Support) valid() bool { return s == SupportYes || s == SupportPartial || s == SupportNo }

// Document is one row of the index.
type Document struct {
	RFC          int
	File         string // path under grammar/, or "" where another RFC's file has its rules
	Title        string
	Capabilities []string
	Obsoletes    []string
	Grammar      Support // whether its syntax is in the grammar
	Server       Support // whether the server does what it says
}

// ReadIndex reads index.tsv.
func ReadIndex(fsys fs.FS) ([]Document, error) {
	text, err := fs.ReadFile(fsys, IndexFile)
	if err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if lines[0] != indexHeader {
		return nil, fmt.Errorf("%s:1: the header is not %q", IndexFile, indexHeader)
	}
	var docs []Document
	seen := map[string]bool{} // an RFC may have rules in several grammars
	for i, line := range lines[1:] {
		d, err := document(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", IndexFile, i+2, err)
		}
		key := fmt.Sprint(d.RFC, " ", d.folder())
		if seen[key] {
			return nil, fmt.Errorf("%s:%d: RFC %d is listed twice", IndexFile, i+2, d.RFC)
		}
		seen[key] = true
		docs = append(docs, d)
	}
	return docs, nil
}

func document(line string) (Document, error) {
	f := strings.Split(line, "\t")
	if n := strings.Count(indexHeader, "\t") + 1; len(f) != n {
		return Document{}, fmt.Errorf("%d columns, not %d", len(f), n)
	}
	rfc, err := strconv.Atoi(f[0])
	if err != nil || rfc <= 0 {
		return Document{}, fmt.Errorf("%q is not an RFC number", f[0])
	}
	d := Document{
		RFC: rfc, File: f[1], Title: f[2],
		Capabilities: strings.Fields(f[3]), Obsoletes: strings.Fields(f[4]),
		Grammar: Support(f[5]), Server: Support(f[6]),
	}
	if d.File == "-" {
		d.File = ""
	}
	if d.Title == "" || !d.Grammar.valid() || !d.Server.valid() {
		return Document{}, fmt.Errorf("RFC %d lacks its title, or its support is not yes, partial or no", rfc)
	}
	return d, nil
}
