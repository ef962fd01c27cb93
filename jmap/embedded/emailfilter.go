package embedded

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// condition is a compiled filter.
type condition struct {
	cost  int
	match func(*candidate) (bool, error)
}

// What conditions cost: a look at the row, at the Thread, at the headers, at the message.
const (
	costRow = iota
	costThread
	costHeaders
	costMessage
)

// emailFilter is a compiled filter of Email/query.
type emailFilter struct {
	root condition
	// mailbox is one that all results are in, 0 if there is none; only says that this is all
	// there is to the filter.
	mailbox uint64
	only    bool
	// threads says that a result depends on other Emails of its Thread, mutable that it may
	// come and go while the Email exists.
	threads, mutable bool
	// words are looked for in bodies.
	words searchTerms
}

// filterCompiler compiles one filter.
type filterCompiler struct {
	boxes map[uint64]*mailboxRow
	out   *emailFilter
	nodes int // operators and conditions so far
	terms int // words and fields so far
}

const (
	// maxTerms bounds the work for each message that is read.
	maxTerms = 256
	// maxSearchText is how long the text of one condition may be.
	maxSearchText = 64 << 10
)

// words parses the text of a condition.
func (c *filterCompiler) words(text string) (searchTerms, error) {
	if len(text) > maxSearchText {
		return nil, methodError(jmap.MethodErrorUnsupportedFilter, "the filter looks for too long a text")
	}
	terms := parseTerms(text)
	return terms, c.term(len(terms))
}

// term counts what is looked for in texts.
func (c *filterCompiler) term(n int) error {
	if c.terms += n; c.terms > maxTerms {
		return methodError(jmap.MethodErrorUnsupportedFilter, "the filter has too many words")
	}
	return nil
}

// maxConditions bounds the work for each Email that a filter looks at.
const maxConditions = 5000

func compileFilter(f jmap.EmailFilter, boxes map[uint64]*mailboxRow, depth int) (*emailFilter, error) {
	out := new(emailFilter)
	c := &filterCompiler{boxes: boxes, out: out}
	var err error
	if out.root, err = c.compile(f, depth); err != nil {
		return nil, err
	}
	slices.Sort(out.words)
	out.words = slices.Compact(out.words)
	out.mailbox, out.only = requiredMailbox(f)
	return out, nil
}

// requiredMailbox finds a Mailbox that every result must be in.
func requiredMailbox(f jmap.EmailFilter) (n uint64, only bool) {
	switch f := f.(type) {
	case nil:
		return 0, true
	case *jmap.EmailFilterCondition:
		n, _ = parseID(prefixMailbox, f.InMailbox)
		return n, f.Has&^jmap.EmailFilterConditionPropertyInMailbox == 0
	case *jmap.EmailFilterOperator:
		if f.Operator != jmap.FilterAnd {
			return 0, false
		}
		for _, c := range f.Conditions {
			if n, only := requiredMailbox(c); n != 0 {
				return n, only && len(f.Conditions) == 1
			}
		}
	}
	return 0, false
}

func (c *filterCompiler) compile(f jmap.EmailFilter, depth int) (condition, error) {
	if c.nodes++; c.nodes > maxConditions {
		return condition{}, methodError(jmap.MethodErrorUnsupportedFilter, "the filter has too many conditions")
	}
	switch f := f.(type) {
	case *jmap.EmailFilterCondition:
		return c.condition(f)
	case *jmap.EmailFilterOperator:
		if depth == 0 {
			return condition{}, methodError(jmap.MethodErrorUnsupportedFilter, "the filter is nested too deep")
		}
		list := make([]condition, len(f.Conditions))
		for i, sub := range f.Conditions {
			var err error
			if list[i], err = c.compile(sub, depth-1); err != nil {
				return condition{}, err
			}
		}
		switch f.Operator {
		case jmap.FilterAnd:
			return allOf(list), nil
		case jmap.FilterOr:
			return not(noneOf(list)), nil
		}
		return noneOf(list), nil
	}
	return allOf(nil), nil
}

// allOf looks at what costs least first.
func allOf(list []condition) condition { return untilNot(list, true) }

// noneOf likewise.
func noneOf(list []condition) condition { return untilNot(list, false) }

// untilNot matches when all conditions give want.
func untilNot(list []condition, want bool) condition {
	slices.SortStableFunc(list, func(a, b condition) int { return cmp.Compare(a.cost, b.cost) })
	out := condition{match: func(e *candidate) (bool, error) {
		for _, c := range list {
			if got, err := c.match(e); err != nil || got != want {
				return false, err
			}
		}
		return true, nil
	}}
	for _, c := range list {
		out.cost = max(out.cost, c.cost)
	}
	return out
}

func not(c condition) condition {
	return condition{c.cost, func(e *candidate) (bool, error) {
		got, err := c.match(e)
		return !got, err
	}}
}

// condition compiles the properties of a condition; all must apply (RFC 8621 section 4.4.1).
func (c *filterCompiler) condition(f *jmap.EmailFilterCondition) (condition, error) {
	for name := range f.Extra {
		return condition{}, methodError(jmap.MethodErrorUnsupportedFilter, "unknown condition "+name)
	}
	list, err := c.rowConditions(f)
	if err != nil {
		return condition{}, err
	}
	list = append(list, c.keywordConditions(f)...)
	texts, err := c.textConditions(f)
	if err != nil {
		return condition{}, err
	}
	list = append(list, texts...)
	if f.Has&jmap.EmailFilterConditionPropertyHeader != 0 {
		if len(f.Header) < 1 || len(f.Header) > 2 || f.Header[0] == "" {
			return condition{}, invalidArguments("header must have a name and at most one text")
		}
		test, err := c.headerCondition(f.Header)
		if err != nil {
			return condition{}, err
		}
		list = append(list, test)
	}
	return allOf(list), nil
}

func onRow(match func(*emailRow) bool) condition {
	return condition{costRow, func(e *candidate) (bool, error) {
		row, err := e.row()
		return err == nil && match(row), err
	}}
}

func (c *filterCompiler) rowConditions(f *jmap.EmailFilterCondition) ([]condition, error) {
	var list []condition
	add := func(match func(*emailRow) bool) { list = append(list, onRow(match)) }
	if f.Has&jmap.EmailFilterConditionPropertyInMailbox != 0 {
		n, ok := parseID(prefixMailbox, f.InMailbox)
		if !ok || c.boxes[n] == nil {
			return nil, invalidArguments("there is no Mailbox %q", f.InMailbox)
		}
		c.out.mutable = true
		add(func(e *emailRow) bool { return e.in(n) })
	}
	if f.Has&jmap.EmailFilterConditionPropertyInMailboxOtherThan != 0 {
		c.out.mutable = true
		others := map[uint64]bool{}
		for _, id := range f.InMailboxOtherThan {
			if n, ok := parseID(prefixMailbox, id); ok {
				others[n] = true
			}
		}
		add(func(e *emailRow) bool {
			return slices.ContainsFunc(e.mailboxes, func(n uint64) bool { return !others[n] })
		})
	}
	if f.Before != nil {
		add(func(e *emailRow) bool { return e.received < f.Before.Unix() })
	}
	if f.After != nil {
		add(func(e *emailRow) bool { return e.received >= f.After.Unix() })
	}
	if f.MinSize != nil {
		add(func(e *emailRow) bool { return e.size >= *f.MinSize })
	}
	if f.MaxSize != nil {
		add(func(e *emailRow) bool { return e.size < *f.MaxSize })
	}
	if f.HasAttachment != nil {
		add(func(e *emailRow) bool { return e.attachment == *f.HasAttachment })
	}
	return list, nil
}

func (c *filterCompiler) keywordConditions(f *jmap.EmailFilterCondition) []condition {
	var list []condition
	each := func(property jmap.EmailFilterConditionProperties, keyword string, match func(string) condition) {
		if f.Has&property != 0 {
			c.out.mutable = true
			list = append(list, match(strings.ToLower(keyword)))
		}
	}
	each(jmap.EmailFilterConditionPropertyHasKeyword, f.HasKeyword, func(k string) condition {
		return onRow(func(e *emailRow) bool { return e.has(k) })
	})
	each(jmap.EmailFilterConditionPropertyNotKeyword, f.NotKeyword, func(k string) condition {
		return onRow(func(e *emailRow) bool { return !e.has(k) })
	})
	inThread := func(property jmap.EmailFilterConditionProperties, keyword string, want func(all, some bool) bool) {
		each(property, keyword, func(k string) condition {
			c.out.threads = true
			return condition{costThread, func(e *candidate) (bool, error) {
				all, some, err := e.threadHas(k)
				return err == nil && want(all, some), err
			}}
		})
	}
	inThread(jmap.EmailFilterConditionPropertyAllInThreadHaveKeyword, f.AllInThreadHaveKeyword, func(all, _ bool) bool { return all })
	inThread(jmap.EmailFilterConditionPropertySomeInThreadHaveKeyword, f.SomeInThreadHaveKeyword, func(_, some bool) bool { return some })
	inThread(jmap.EmailFilterConditionPropertyNoneInThreadHaveKeyword, f.NoneInThreadHaveKeyword, func(_, some bool) bool { return !some })
	return list
}

// textConditions compiles the searches for text.
func (c *filterCompiler) textConditions(f *jmap.EmailFilterCondition) ([]condition, error) {
	var list []condition
	var tooMany error
	parse := func(text string) searchTerms {
		terms, err := c.words(text)
		if err != nil {
			tooMany = err
		}
		return terms
	}
	header := func(text string, of func(*headerRow) []string) {
		terms := parse(text)
		if len(terms) == 0 {
			return
		}
		list = append(list, condition{costHeaders, func(e *candidate) (bool, error) {
			h, err := e.headers()
			return err == nil && terms.in(of(h)...), err
		}})
	}
	header(f.From, func(h *headerRow) []string { return addressTexts(h.From) })
	header(f.To, func(h *headerRow) []string { return addressTexts(h.To) })
	header(f.Cc, func(h *headerRow) []string { return addressTexts(h.Cc) })
	header(f.Bcc, func(h *headerRow) []string { return addressTexts(h.Bcc) })
	header(f.Subject, func(h *headerRow) []string { return []string{h.subjectText()} })
	body := func(text string, alsoIn func(*headerRow) []string) {
		terms := parse(text)
		if len(terms) == 0 {
			return
		}
		c.out.words = append(c.out.words, terms...)
		list = append(list, condition{costMessage, func(e *candidate) (bool, error) {
			h, err := e.headers()
			if err != nil {
				return false, err
			}
			for _, word := range terms.notIn(alsoIn(h)...) {
				if found, err := e.inBody(word); err != nil || !found {
					return false, err
				}
			}
			return true, nil
		}})
	}
	body(f.Text, func(h *headerRow) []string {
		all := slices.Concat(h.From, h.To, h.Cc, h.Bcc)
		return append(addressTexts(all), h.subjectText())
	})
	body(f.Body, func(*headerRow) []string { return nil })
	return list, tooMany
}

func (h *headerRow) subjectText() string {
	if h.Subject == nil {
		return ""
	}
	return searchable(*h.Subject)
}

func addressTexts(list []jmap.EmailAddress) []string {
	texts := make([]string, len(list))
	for i, a := range list {
		text := a.Email
		if a.Name != nil {
			text = *a.Name + " " + text
		}
		texts[i] = searchable(text)
	}
	return texts
}

func (c *filterCompiler) headerCondition(header []string) (condition, error) {
	if err := c.term(1); err != nil {
		return condition{}, err
	}
	var terms searchTerms
	if len(header) == 2 {
		var err error
		if terms, err = c.words(header[1]); err != nil {
			return condition{}, err
		}
	}
	return condition{costMessage, func(e *candidate) (bool, error) {
		fields, err := e.fields(header[0])
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(fields, func(text string) bool { return terms.in(text) }), nil
	}}, nil
}
