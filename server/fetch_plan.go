package server

import (
	"cmp"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// need is what of a message a FETCH has to look at, beside what the replica knows.
type need uint8

const (
	needsFields    need = 1 << iota // the fields of the header
	needsHeader                     // the header block
	needsStructure                  // what is parsed of the whole message
	needsOctets                     // the whole message
)

// fetchPlan is what a FETCH asks for, made ready to be answered message by message.
type fetchPlan struct {
	items []imap.FetchAtt // in the order of the response
	uid   bool
	needs need
}

var fetchMacros = map[imap.FetchMacro][]imap.FetchAtt{
	imap.FetchMacroFast: {imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size},
	imap.FetchMacroAll:  {imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope},
	imap.FetchMacroFull: {imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope, imap.FetchBody},
}

func newFetchPlan(c *imap.Fetch) fetchPlan {
	p := fetchPlan{uid: c.UID}
	if c.UID {
		p.add(imap.FetchUID)
	}
	for _, att := range fetchMacros[c.Macro] {
		p.add(att)
	}
	for _, att := range c.Items {
		p.add(att)
	}
	slices.SortStableFunc(p.items, func(a, b imap.FetchAtt) int { return cmp.Compare(rank(a), rank(b)) })
	return p
}

func (p *fetchPlan) add(att imap.FetchAtt) {
	if keyword, ok := att.(imap.FetchKeyword); ok && slices.Contains(p.items, imap.FetchAtt(keyword)) {
		return
	}
	p.items = append(p.items, att)
	p.needs |= needOf(att)
}

// rank orders a response: simple clients read only its first line, so small items come first and literals last.
func rank(att imap.FetchAtt) int {
	switch a := att.(type) {
	case imap.FetchKeyword:
		switch a {
		case imap.FetchUID:
			return 0
		case imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size:
			return 1
		case imap.FetchEnvelope, imap.FetchBody, imap.FetchBodyStructure:
			return 3
		}
	case *imap.FetchBinarySize:
		return 2
	}
	return 4
}

// needsDigest are the needs that a digest meets.
const needsDigest = needsFields | needsHeader | needsStructure

func needOf(att imap.FetchAtt) need {
	switch a := att.(type) {
	case imap.FetchKeyword:
		switch a {
		case imap.FetchUID, imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size:
			return 0
		case imap.FetchEnvelope:
			return needsFields
		case imap.FetchRFC822Header:
			return needsHeader
		case imap.FetchBody, imap.FetchBodyStructure:
			return needsStructure
		}
		return needsOctets
	case *imap.FetchSection:
		if len(a.Section.Part) == 0 && a.Section.Text != imap.SectionWhole && a.Section.Text != imap.SectionBodyText {
			if a.Section.Text == imap.SectionHeaderFields {
				return needsFields
			}
			return needsHeader
		}
	}
	return needsOctets
}

func marksSeen(att imap.FetchAtt) bool {
	switch a := att.(type) {
	case imap.FetchKeyword:
		return a == imap.FetchRFC822 || a == imap.FetchRFC822Text
	case *imap.FetchSection:
		return !a.Peek
	case *imap.FetchBinary:
		return !a.Peek
	}
	return false
}
