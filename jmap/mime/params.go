package mime

import "strings"

// Param is one parameter as it stands in the header: RFC 2231's markers are still
// in the name and its percent-encoding still in the value.
type Param struct {
	// Name is in lower case.
	Name string
	// Value is without quotes.
	Value string
}

// Params are the parameters of a field, in order.
type Params []Param

// Get gives the value of a parameter as UTF-8: continuations joined and charsets
// decoded (RFC 2231). A plain value is given as it is.
func (ps Params) Get(name string) (string, bool) {
	if v, ok := ps.extended(name); ok {
		return v, true
	}
	return ps.plain(name)
}

// plain finds the parameter of exactly that name.
func (ps Params) plain(name string) (string, bool) {
	for _, p := range ps {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// parseParameterised reads a value of the form `token; name=value; …`, such as
// Content-Type or Content-Disposition. The first word may contain a slash if
// slashed is set. Parameters without a value are left out.
func parseParameterised(raw []byte, slashed bool) (string, Params) {
	l := newLexer(raw)
	value := l.word(slashed)
	var params Params
	for !l.atEnd() && len(params) < MaxParams {
		l.toParam()
		if p, ok := l.param(); ok {
			params = append(params, p)
		}
	}
	return value, params
}

// word reads the leading token, in which comments and white space may stand around
// the slash.
func (l *lexer) word(slashed bool) string {
	l.skipCFWS()
	if l.peek() == '"' {
		if text, ok := l.quoted(); ok {
			return strings.TrimSpace(text)
		}
	}
	word := l.token()
	if !slashed {
		return word
	}
	l.skipCFWS()
	if !l.take('/') {
		return word
	}
	l.skipCFWS()
	return word + "/" + l.token()
}

// token reads up to white space or a tspecial of RFC 2045; quotes and brackets that
// do not belong there are tolerated.
func (l *lexer) token() string { return l.until(" \t\r\n;/=(),\x00") }

// toParam moves behind the next semicolon.
func (l *lexer) toParam() {
	for !l.atEnd() {
		l.skipCFWS()
		switch {
		case l.take(';'):
			return
		case l.peek() == '"':
			if _, ok := l.quoted(); !ok {
				l.skip()
			}
		default:
			l.skip()
		}
	}
}

func (l *lexer) param() (Param, bool) {
	l.skipCFWS()
	name := lower(l.until(" \t\r\n;=(\x00"))
	l.skipCFWS()
	if !l.take('=') || name == "" {
		return Param{}, false
	}
	l.skipCFWS()
	if l.peek() == '"' {
		if text, ok := l.quoted(); ok {
			return Param{name, text}, true
		}
		l.skip()
	}
	return Param{name, l.unquotedValue(name)}, true
}

// unquotedValue reads a value without quotes. Spaces do not belong in it, but file
// names are often sent so: of them all up to the semicolon counts if no comment intervenes.
func (l *lexer) unquotedValue(name string) string {
	value := strings.Trim(l.until(";(\r\n"), " \t")
	if base, _, _ := strings.Cut(name, "*"); base != "name" && base != "filename" {
		value = value[:wordEnd(value)]
	}
	return value
}
