package main

import "strings"

// list is the value of an option that may be repeated.
type list struct{ values []string }

// String returns the values with commas between.
func (l *list) String() string {
	if l == nil {
		return ""
	}
	return strings.Join(l.values, ",")
}

// Set adds a value.
func (l *list) Set(value string) error {
	l.values = append(l.values, value)
	return nil
}
