package search

import (
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

func conjunction(keys []imap.SearchKey, scope *Scope) node {
	terms := make([]node, len(keys))
	for i, key := range keys {
		terms[i] = compile(key, scope)
	}
	if len(terms) == 1 {
		return terms[0]
	}
	slices.SortStableFunc(terms, func(a, b node) int { return a.cost() - b.cost() })
	return and(terms)
}

func compile(key imap.SearchKey, scope *Scope) node {
	switch k := key.(type) {
	case imap.SearchKeyword:
		return keyword(k)
	case *imap.SearchFlag:
		return negated(k.Not, flag(strings.ToLower(k.Flag)))
	case *imap.SearchSize:
		return size{smaller: k.Smaller, octets: k.Size}
	case *imap.SearchDate:
		return date(k)
	case *imap.SearchString:
		return text(k)
	case *imap.SearchHeader:
		return header{name: k.Field, needle: newNeedle(k.Value)}
	case *imap.SearchUID:
		return newSet(k.Set, scope, true)
	case *imap.SearchSet:
		return newSet(k.Set, scope, false)
	case *imap.SearchNot:
		return not{compile(k.Key, scope)}
	case *imap.SearchOr:
		return or{compile(k.Left, scope), compile(k.Right, scope)}
	case *imap.SearchAnd:
		return conjunction(k.Keys, scope)
	default:
		panic("search: key of an unknown type") // the parser makes no other
	}
}

func keyword(k imap.SearchKeyword) node {
	switch k {
	case imap.SearchAll:
		return meta(func(*Meta) bool { return true })
	case imap.SearchDeleted:
		return meta(func(m *Meta) bool { return m.Deleted })
	case imap.SearchUndeleted:
		return meta(func(m *Meta) bool { return !m.Deleted })
	case imap.SearchRecent:
		return meta(func(m *Meta) bool { return m.Recent })
	case imap.SearchOld:
		return meta(func(m *Meta) bool { return !m.Recent })
	case imap.SearchNew:
		return meta(func(m *Meta) bool { return m.Recent && !m.Keyword("$seen") })
	case imap.SearchSeen:
		return flag("$seen")
	case imap.SearchUnseen:
		return not{flag("$seen")}
	case imap.SearchAnswered:
		return flag("$answered")
	case imap.SearchUnanswered:
		return not{flag("$answered")}
	case imap.SearchFlagged:
		return flag("$flagged")
	case imap.SearchUnflagged:
		return not{flag("$flagged")}
	case imap.SearchDraft:
		return flag("$draft")
	case imap.SearchUndraft:
		return not{flag("$draft")}
	default:
		panic("search: keyword of an unknown kind") // the parser makes no other
	}
}

func text(k *imap.SearchString) node {
	n := newNeedle(k.Value)
	switch k.Field {
	case imap.SearchBcc:
		return header{name: "Bcc", needle: n, addresses: true}
	case imap.SearchCc:
		return header{name: "Cc", needle: n, addresses: true}
	case imap.SearchFrom:
		return header{name: "From", needle: n, addresses: true}
	case imap.SearchTo:
		return header{name: "To", needle: n, addresses: true}
	case imap.SearchSubject:
		return header{name: "Subject", needle: n}
	case imap.SearchBody:
		return body{needle: n}
	default:
		return or{anywhereInHeader{needle: n}, body{needle: n, headers: true}}
	}
}
