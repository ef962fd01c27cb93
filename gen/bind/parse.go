package bind

import "fmt"

// Read parses a bindings file; name is used in error messages.
func Read(name string, src []byte) (*File, error) {
	v, err := Parse(name, src)
	if err != nil {
		return nil, fmt.Errorf("reading bindings: %w", err)
	}
	f := v.(*File)
	f.Name = name
	return f, nil
}
