package pigeon

import (
	"bytes"
	"fmt"

	"github.com/mna/pigeon/ast"
	"github.com/mna/pigeon/builder"
	"golang.org/x/tools/imports"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// build returns the Go source of the parser. The tree goes to pigeon's builder
// as it is: positions in imap.peg would change half of the file with every rule
// that is added.
func build(g *peg.Grammar) ([]byte, error) {
	tree := ast.NewGrammar(ast.Pos{})
	tree.Init = ast.NewCodeBlock(ast.Pos{}, initializer[:len(initializer)-1])
	for _, name := range g.Entries {
		end := ast.NewNotExpr(ast.Pos{})
		end.Expr = ast.NewAnyMatcher(ast.Pos{}, ".")
		seq := ast.NewSeqExpr(ast.Pos{})
		seq.Exprs = []ast.Expression{reference(name), end}
		tree.Rules = append(tree.Rules, rule(entryName(name), seq))
	}
	for _, r := range g.Rules {
		e := expr(r.Expr)
		if r.CatchAll {
			if seq, ok := e.(*ast.SeqExpr); ok {
				seq.Exprs = append([]ast.Expression{predicate(lenient)}, seq.Exprs...)
			} else {
				seq := ast.NewSeqExpr(ast.Pos{})
				seq.Exprs = []ast.Expression{predicate(lenient), e}
				e = seq
			}
		}
		tree.Rules = append(tree.Rules, rule(peg.Identifier(r.Name), e))
	}
	var out bytes.Buffer
	if err := builder.BuildParser(&out, tree, builder.Optimize(true)); err != nil {
		return nil, err
	}
	src, err := imports.Process("parser.go", out.Bytes(), &imports.Options{
		TabWidth: 8, TabIndent: true, Comments: true, Fragment: true,
	})
	if err != nil {
		return nil, fmt.Errorf("formatting: %w", err)
	}
	return src, nil
}

func rule(name string, e ast.Expression) *ast.Rule {
	r := ast.NewRule(ast.Pos{}, ast.NewIdentifier(ast.Pos{}, name))
	r.Expr = e
	return r
}

func predicate(code string) ast.Expression {
	p := ast.NewAndCodeExpr(ast.Pos{})
	p.Code = ast.NewCodeBlock(ast.Pos{}, code)
	return p
}

func reference(name string) ast.Expression {
	r := ast.NewRuleRefExpr(ast.Pos{})
	r.Name = ast.NewIdentifier(ast.Pos{}, peg.Identifier(name))
	return r
}

func expr(e peg.Expr) ast.Expression {
	switch e := e.(type) {
	case *peg.Seq:
		if len(e.Items) == 0 {
			return ast.NewLitMatcher(ast.Pos{}, "")
		}
		seq := ast.NewSeqExpr(ast.Pos{})
		seq.Exprs = exprs(e.Items)
		return seq
	case *peg.Choice:
		c := ast.NewChoiceExpr(ast.Pos{})
		c.Alternatives = exprs(e.Alts)
		return c
	case *peg.Repeat:
		return repeat(e)
	case *peg.Literal:
		l := ast.NewLitMatcher(ast.Pos{}, runes(e.Text))
		l.IgnoreCase = e.Fold
		return l
	case *peg.Class:
		return ast.NewCharClassMatcher(ast.Pos{}, e.Set.String())
	case *peg.Ref:
		return reference(e.Name)
	case *peg.And:
		a := ast.NewAndExpr(ast.Pos{})
		a.Expr = expr(e.Expr)
		return a
	case *peg.Not:
		n := ast.NewNotExpr(ast.Pos{})
		n.Expr = expr(e.Expr)
		return n
	case *peg.Feature:
		return predicate(e.Code())
	}
	panic(fmt.Sprintf("pigeon: unknown expression %T", e))
}

func exprs(list []peg.Expr) []ast.Expression {
	var out []ast.Expression
	for _, e := range list {
		out = append(out, expr(e))
	}
	return out
}

func repeat(r *peg.Repeat) ast.Expression {
	if r.Min > 1 || r.Max > 1 || r.Max == 0 {
		return expr(peg.Unrolled(r))
	}
	item := r.Item
	if r.Until != nil {
		item = &peg.Seq{Items: []peg.Expr{&peg.Not{Expr: r.Until}, item}}
	}
	switch {
	case r.Max == 1:
		o := ast.NewZeroOrOneExpr(ast.Pos{})
		o.Expr = expr(item)
		return o
	case r.Min == 1:
		o := ast.NewOneOrMoreExpr(ast.Pos{})
		o.Expr = expr(item)
		return o
	}
	o := ast.NewZeroOrMoreExpr(ast.Pos{})
	o.Expr = expr(item)
	return o
}

// runes widens octets to runes of the same number.
func runes(text string) string {
	out := make([]rune, len(text))
	for i := range len(text) {
		out[i] = rune(text[i])
	}
	return string(out)
}
