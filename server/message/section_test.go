package message

import (
	"io"
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/stretchr/testify/require"
)

// rfcMessage is the example of RFC 9051 section 6.4.5.1 in small.
const rfcMessage = "Subject: outer\r\nContent-Type: multipart/mixed; boundary=A\r\n\r\n" +
	"--A\r\n\r\none\r\n" +
	"--A\r\nContent-Type: application/octet-stream\r\n\r\ntwo\r\n" +
	"--A\r\nContent-Type: message/rfc822\r\nX-Three: yes\r\n\r\n" +
	"Subject: three\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\n3.1\r\n--B\r\nContent-Type: application/octet-stream\r\n\r\n3.2\r\n--B--\r\n" +
	"--A\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n" +
	"--C\r\nContent-Type: image/gif\r\n\r\n4.1\r\n" +
	"--C\r\nContent-Type: message/rfc822\r\n\r\nSubject: four two\r\n\r\nplain\r\n--C--\r\n" +
	"--A--\r\n"

func TestSectionNumbers(t *testing.T) {
	m := mime.Parse([]byte(rfcMessage))
	cases := []struct {
		part  string
		text  imap.SectionText
		want  string
		found bool
	}{
		{"1", imap.SectionWhole, "one", true},
		{"2", imap.SectionWhole, "two", true},
		{"2", imap.SectionMIME, "Content-Type: application/octet-stream\r\n\r\n", true},
		{"3", imap.SectionMIME, "Content-Type: message/rfc822\r\nX-Three: yes\r\n\r\n", true},
		{"3", imap.SectionHeader, "Subject: three\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n", true},
		{"3", imap.SectionBodyText, "--B\r\n\r\n3.1\r\n--B\r\nContent-Type: application/octet-stream\r\n\r\n3.2\r\n--B--", true},
		{"3.1", imap.SectionWhole, "3.1", true},
		{"3.2", imap.SectionWhole, "3.2", true},
		{"4.1", imap.SectionWhole, "4.1", true},
		{"4.1", imap.SectionMIME, "Content-Type: image/gif\r\n\r\n", true},
		{"4.2", imap.SectionWhole, "Subject: four two\r\n\r\nplain", true},
		{"4.2", imap.SectionHeader, "Subject: four two\r\n\r\n", true},
		{"4.2", imap.SectionBodyText, "plain", true},
		{"4.2.1", imap.SectionWhole, "plain", true},
		{"4.2.1", imap.SectionMIME, "Subject: four two\r\n\r\n", true},
		{"4.2.2", imap.SectionWhole, "", false},
		{"4.2.1.1", imap.SectionWhole, "", false},
		{"5", imap.SectionWhole, "", false},
		{"1.1", imap.SectionWhole, "", false},
		{"1", imap.SectionHeader, "", false},
		{"4", imap.SectionBodyText, "", false},
	}
	for _, c := range cases {
		got, found := Section(m, imap.Section{Part: pathOf(c.part), Text: c.text})
		require.Equal(t, c.found, found, c.part)
		require.Equal(t, c.want, string(got), c.part)
	}
	_, found := Section(m, imap.Section{Text: imap.SectionMIME})
	require.False(t, found)
	_, found = Section(m, imap.Section{Part: []uint32{4294967295}})
	require.False(t, found)
}

func TestSectionsOfNonMultipart(t *testing.T) {
	m := mime.Parse([]byte("Subject: x\r\n\r\nbody\r\n"))
	got, found := Section(m, imap.Section{Part: []uint32{1}})
	require.True(t, found)
	require.Equal(t, "body\r\n", string(got))
	got, found = Section(m, imap.Section{Part: []uint32{1}, Text: imap.SectionMIME})
	require.True(t, found)
	require.Equal(t, "Subject: x\r\n\r\n", string(got))
	_, found = Section(m, imap.Section{Part: []uint32{2}})
	require.False(t, found)

	inner := mime.Parse([]byte("Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nin\r\n"))
	got, _ = Section(inner, imap.Section{Part: []uint32{1, 1}})
	require.Equal(t, "in\r\n", string(got))
	got, _ = Section(inner, imap.Section{Part: []uint32{1}, Text: imap.SectionHeader})
	require.Equal(t, "Subject: y\r\n\r\n", string(got))
}

func TestHeaderFields(t *testing.T) {
	cases := []struct {
		in, names, want string
		not             bool
	}{
		{"A: 1\r\nB: 2\r\n a: 3\r\n\r\nx", "a", "A: 1\r\n\r\n", false},
		{"A: 1\r\nB: 2\r\n a: 3\r\n\r\nx", "A", "B: 2\r\n a: 3\r\n\r\n", true},
		{"A: 1\nB: 2\n\nx", "b c", "B: 2\n\n", false},
		{"A: 1\r\n", "a", "A: 1\r\n", false},
		{"A: 1\r\n", "x", "", false},
		{"A: 1\r\n\r\n", "x", "\r\n", false},
		{"From me Mon\r\nno colon\r\nA: 1\r\n\r\nx", "b", "A: 1\r\n\r\n", true},
		{"all body", "b", "\r\n", true},
		{"A:\r\n\r\n", "a", "A:\r\n\r\n", false},
	}
	for _, c := range cases {
		s := imap.Section{Text: imap.SectionHeaderFields, Fields: strings.Fields(c.names)}
		if c.not {
			s.Text = imap.SectionHeaderFieldsNot
		}
		got, found := Section(mime.Parse([]byte(c.in)), s)
		require.True(t, found)
		require.Equal(t, c.want, string(got), "%q", c.in)
	}
	got, found := Section(mime.Parse([]byte(rfcMessage)),
		imap.Section{Part: []uint32{3}, Text: imap.SectionHeaderFields, Fields: []string{"SUBJECT"}})
	require.True(t, found)
	require.Equal(t, "Subject: three\r\n\r\n", string(got))
	_, found = Section(mime.Parse([]byte(rfcMessage)), imap.Section{Part: []uint32{1}, Text: imap.SectionHeaderFields})
	require.False(t, found)
}

func TestCut(t *testing.T) {
	const s = "0123456789"
	for _, c := range []struct {
		offset, count int64
		want          string
	}{{0, 4, "0123"}, {8, 10, "89"}, {10, 1, ""}, {1 << 62, 1 << 62, ""}, {3, 0, ""}, {0, 1<<63 - 1, s}, {-1, 2, "01"}} {
		require.Equal(t, c.want, string(Cut([]byte(s), &imap.Partial{Offset: c.offset, Count: c.count})))
	}
	require.Equal(t, s, string(Cut([]byte(s), nil)))
}

func TestBinary(t *testing.T) {
	m := corpus(t)["parameters"]
	read := func(path []uint32, p *imap.Partial) string {
		blob, err := Binary(m, path, p)
		require.NoError(t, err)
		octets := blob.Bytes
		if blob.Reader != nil {
			octets, err = io.ReadAll(blob.Reader)
			require.NoError(t, err)
		}
		require.EqualValues(t, len(octets), blob.Size)
		return string(octets)
	}
	require.Equal(t, "Soundings north of the bar, in fathoms.\r\n4 4 5 6 6 9 12\r\n", read([]uint32{3}, nil))
	require.Equal(t, "north", read([]uint32{3}, &imap.Partial{Offset: 10, Count: 5}))
	require.Equal(t, "", read([]uint32{3}, &imap.Partial{Offset: 1000, Count: 5}))
	require.True(t, strings.HasPrefix(read([]uint32{2}, nil), "\x89PNG"))
	require.Equal(t, string(m.Octets), read(nil, nil))
	require.Equal(t, "From", read(nil, &imap.Partial{Offset: 0, Count: 4}))
	size, err := BinarySize(m, []uint32{3})
	require.NoError(t, err)
	require.EqualValues(t, 57, size)
	_, err = BinarySize(m, []uint32{9})
	require.ErrorIs(t, err, ErrNoPart)
	_, err = Binary(corpus(t)["broken"], []uint32{2}, nil)
	require.ErrorIs(t, err, mime.ErrEncoding)
}
