package emit_test

import (
	"time"

	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// The generators make values that have a form on the wire: what the encoder refuses
// has its own test.

const atomAlphabet = "abcXYZ019!#$&'+,-./:;<=>?@^_`|~"

func atom() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune(atomAlphabet)), 1, 12, -1)
}

// text makes strings of all kinds: atoms, empty, with quotes, line ends, 8-bit octets
// and what looks like syntax.
func str() *rapid.Generator[string] {
	return rapid.OneOf(
		atom(),
		rapid.SampledFrom([]string{"", "NIL", "nil", "{3}", "{3}\r\n", "a\r\nb", `"`, `\`, `a"b\c`, "%*", "(", "ü", "\xff\xfe", "日本", "a]b", " ", "~{1}\r\n", "\x7f\x01"}),
		rapid.Map(rapid.SliceOfN(rapid.ByteRange(1, 255), 0, 20), func(b []byte) string { return string(b) }),
	)
}

func mailbox() *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just("INBOX"), str(), rapid.SampledFrom([]string{"INBOXes", "Sent/2024", "&AOk-"})).
		Filter(func(s string) bool { return s == "INBOX" || len(s) != 5 })
}

func nstring() *rapid.Generator[imap.NString] {
	return rapid.Custom(func(t *rapid.T) imap.NString {
		if rapid.Bool().Draw(t, "nil") {
			return imap.NString{}
		}
		return imap.String(str().Draw(t, "nstring"))
	})
}

func set(star bool) *rapid.Generator[imap.SequenceSet] {
	low := uint32(1)
	if star {
		low = 0
	}
	return rapid.Custom(func(t *rapid.T) imap.SequenceSet {
		r := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) imap.SeqRange {
			n := rapid.OneOf(rapid.Uint32Range(low, 20), rapid.Uint32Range(1, 1<<32-1))
			start := n.Draw(t, "start")
			if rapid.Bool().Draw(t, "single") {
				return imap.SeqRange{Start: start, Stop: start}
			}
			return imap.SeqRange{Start: start, Stop: n.Draw(t, "stop")}
		}), 0, 5).Draw(t, "ranges")
		if len(r) == 0 && !star {
			r = []imap.SeqRange{{Start: 1, Stop: 1}}
		}
		if len(r) == 0 {
			return imap.SequenceSet{Saved: true}
		}
		return imap.SequenceSet{Ranges: r, Saved: star && rapid.Bool().Draw(t, "saved")}
	})
}

func dateTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		zone := rapid.IntRange(-23*60, 23*60).Draw(t, "zone") * 60
		loc := time.UTC
		if zone != 0 {
			loc = time.FixedZone("", zone)
		}
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 0).In(loc)
	})
}

func date() *rapid.Generator[imap.Date] {
	return rapid.Custom(func(t *rapid.T) imap.Date {
		d := time.Unix(rapid.Int64Range(-1e10, 4e9).Draw(t, "day"), 0).UTC()
		return imap.Date{Year: d.Year(), Month: d.Month(), Day: d.Day()}
	})
}

func flag() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{`\Seen`, `\Answered`, `\Flagged`, `\Deleted`, `\Draft`, "$Junk", "$Forwarded", "$JunkMail", `\SeenToo`}),
		atom(),
	)
}

// list makes nil or a list of one to three.
func list[T any](item *rapid.Generator[T]) *rapid.Generator[[]T] {
	return rapid.OneOf(rapid.Just([]T(nil)), some(item))
}

func some[T any](item *rapid.Generator[T]) *rapid.Generator[[]T] { return rapid.SliceOfN(item, 1, 3) }

// orNil makes nil or a pointer.
func orNil[T any](item *rapid.Generator[T]) *rapid.Generator[*T] {
	return rapid.Custom(func(t *rapid.T) *T {
		if rapid.Bool().Draw(t, "nil") {
			return nil
		}
		v := item.Draw(t, "value")
		return &v
	})
}

// enum makes one of the first n values of an enum.
func enum[T ~uint8](n int) *rapid.Generator[T] {
	return rapid.Map(rapid.IntRange(0, n-1), func(i int) T { return T(i) })
}

// either draws from one of several generators of an interface's types.
func either[T any](t *rapid.T, makers ...func(*rapid.T) T) T {
	return makers[rapid.IntRange(0, len(makers)-1).Draw(t, "kind")](t)
}

func idParams(t *rapid.T) []imap.IDParam {
	return list(rapid.Custom(func(t *rapid.T) imap.IDParam {
		return imap.IDParam{Key: str().Draw(t, "key"), Value: nstring().Draw(t, "value")}
	})).Draw(t, "params")
}

func section(t *rapid.T) imap.Section {
	s := imap.Section{Part: list(rapid.Uint32Range(1, 1<<32-1)).Draw(t, "part"), Text: enum[imap.SectionText](6).Draw(t, "text")}
	if s.Text == imap.SectionMIME && s.Part == nil {
		s.Text = imap.SectionHeader
	}
	if s.Text == imap.SectionHeaderFields || s.Text == imap.SectionHeaderFieldsNot {
		s.Fields = some(str()).Draw(t, "fields")
	}
	return s
}
