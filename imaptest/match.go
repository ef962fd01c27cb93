package imaptest

import "strings"

// matcher holds replies against patterns.
type matcher struct {
	vars *variables
	seqs *sequences
}

// match tells whether the arguments of a reply are what the patterns expect. With prefix, more may follow. What variables have
// met is forgotten when it does not match.
func (m matcher) match(want []pattern, got []arg, prefix bool) bool {
	mark := m.vars.mark()
	if m.args(want, got, prefix) {
		return true
	}
	m.vars.rollback(mark)
	return false
}

// likeness is how many arguments are as expected, for the choice of what to show.
func (m matcher) likeness(want []pattern, got []arg) int {
	mark, n := m.vars.mark(), 0
	for i := range min(len(want), len(got)) {
		if m.arg(want[i], got[i], false) {
			n++
		}
		m.vars.rollback(mark)
	}
	return n
}

// args compares in order.
func (m matcher) args(want []pattern, got []arg, prefix bool) bool {
	for i, p := range want {
		if p.toCode {
			got = afterCode(got)
			continue
		}
		if len(got) == 0 || !m.arg(p, got[0], prefix && i == len(want)-1) {
			return false
		}
		got = got[1:]
	}
	return prefix || len(got) == 0
}

// afterCode leaves out what is up to the end of the response code.
func afterCode(got []arg) []arg {
	for i, a := range got {
		if a.kind == kindAtom && strings.HasSuffix(a.text, "]") {
			return got[i+1:]
		}
	}
	return nil
}

func (m matcher) arg(p pattern, got arg, prefix bool) bool {
	switch {
	case p.kind != kindList && p.text.any():
		return true
	case p.kind == kindNil || got.kind == kindNil || p.kind == kindList || got.kind == kindList:
		return p.kind == got.kind && (p.kind == kindNil || m.list(p, got.list))
	}
	return m.text(p.text, got.text, prefix)
}

// text compares a text with a template, from left to right: a variable without a value takes what is before the text that
// follows it.
func (m matcher) text(want template, got string, prefix bool) bool {
	for i, p := range want {
		if value, exact, known := m.value(p); known {
			if exact && !strings.HasPrefix(got, value) || !hasPrefixFold(got, value) {
				return false
			}
			got = got[len(value):]
			continue
		}
		end := m.extent(want[i+1:], got, prefix)
		if end < 0 || !m.vars.meet(p.text, got[:end]) {
			return false
		}
		got = got[end:]
	}
	return prefix || got == ""
}

// value is what a piece stands for already.
func (m matcher) value(p piece) (value string, exact, known bool) {
	switch p.kind {
	case pieceText:
		return p.text, false, true
	case pieceExact:
		return p.text, true, true
	case pieceSequence:
		return m.seqs.now(p.seq), true, true
	}
	value, known = m.vars.get(p.text)
	return value, true, known
}

// extent is how much of the text a variable takes that is followed by the pieces, or -1.
func (m matcher) extent(next template, got string, prefix bool) int {
	if len(next) == 0 {
		return len(got)
	}
	value, exact, known := m.value(next[0])
	switch {
	case !known:
		return 0
	case len(next) == 1 && !prefix:
		return len(got) - len(value) // at the end; the comparison follows
	case exact:
		return strings.Index(got, value)
	}
	for i := 0; i+len(value) <= len(got); i++ {
		if hasPrefixFold(got[i:], value) {
			return i
		}
	}
	return -1
}

func (m matcher) list(p pattern, got []arg) bool {
	switch {
	case p.banned(got):
		return false
	case p.rules.unordered:
		return m.unordered(p, got)
	case p.rules.extra:
		return m.among(p.list, got)
	}
	return m.args(p.list, got, false)
}

// among finds the patterns in their order, with others between.
func (m matcher) among(want []pattern, got []arg) bool {
	for _, a := range got {
		if len(want) == 0 {
			break
		}
		mark := m.vars.mark()
		if m.arg(want[0], a, false) {
			want = want[1:]
		} else {
			m.vars.rollback(mark)
		}
	}
	return len(want) == 0
}

func (p pattern) banned(got []arg) bool {
	for i := 0; i < len(got); i += p.rules.chain {
		if containsFold(p.rules.ban, got[i]) {
			return true
		}
	}
	return false
}

func containsFold(names []string, a arg) bool {
	for _, name := range names {
		if a.kind != kindList && equalFold(name, a.text) {
			return true
		}
	}
	return false
}

// unordered finds each chain of the pattern somewhere.
func (m matcher) unordered(p pattern, got []arg) bool {
	n := p.rules.chain
	if len(got)%n != 0 {
		return false
	}
	found := make([]bool, len(got))
	for i := 0; i < len(p.list); i += n {
		at := m.find(p.list[i:i+n], got)
		if at < 0 {
			return false
		}
		found[at] = true
	}
	if p.rules.extra {
		return true
	}
	for i := 0; i < len(got); i += n {
		if !found[i] && !containsFold(p.rules.ignore, got[i]) && !m.expected(p.list, got[i:i+n], n) {
			return false
		}
	}
	return true
}

// find is the place of a chain, or -1.
func (m matcher) find(chain []pattern, got []arg) int {
	for i := 0; i < len(got); i += len(chain) {
		if m.match(chain, got[i:i+len(chain)], false) {
			return i
		}
	}
	return -1
}

// expected tells whether a chain of the reply is one that is expected: a server that says something twice says nothing more.
func (m matcher) expected(want []pattern, got []arg, n int) bool {
	for i := 0; i < len(want); i += n {
		mark := m.vars.mark()
		ok := m.match(want[i:i+n], got, false)
		m.vars.rollback(mark)
		if ok {
			return true
		}
	}
	return false
}
