package embedded

import (
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// emailSortOptions are announced to clients (RFC 8621 section 4.4.2).
var emailSortOptions = []string{
	"receivedAt", "sentAt", "size", "from", "to", "subject",
	"hasKeyword", "allInThreadHaveKeyword", "someInThreadHaveKeyword",
}

const (
	// maxComparators bounds what is read and kept for each record that is sorted.
	maxComparators = 16
	// maxSortText is how many octets of a text count for the order.
	maxSortText = 256
)

func checkEmailSort(sort []jmap.Comparator) error {
	if len(sort) > maxComparators {
		return methodError(jmap.MethodErrorUnsupportedSort, "there are too many comparators")
	}
	for _, c := range sort {
		if !slices.Contains(emailSortOptions, c.Property) {
			return methodError(jmap.MethodErrorUnsupportedSort, "Emails are not sorted by "+c.Property)
		}
		if strings.HasSuffix(c.Property, "Keyword") && c.Keyword == "" {
			return invalidArguments("sorting by %s needs a keyword", c.Property)
		}
		if err := checkCollation(c); err != nil {
			return err
		}
	}
	return nil
}

// sortsByDate says whether the order is that of the indexes, and whether backwards.
func sortsByDate(sort []jmap.Comparator) (yes, descending bool) {
	if len(sort) == 0 {
		return true, true
	}
	return len(sort) == 1 && sort[0].Property == "receivedAt", !sort[0].Ascending()
}

// sortsByThread says whether an Email's place depends on others of its Thread.
func sortsByThread(sort []jmap.Comparator) bool {
	return slices.ContainsFunc(sort, func(c jmap.Comparator) bool { return strings.Contains(c.Property, "InThread") })
}

func sortsByKeyword(sort []jmap.Comparator) bool {
	return slices.ContainsFunc(sort, func(c jmap.Comparator) bool { return strings.HasSuffix(c.Property, "Keyword") })
}

// sortKeys reads what the comparators compare.
func (e *candidate) sortKeys(sort []jmap.Comparator) ([]sortKey, error) {
	keys := make([]sortKey, len(sort))
	for i, c := range sort {
		var err error
		if keys[i], err = e.sortKey(c); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (e *candidate) sortKey(c jmap.Comparator) (sortKey, error) {
	row, err := e.row()
	if err != nil {
		return sortKey{}, err
	}
	switch c.Property {
	case "receivedAt":
		return sortKey{number: row.received}, nil
	case "size":
		return sortKey{number: int64(row.size)}, nil
	case "hasKeyword":
		return boolKey(row.has(strings.ToLower(c.Keyword))), nil
	case "allInThreadHaveKeyword", "someInThreadHaveKeyword":
		all, some, err := e.threadHas(strings.ToLower(c.Keyword))
		return boolKey(all && c.Property[0] == 'a' || some && c.Property[0] == 's'), err
	}
	h, err := e.headers()
	if err != nil {
		return sortKey{}, err
	}
	switch c.Property {
	case "sentAt":
		if h.SentAt == nil {
			return sortKey{}, nil
		}
		return sortKey{number: h.SentAt.Unix()}, nil
	case "from":
		return sortKey{text: sortText(firstName(h.From), c)}, nil
	case "to":
		return sortKey{text: sortText(firstName(h.To), c)}, nil
	}
	return sortKey{text: sortText(h.baseSubject(), c)}, nil
}

func sortText(s string, c jmap.Comparator) string {
	return strings.Clone(collated(s[:min(len(s), maxSortText)], c.Collation)) // and nothing of what s is a part of
}

// firstName is the name of the first address, or else the address.
func firstName(list []jmap.EmailAddress) string {
	switch {
	case len(list) == 0:
		return ""
	case list[0].Name != nil && *list[0].Name != "":
		return *list[0].Name
	}
	return list[0].Email
}
