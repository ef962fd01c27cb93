package merge

import (
	"io/fs"
	"path"
	"slices"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// Exception is one entry of an overlay.
type Exception struct {
	Kind         string
	Capabilities []string // of a gate
	Rules        []string // those that it is about
	Reason       string
}

// Exceptions lists the entries of the overlay of a folder below grammar/, in the order of the file.
func Exceptions(grammar fs.FS, folder string) ([]Exception, error) {
	sub, err := fs.Sub(grammar, path.Clean(folder))
	if err != nil {
		return nil, err
	}
	entries, err := readOverlay(sub)
	if err != nil {
		return nil, err
	}
	var list []Exception
	for _, e := range entries {
		x := Exception{Kind: e.kind, Reason: e.reason}
		if e.kind == "gate" {
			x.Capabilities = e.names
		} else {
			x.Rules = slices.Clone(e.names)
		}
		for _, r := range e.rules {
			if key := abnf.Key(r.Name); !slices.Contains(x.Rules, key) {
				x.Rules = append(x.Rules, key)
			}
		}
		list = append(list, x)
	}
	return list, nil
}
