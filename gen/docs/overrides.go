package docs

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/dragoman-mail/dragoman/gen/merge"
)

func overrides(grammar fs.FS) ([]byte, error) {
	folders, err := merge.Folders(grammar)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(generated + "# The overlays\n\n" +
		"Every exception that the grammars make to the text of the RFCs, after the `overlay.abnf` of each; README.md says what the\n" +
		"kinds mean.\n")
	for _, folder := range folders {
		list, err := merge.Exceptions(grammar, folder)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "\n## %s\n\n| kind | of | why |\n|---|---|---|\n", path.Join("grammar", folder, merge.OverlayFile))
		for _, e := range list {
			of := code(e.Rules)
			if len(e.Capabilities) > 0 {
				of = code(e.Capabilities) + ": " + of
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", e.Kind, of, strings.ReplaceAll(e.Reason, "|", "\\|"))
		}
	}
	return []byte(b.String()), nil
}
