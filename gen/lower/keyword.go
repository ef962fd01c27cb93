package lower

import "github.com/dragoman-mail/dragoman/gen/peg"

// expandKeywords writes alternatives such as "BODY" ["STRUCTURE"] as one
// alternative for each keyword, the longer ones first, and drops alternatives
// that are there twice afterwards.
func expandKeywords(e peg.Expr) peg.Expr {
	var alts []peg.Expr
	seen := map[string]bool{}
	for _, alt := range peg.Alternatives(e) {
		for _, x := range expandKeyword(alt) {
			if text := peg.Text(x); !seen[text] {
				seen[text] = true
				alts = append(alts, x)
			}
		}
	}
	return choice(alts)
}

// expandKeyword expands one alternative:
//
//	"RFC822" [".HEADER" / ".TEXT"] SP nstring
//
// becomes
//
//	"RFC822.HEADER" SP nstring, "RFC822.TEXT" SP nstring, "RFC822" SP nstring
func expandKeyword(e peg.Expr) []peg.Expr {
	seq := items(e)
	if len(seq) < 2 {
		return []peg.Expr{e}
	}
	head, ok := seq[0].(*peg.Literal)
	opt, isOpt := seq[1].(*peg.Repeat)
	if !ok || !isOpt || opt.Min != 0 || opt.Max != 1 {
		return []peg.Expr{e}
	}
	var out []peg.Expr
	for _, tail := range peg.Alternatives(opt.Item) {
		lit, ok := tail.(*peg.Literal)
		if !ok {
			return []peg.Expr{e}
		}
		word := &peg.Literal{Text: head.Text + lit.Text, Fold: head.Fold || lit.Fold}
		out = append(out, sequence(append([]peg.Expr{word}, seq[2:]...)))
	}
	return append(out, sequence(append([]peg.Expr{head}, seq[2:]...)))
}
