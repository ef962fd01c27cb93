package jmap

import (
	"encoding/json"
	"fmt"
)

// Method is the typed arguments of a call, or of a response to one.
type Method interface {
	// Method returns the name of the method, such as "Email/get".
	Method() string
	json.Marshaler
}

// Invocation is one method call or one response: a name, arguments, and the call id that ties them
// together (RFC 8620 section 3.2). In JSON it is an array of the three.
type Invocation struct {
	Name   string
	Args   any             // what is encoded; when nil, Raw is
	Raw    json.RawMessage // the arguments as they came
	CallID string
}

// MarshalJSON writes the array form.
func (i Invocation) MarshalJSON() ([]byte, error) { return i.appendJSON(nil) }

func (i Invocation) appendJSON(b []byte) ([]byte, error) {
	b = append(appendString(append(b, '['), i.Name), ',')
	switch args := i.Args.(type) {
	case nil:
		b = appendRaw(b, i.Raw)
	case appender:
		b = args.AppendJSON(b)
	default:
		text, err := json.Marshal(args)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", i.Name, err)
		}
		b = append(b, text...)
	}
	return append(appendString(append(b, ','), i.CallID), ']'), nil
}

// appender is what every generated type is.
type appender interface{ AppendJSON(b []byte) []byte }

// UnmarshalJSON reads the array form and keeps the arguments in Raw.
func (i *Invocation) UnmarshalJSON(data []byte) error {
	return unmarshalWith(data, func(r *reader) (err error) { *i, err = decodeInvocation(r); return err })
}

func decodeInvocation(r *reader) (Invocation, error) {
	var i Invocation
	n := 0
	err := r.array(func() (err error) {
		switch n++; n {
		case 1:
			i.Name, err = r.string()
		case 2:
			if r.next() != '{' {
				return r.fail("an object with arguments")
			}
			i.Raw, err = r.raw()
		case 3:
			i.CallID, err = r.string()
		default:
			err = fmt.Errorf("an Invocation has three elements")
		}
		return err
	})
	if err == nil && n != 3 {
		err = fmt.Errorf("an Invocation has three elements, found %d", n)
	}
	return i, err
}

// Into decodes the arguments into args. An invocation that is a method-level error is returned as a
// *MethodError, one of another method as an error of its own.
func (i Invocation) Into(args Method) error {
	if i.Name == "error" {
		var methodError MethodError
		if err := i.decode(&methodError); err != nil {
			return err
		}
		return &methodError
	}
	if i.Name != args.Method() {
		return fmt.Errorf("decoding %s: the invocation is of %s", args.Method(), i.Name)
	}
	return i.decode(args)
}

// decode goes through JSON when the invocation was built here and not read.
func (i Invocation) decode(to any) error {
	raw := i.Raw
	if i.Args != nil {
		text, err := json.Marshal(i.Args)
		if err != nil {
			return fmt.Errorf("encoding %s: %w", i.Name, err)
		}
		raw = text
	}
	into, ok := to.(json.Unmarshaler)
	if !ok {
		return fmt.Errorf("decoding %s: %T does not decode JSON", i.Name, to)
	}
	if err := into.UnmarshalJSON(raw); err != nil {
		return fmt.Errorf("decoding %s: %w", i.Name, err)
	}
	return nil
}
