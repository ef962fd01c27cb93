package jmap

import (
	"encoding/json"
	"fmt"
	"strings"
)

// HeaderForm is a parsed form of a header field (RFC 8621 section 4.1.2).
type HeaderForm string

// The forms of RFC 8621 section 4.1.2. HeaderRaw is the one without a suffix.
const (
	HeaderRaw              HeaderForm = ""
	HeaderText             HeaderForm = "Text"
	HeaderAddresses        HeaderForm = "Addresses"
	HeaderGroupedAddresses HeaderForm = "GroupedAddresses"
	HeaderMessageIDs       HeaderForm = "MessageIds"
	HeaderDate             HeaderForm = "Date"
	HeaderURLs             HeaderForm = "URLs"
)

// HeaderProperty is a property that stands for a header field, such as
// "header:Resent-To:asAddresses:all" (RFC 8621 section 4.1.3).
type HeaderProperty struct {
	Name string // field name as written
	Form HeaderForm
	All  bool // every instance, not the last only
}

// IsHeaderProperty reports whether a property name begins as those of header fields do.
func IsHeaderProperty(name string) bool { return strings.HasPrefix(name, "header:") }

// ParseHeaderProperty reads a property name (RFC 8621 section 4.1.3).
func ParseHeaderProperty(name string) (HeaderProperty, error) {
	var p HeaderProperty
	if !IsHeaderProperty(name) {
		return p, fmt.Errorf("parsing header property: %q lacks \"header:\" at its beginning", name)
	}
	parts := strings.Split(name, ":")[1:]
	p.Name, parts = parts[0], parts[1:]
	if !validFieldName(p.Name) {
		return p, fmt.Errorf("parsing header property: %q has no field name", name)
	}
	if len(parts) > 0 && strings.HasPrefix(parts[0], "as") {
		p.Form, parts = HeaderForm(parts[0][2:]), parts[1:]
		if !p.Form.known() {
			return p, fmt.Errorf("parsing header property: %q has an unknown form", name)
		}
	}
	if len(parts) > 0 && parts[0] == "all" {
		p.All, parts = true, parts[1:]
	}
	if len(parts) > 0 {
		return p, fmt.Errorf("parsing header property: %q has an unknown suffix", name)
	}
	return p, nil
}

func (f HeaderForm) known() bool {
	switch f {
	case "Raw", HeaderText, HeaderAddresses, HeaderGroupedAddresses, HeaderMessageIDs, HeaderDate, HeaderURLs:
		return true
	}
	return false
}

func validFieldName(name string) bool {
	for i := 0; i < len(name); i++ {
		if name[i] <= ' ' || name[i] > '~' {
			return false
		}
	}
	return name != ""
}

// String returns the name of the property.
func (p HeaderProperty) String() string {
	name := "header:" + p.Name
	if p.Form != HeaderRaw {
		name += ":as" + string(p.Form)
	}
	if p.All {
		name += ":all"
	}
	return name
}

// HeaderFields holds the values of header properties, by the name that was asked for
// (RFC 8621 section 4.1.3).
type HeaderFields map[string]json.RawMessage

// Get decodes the value of a header property into to: a *string or **string for Raw and Text,
// *[]EmailAddress, *[]EmailAddressGroup, *[]string, **Date, or a slice of those for :all. It reports
// whether the property is there.
func (h HeaderFields) Get(property string, to any) (bool, error) {
	raw, ok := h[property]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(raw, to); err != nil {
		return true, fmt.Errorf("decoding %s: %w", property, err)
	}
	return true, nil
}

// Set stores the value of a header property.
func (h *HeaderFields) Set(property string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", property, err)
	}
	if *h == nil {
		*h = HeaderFields{}
	}
	(*h)[property] = raw
	return nil
}
