package mime

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// multi and single write entities; names become Content-Description.
func multi(subtype, boundary string, parts ...string) string {
	return fmt.Sprintf("Content-Type: multipart/%s; boundary=%s\n\n--%s\n%s\n--%s--\n",
		subtype, boundary, boundary, strings.Join(parts, "\n--"+boundary+"\n"), boundary)
}

func single(name, mediaType, more string) string {
	return fmt.Sprintf("Content-Type: %s\nContent-Description: %s\n%s\nbody of %s", mediaType, name, more, name)
}

func names(parts []*Part) string {
	var list []string
	for _, p := range parts {
		list = append(list, p.Description)
	}
	return strings.Join(list, " ")
}

// TestViewsExample is the example of RFC 8621 section 4.1.4.
func TestViewsExample(t *testing.T) {
	const inline, attached = "Content-Disposition: inline\n", "Content-Disposition: attachment\n"
	m := Parse([]byte(multi("mixed", "b0",
		single("A", "text/plain", inline),
		multi("mixed", "b1",
			multi("alternative", "b2",
				multi("mixed", "b3",
					single("B", "text/plain", inline), single("C", "image/jpeg", inline), single("D", "text/plain", inline)),
				multi("related", "b4", single("E", "text/html", ""), single("F", "image/jpeg", ""))),
			single("G", "image/jpeg", attached),
			single("H", "application/x-excel", ""),
			single("J", "message/rfc822", "")),
		single("K", "text/plain", inline))))
	v := m.Views()
	require.Equal(t, "A B C D K", names(v.Text))
	require.Equal(t, "A E K", names(v.HTML))
	require.Equal(t, "C F G H J", names(v.Attachments))
	require.True(t, v.HasAttachment())
}

func TestViewsOfSimpleMessages(t *testing.T) {
	cases := []struct {
		name, in, text, html, attachments string
		has                               bool
	}{
		{"plain", single("A", "text/plain", ""), "A", "A", "", false},
		{"html", single("A", "text/html", ""), "A", "A", "", false},
		{"alternative", multi("alternative", "b", single("A", "text/plain", ""), single("B", "text/html", "")), "A", "B", "", false},
		{"calendar", multi("alternative", "b", single("A", "text/plain", ""), single("B", "text/html", ""), single("C", "text/calendar", "")), "A", "B", "C", true},
		{"related", multi("related", "b", single("A", "text/html", ""), single("B", "image/png", "Content-ID: <x@y>\n")), "A", "A", "B", false},
		{"named text", multi("mixed", "b", single("A", "text/plain", ""), single("B", "text/plain; name=x.txt", "")), "A", "A", "B", true},
		{"pdf only", single("A", "application/pdf", ""), "", "", "A", true},
		{"signed", multi("signed", "b", single("A", "text/plain", ""), single("B", "application/pgp-signature", "")), "A", "A", "B", false},
	}
	for _, c := range cases {
		v := Parse([]byte(c.in)).Views()
		require.Equal(t, c.text, names(v.Text), c.name)
		require.Equal(t, c.html, names(v.HTML), c.name)
		require.Equal(t, c.attachments, names(v.Attachments), c.name)
		require.Equal(t, c.has, v.HasAttachment(), c.name)
	}
}

func TestFileName(t *testing.T) {
	for header, want := range map[string]string{
		"Content-Disposition: attachment; filename=\"a b.pdf\"":              "a b.pdf",
		"Content-Disposition: attachment; filename*=utf-8''%E2%9C%93.txt":    "✓.txt",
		"Content-Type: a/b; name=\"=?iso-8859-1?q?=FCber.txt?=\"":            "über.txt",
		"Content-Type: a/b; name=x\nContent-Disposition: inline; filename=y": "y",
		"Content-Type: a/b; name=x\nContent-Disposition: attachment":         "x",
		"Content-Type: a/b": "",
	} {
		require.Equal(t, want, leafOf(header, "").FileName(), header)
	}
}
