// Code generated from gen/schema/runtime/errors.go. DO NOT EDIT.

package jmap

import "encoding/json"

// MethodError is what a server answers in place of a method's response; its invocation has the name
// "error" (RFC 8620 section 3.6.2).
type MethodError struct {
	Type        MethodErrorType
	Description string
	Extra       map[string]json.RawMessage // what the error type adds
}

// MethodErrorType is the type of a MethodError.
type MethodErrorType string

// SetErrorType is the type of a SetError.
type SetErrorType string

// RequestErrorType is the type of a RequestError, a URI.
type RequestErrorType string

// Method returns "error".
func (*MethodError) Method() string { return "error" }

// Error returns the type and the description.
func (e *MethodError) Error() string { return describe(string(e.Type), e.Description) }

func describe(kind, description string) string {
	if description == "" {
		return kind
	}
	return kind + ": " + description
}

// AppendJSON appends the error to b.
func (e *MethodError) AppendJSON(b []byte) []byte {
	b = appendString(appendKey(append(b, '{'), "type"), e.Type)
	if e.Description != "" {
		b = appendString(appendKey(b, "description"), e.Description)
	}
	return append(appendMembers(b, e.Extra), '}')
}

// MarshalJSON writes the error.
func (e *MethodError) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// UnmarshalJSON reads the error.
func (e *MethodError) UnmarshalJSON(data []byte) error {
	*e = MethodError{}
	return unmarshalWith(data, func(r *reader) error {
		return r.object(func(key []byte) (err error) {
			switch name := string(key); name {
			case "type":
				var s string
				s, err = r.string()
				e.Type = MethodErrorType(s)
			case "description":
				e.Description, err = r.optionalString()
			default:
				e.Extra, err = r.keep(e.Extra, name)
			}
			return err
		})
	})
}

func (r *reader) optionalString() (string, error) {
	if r.null() {
		return "", nil
	}
	return r.string()
}

// RequestError rejects a whole request, as problem details with an HTTP status of 400 or above
// (RFC 8620 section 3.6.1).
type RequestError struct {
	Type   RequestErrorType
	Status int
	Title  string
	Detail string
	Limit  string // which limit was exceeded, when Type is RequestErrorLimit
	Extra  map[string]json.RawMessage
}

// Error returns the type and the detail.
func (e *RequestError) Error() string {
	detail := e.Detail
	if detail == "" {
		detail = e.Title
	}
	if e.Limit != "" {
		detail = describe(e.Limit, detail)
	}
	if e.Type == "about:blank" && detail != "" {
		return detail // the type says nothing (RFC 7807 section 4.2)
	}
	return describe(string(e.Type), detail)
}

// AppendJSON appends the problem details to b.
func (e *RequestError) AppendJSON(b []byte) []byte {
	b = appendString(appendKey(append(b, '{'), "type"), e.Type)
	if e.Status != 0 {
		b = appendInt(appendKey(b, "status"), int64(e.Status))
	}
	for _, member := range [...]struct{ name, value string }{{"title", e.Title}, {"detail", e.Detail}, {"limit", e.Limit}} {
		if member.value != "" {
			b = appendString(appendKey(b, member.name), member.value)
		}
	}
	return append(appendMembers(b, e.Extra), '}')
}

// MarshalJSON writes the problem details.
func (e *RequestError) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// UnmarshalJSON reads problem details.
func (e *RequestError) UnmarshalJSON(data []byte) error {
	*e = RequestError{}
	return unmarshalWith(data, func(r *reader) error {
		return r.object(func(key []byte) (err error) { return e.property(r, string(key)) })
	})
}

func (e *RequestError) property(r *reader, name string) (err error) {
	switch name {
	case "type":
		var s string
		s, err = r.string()
		e.Type = RequestErrorType(s)
	case "status":
		var n int64
		n, err = r.int()
		e.Status = int(n)
	case "title":
		e.Title, err = r.optionalString()
	case "detail":
		e.Detail, err = r.optionalString()
	case "limit":
		e.Limit, err = r.optionalString()
	default:
		e.Extra, err = r.keep(e.Extra, name)
	}
	if err != nil {
		return in(name, err)
	}
	return nil
}
