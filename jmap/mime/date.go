package mime

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ErrDate is given for a value that has no day, month and year.
var ErrDate = errors.New("parsing date-time: no date found")

// ParseDate reads a date-time (RFC 5322 section 3.3) with its zone. It also takes the
// obsolete forms (named zones, two-digit years, comments), a missing day name, a
// missing or short time and a missing zone; those count as midnight and UTC, and a
// zone or time out of range likewise (RFC 5256 section 2.2).
func ParseDate(raw []byte) (time.Time, error) {
	words := dateWords(raw)
	day, month, year, rest, ok := findDay(words)
	if !ok {
		return time.Time{}, ErrDate
	}
	hour, minute, second, loc := 0, 0, 0, time.UTC
	for _, w := range rest {
		if h, m, s, ok := parseClock(w); ok {
			hour, minute, second = h, m, s
		} else if z, ok := parseZone(w); ok {
			loc = z
		}
	}
	t := time.Date(year, month, day, hour, minute, second, 0, loc)
	if t.Day() != day {
		return time.Time{}, ErrDate
	}
	return t, nil
}

// dateWords splits at white space, commas and comments; hyphens within the date
// ("23-Nov-2026") split too, but the sign of a zone stays with it.
func dateWords(raw []byte) []string {
	l := newLexer(raw[:min(len(raw), 1000)])
	var words []string
	for !l.atEnd() {
		l.skipCFWS()
		w := l.until(" \t\r\n,(\x00")
		if w == "" {
			l.skip()
			continue
		}
		if parts := strings.Split(w, "-"); len(parts) == 3 && parts[0] != "" {
			words = append(words, parts...)
			continue
		}
		words = append(words, w)
	}
	return words
}

// findDay looks for day, month name, year; or, as some software has it, for month
// name, day, … year (the form of C's ctime).
func findDay(words []string) (day int, month time.Month, year int, rest []string, ok bool) {
	for i, w := range words {
		month, ok = monthByName(w)
		if !ok {
			continue
		}
		if i > 0 && i+1 < len(words) {
			d, okDay := dayNumber(words[i-1])
			y, okYear := yearNumber(words[i+1])
			if okDay && okYear {
				return d, month, y, words[i+2:], true
			}
		}
		if i+2 < len(words) {
			d, okDay := dayNumber(words[i+1])
			last := len(words) - 1
			for j := i + 2; okDay && j <= last; j++ {
				if y, okYear := yearNumber(words[j]); okYear && len(words[j]) == 4 {
					return d, month, y, append(words[i+2:j:j], words[j+1:]...), true
				}
			}
		}
	}
	return 0, 0, 0, nil, false
}

func dayNumber(w string) (int, bool) {
	n, ok := digits(w)
	return n, ok && len(w) <= 2 && n >= 1 && n <= 31
}

// yearNumber reads a year of two to four digits (RFC 5322 section 4.3).
func yearNumber(w string) (int, bool) {
	n, ok := digits(w)
	switch {
	case !ok || len(w) < 2 || len(w) > 4:
		return 0, false
	case len(w) == 2 && n < 50:
		return 2000 + n, true
	case len(w) < 4:
		return 1900 + n, true
	}
	return n, n > 0
}

// digits is the value of a word of one to nine digits.
func digits(w string) (int, bool) {
	if w == "" || len(w) > 9 || strings.Trim(w, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(w)
	return n, err == nil
}

func monthByName(w string) (time.Month, bool) {
	if len(w) < 3 {
		return 0, false
	}
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		if len(w) <= len(name) && EqualFold(w, name[:len(w)]) {
			return m, true
		}
	}
	return 0, false
}

// parseClock reads h:mm or h:mm:ss; a leap second counts as the second before it.
func parseClock(w string) (hour, minute, second int, ok bool) {
	parts := strings.Split(w, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, part := range parts {
		if i == 2 {
			part, _, _ = strings.Cut(part, ".")
		}
		if n[i], ok = digits(part); !ok || len(part) > 2 {
			return 0, 0, 0, false
		}
	}
	if n[2] == 60 {
		n[2] = 59
	}
	return n[0], n[1], n[2], n[0] < 24 && n[1] < 60 && n[2] < 60
}
