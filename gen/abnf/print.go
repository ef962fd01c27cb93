package abnf

import (
	"fmt"
	"strconv"
	"strings"
)

// String returns the file as ABNF text, a definition or comment a line.
func (f *File) String() string {
	var b strings.Builder
	for _, it := range f.Items {
		switch it := it.(type) {
		case *Comment:
			b.WriteString(";" + it.Text)
		case *Rule:
			b.WriteString(it.String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// String returns the definition on one line.
func (r *Rule) String() string {
	op := " = "
	if r.Added {
		op = " =/ "
	}
	return r.Name + op + Print(r.Expr)
}

// Print returns an expression as ABNF text. Parsing it gives the same tree.
func Print(n Node) string {
	var b strings.Builder
	print(&b, n, 0)
	return b.String()
}

// Levels of binding, from the loosest.
const (
	inAlternation = iota
	inConcatenation
	inRepetition
)

func print(b *strings.Builder, n Node, level int) {
	switch n := n.(type) {
	case *Alt:
		printList(b, n.Alts, " / ", inConcatenation, level >= inConcatenation)
	case *Concat:
		printList(b, n.Items, " ", inRepetition, level >= inRepetition)
	case *Rep:
		printRep(b, n, level)
	case *Gate:
		print(b, n.Item, level)
	case *Ref:
		b.WriteString(n.Name)
	case *Str:
		if n.Sensitive {
			b.WriteString("%s")
		}
		b.WriteString(`"` + n.Text + `"`)
	case *Num:
		printNum(b, n)
	case *Prose:
		b.WriteString("<" + n.Text + ">")
	}
}

func printList(b *strings.Builder, items []Node, sep string, level int, paren bool) {
	if paren {
		b.WriteByte('(')
	}
	for i, it := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		// An alternation or concatenation directly inside one of its own kind
		// keeps its parentheses, so that the tree comes back as it was.
		print(b, it, level)
	}
	if paren {
		b.WriteByte(')')
	}
}

func printRep(b *strings.Builder, r *Rep, level int) {
	if r.Min == 0 && r.Max == 1 {
		b.WriteByte('[')
		print(b, r.Item, inAlternation)
		b.WriteByte(']')
		return
	}
	if level > inRepetition {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch {
	case r.Min == r.Max:
		b.WriteString(strconv.Itoa(r.Min))
	default:
		if r.Min > 0 {
			b.WriteString(strconv.Itoa(r.Min))
		}
		b.WriteByte('*')
		if r.Max >= 0 {
			b.WriteString(strconv.Itoa(r.Max))
		}
	}
	print(b, r.Item, inRepetition+1)
}

func printNum(b *strings.Builder, n *Num) {
	sep := "."
	if n.Range {
		sep = "-"
	}
	for i, v := range n.Values {
		if i == 0 {
			fmt.Fprintf(b, "%%x%02X", v)
			continue
		}
		fmt.Fprintf(b, "%s%02X", sep, v)
	}
}
