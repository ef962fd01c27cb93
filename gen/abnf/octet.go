package abnf

import "github.com/dragoman-mail/dragoman/gen/peg"

// Octet returns the octets that a string or number matches, if it matches
// exactly one octet.
func Octet(n Node) (peg.ByteSet, bool) {
	var set peg.ByteSet
	switch n := n.(type) {
	case *Str:
		if len(n.Text) != 1 {
			return set, false
		}
		c := n.Text[0]
		set.Add(c)
		if isLetter(c) && !n.Sensitive {
			set.Add(c ^ 0x20)
		}
		return set, true
	case *Num:
		if !n.Range && len(n.Values) != 1 || n.Values[len(n.Values)-1] > 0xFF {
			return set, false
		}
		for v := n.Values[0]; v <= n.Values[len(n.Values)-1]; v++ {
			set.Add(byte(v))
		}
		return set, true
	}
	return set, false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
