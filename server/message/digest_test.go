package message

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/stretchr/testify/require"
)

func digestOf(s string) *Digest { return NewDigest(mime.Parse([]byte(s))) }

func TestSortKeys(t *testing.T) {
	k := digestOf("Date: Mon, 23 Nov 2026 23:30:00 -0500\r\nFrom: =?utf-8?q?J=C3=B8rn?= <jorn@x.example>\r\n" +
		"To: Team: b@c;\r\nCc: d@e (Dee)\r\nSubject: [list] Re: =?utf-8?q?caf=C3=A9?=\r\n" +
		"Message-ID: <1@x>\r\nIn-Reply-To: <a@b> <c@d>\r\n\r\n").Sort
	require.Equal(t, 23, k.Sent.Day())
	require.Equal(t, time.Date(2026, 11, 24, 4, 30, 0, 0, time.UTC), k.Sent.UTC())
	require.Equal(t, "café", k.BaseSubject)
	require.True(t, k.Reply)
	require.Equal(t, "jorn", k.From)
	require.Equal(t, "Jørn", k.DisplayFrom)
	require.Equal(t, "Team", k.To)
	require.Equal(t, "d", k.Cc)
	require.Equal(t, "1@x", k.MessageID)
	require.Equal(t, []string{"a@b"}, k.References)
}

func TestDigestOfHugeHeaderKeepsWhatSortingNeeds(t *testing.T) {
	d := digestOf("X-Junk: " + strings.Repeat("x", MaxDigestHeader) + "\r\nSubject: kept\r\nTo: " +
		strings.Repeat("a@b,", maxDigestField) + "\r\n\r\nbody")
	require.False(t, d.HeaderWhole)
	require.Less(t, len(d.Header), 2*maxDigestField)
	require.Equal(t, "kept", d.Sort.BaseSubject)
	f, ok := d.Header.First("subject")
	require.True(t, ok)
	require.Equal(t, " kept", string(f.Raw))
	_, ok = d.Section(imap.Section{Text: imap.SectionHeader})
	require.False(t, ok)
	require.Len(t, d.Envelope(false).To, mime.MaxAddresses-1)
}

func TestDigestAnswersHeaderSections(t *testing.T) {
	d := digestOf("A: 1\r\nb: 2\r\nA: 3\r\n\r\nbody")
	got, ok := d.Section(imap.Section{Text: imap.SectionHeaderFields, Fields: []string{"a"}})
	require.True(t, ok)
	require.Equal(t, "A: 1\r\nA: 3\r\n\r\n", string(got))
	got, ok = d.Section(imap.Section{Text: imap.SectionHeaderFieldsNot, Fields: []string{"A", "x"}})
	require.True(t, ok)
	require.Equal(t, "b: 2\r\n\r\n", string(got))
	got, ok = d.Section(imap.Section{Text: imap.SectionHeader})
	require.True(t, ok)
	require.Equal(t, "A: 1\r\nb: 2\r\nA: 3\r\n\r\n", string(got))
	for _, s := range []imap.Section{{}, {Text: imap.SectionBodyText}, {Part: []uint32{1}}} {
		_, ok = d.Section(s)
		require.False(t, ok)
	}
}

func TestDecodeDigestRejectsDamage(t *testing.T) {
	enc := digestOf("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--").Encode()
	_, err := DecodeDigest(enc)
	require.NoError(t, err)
	for n := range enc {
		_, err := DecodeDigest(enc[:n])
		require.ErrorIs(t, err, ErrDigest)
	}
	_, err = DecodeDigest(append(enc, 0))
	require.ErrorIs(t, err, ErrDigest)
	enc[0]++
	_, err = DecodeDigest(enc)
	require.ErrorIs(t, err, ErrDigest)
}

// headerOf is what of a digest is made of the header.
func headerOf(d *Digest) Digest {
	return Digest{
		Size: d.Size, Header: d.Header, HeaderWhole: d.HeaderWhole, HasBody: d.HasBody, Sort: d.Sort, envelope: d.envelope,
	}
}

// checkHeaderDigest compares the digests of all beginnings of a message with that of the whole.
func checkHeaderDigest(t *testing.T, octets []byte, step int) {
	t.Helper()
	want := headerOf(NewDigest(mime.Parse(octets)))
	for n := 0; n < len(octets); n += step {
		d, ok := NewHeaderDigest(octets[:n], int64(len(octets)))
		if !ok {
			require.False(t, bytes.HasSuffix(octets[:n], []byte("\n\n")) || bytes.HasSuffix(octets[:n], []byte("\n\r\n")))
			continue
		}
		require.False(t, d.HasStructure())
		require.Equal(t, want, headerOf(d), "of %d octets", n)
		again, err := DecodeDigest(d.Encode())
		require.NoError(t, err)
		require.False(t, again.HasStructure())
		require.Equal(t, d.Encode(), again.Encode())
	}
}

func TestHeaderDigestIsThatOfTheWhole(t *testing.T) {
	for name, m := range corpus(t) {
		t.Run(name, func(t *testing.T) { checkHeaderDigest(t, m.Octets, 1+len(m.Octets)/500) })
	}
	for _, octets := range []string{
		"", "\r\n", "\n", "\r\nbody", "no header\r\n\r\nbody", "A: b\n\nbody", "A: b\r\n\r\n", "A: b\r\n \r\n\r\nx",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--", "A: \x00\xff\r\n\r\nx", "A: b\r\n\rx\r\n\r\nb",
		"X-Junk: " + strings.Repeat("x", MaxDigestHeader) + "\r\nSubject: kept\r\n\r\nbody",
	} {
		checkHeaderDigest(t, []byte(octets), 1+len(octets)/100)
	}
}

func FuzzHeaderDigest(f *testing.F) {
	f.Add([]byte("Subject: x\r\nTo: a@b\r\n\r\nbody"))
	f.Add([]byte("From x\nno field\n\nbody\n\n"))
	f.Fuzz(func(t *testing.T, octets []byte) { checkHeaderDigest(t, octets, 1+len(octets)/50) })
}

func FuzzDigest(f *testing.F) {
	f.Add([]byte("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nTo: g: a@b;\n\nx\n--b--"))
	f.Add([]byte("Content-Type: a/b; c*=d''e\nContent-Disposition: x; y=z\nContent-Language: en, de\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if d, err := DecodeDigest(in); err == nil {
			again, err := DecodeDigest(d.Encode())
			require.NoError(t, err)
			require.Equal(t, d, again)
		}
		checkDigest(t, NewDigest(mime.Parse(in)))
	})
}

// checkDigest sends a digest through its encoding and back.
func checkDigest(t *testing.T, d *Digest) {
	t.Helper()
	again, err := DecodeDigest(d.Encode())
	require.NoError(t, err)
	require.Equal(t, d.Encode(), again.Encode())
	require.True(t, d.Sort.Sent.Equal(again.Sort.Sent))
	require.Equal(t, d.Sort.Sent.Day(), again.Sort.Sent.Day())
	for _, utf8 := range []bool{false, true} {
		require.Equal(t, d.Envelope(utf8), again.Envelope(utf8))
		require.Equal(t, d.BodyStructure(true, utf8), again.BodyStructure(true, utf8))
	}
}

func BenchmarkDigest(b *testing.B) {
	messages := corpus(b)
	for _, name := range []string{"welcome", "invite", "huge-header"} {
		m := messages[name]
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(m.Octets)))
			b.ReportAllocs()
			for b.Loop() {
				NewDigest(mime.Parse(m.Octets))
			}
		})
		encoded := NewDigest(m).Encode()
		b.Run(name+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := DecodeDigest(encoded); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
