package jmap

import "fmt"

// FilterOperatorType is how a filter operator joins its conditions (RFC 8620 section 5.5).
type FilterOperatorType string

// The operators of RFC 8620 section 5.5: all conditions match, at least one does, none does.
const (
	FilterAnd FilterOperatorType = "AND"
	FilterOr  FilterOperatorType = "OR"
	FilterNot FilterOperatorType = "NOT"
)

func decodeFilterOperatorType(r *reader) (FilterOperatorType, error) {
	op, err := decodeText[FilterOperatorType](r)
	if err != nil {
		return "", err
	}
	switch op {
	case FilterAnd, FilterOr, FilterNot:
		return op, nil
	}
	return "", fmt.Errorf("%q is not AND, OR or NOT", op)
}

// checkFilterOperator reports what is missing in, or does not belong to, a decoded operator.
func checkFilterOperator(op FilterOperatorType, conditions, others bool) error {
	switch {
	case op == "":
		return in("operator", ErrMissing)
	case !conditions:
		return in("conditions", ErrMissing)
	case others:
		return fmt.Errorf("a FilterOperator has no other properties than operator and conditions")
	}
	return nil
}
