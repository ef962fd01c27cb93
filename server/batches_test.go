package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/servertest"
	"github.com/dragoman-mail/dragoman/testdata/mail"
)

// twisted is a JMAP server that answers Blob/get in its own way.
type twisted struct {
	http.RoundTripper
	twist func(calls []jmap.Invocation, response *jmap.Response) *http.Response // the answer in place of the changed one, or nil
	seen  *atomic.Int32                                                         // how often it was asked
}

func (t twisted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		return t.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	response, err := t.RoundTripper.RoundTrip(again)
	request := &jmap.Request{}
	if err != nil || request.UnmarshalJSON(body) != nil || request.MethodCalls[0].Name != "Blob/get" {
		return response, err
	}
	t.seen.Add(1)
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	answer := &jmap.Response{}
	if err := answer.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	if other := t.twist(request.MethodCalls, answer); other != nil {
		other.Request = r
		return other, nil
	}
	text, err = answer.MarshalJSON()
	if err != nil {
		return nil, err
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	response.Header.Del("Content-Length")
	return response, nil
}

// records changes each record of the answers to Blob/get.
func records(change func(i int, record *jmap.Blob)) func([]jmap.Invocation, *jmap.Response) *http.Response {
	return blobAnswers(func(q *jmap.BlobGet, p *jmap.BlobGetResponse) {
		for i, record := range p.List {
			change(i, record)
		}
	})
}

func blobAnswers(change func(*jmap.BlobGet, *jmap.BlobGetResponse)) func([]jmap.Invocation, *jmap.Response) *http.Response {
	return func(calls []jmap.Invocation, response *jmap.Response) *http.Response {
		for i := range response.MethodResponses {
			q, p := &jmap.BlobGet{}, &jmap.BlobGetResponse{}
			if calls[i].Into(q) != nil || response.MethodResponses[i].Into(p) != nil {
				panic("not Blob/get")
			}
			change(q, p)
			response.MethodResponses[i].Raw = p.AppendJSON(nil)
			response.MethodResponses[i].Args = nil
		}
		return nil
	}
}

func refusal(kind string) func([]jmap.Invocation, *jmap.Response) *http.Response {
	return func(_ []jmap.Invocation, response *jmap.Response) *http.Response {
		for i := range response.MethodResponses {
			response.MethodResponses[i].Name = "error"
			response.MethodResponses[i].Raw = json.RawMessage(fmt.Sprintf(`{"type":%q}`, kind))
			response.MethodResponses[i].Args = nil
		}
		return nil
	}
}

func httpStatus(status int) func([]jmap.Invocation, *jmap.Response) *http.Response {
	return func([]jmap.Invocation, *jmap.Response) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("oops"))}
	}
}

// However a server answers Blob/get, or does not have it, clients see the same octets.
func TestBatchesShowWhatDownloadsShow(t *testing.T) {
	all, err := mail.All()
	require.NoError(t, err)
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !bytes.ContainsRune(all[name], 0) {
			c.Append("INBOX", `\Seen`, string(all[name]))
		}
	}
	c.Append("INBOX", `\Seen`, "X-Junk: "+strings.Repeat("x", 10<<10)+"\r\nSubject: long\r\n\r\n"+strings.Repeat("y", 20<<10))
	c.Append("INBOX", `\Seen`, "X-Junk: "+strings.Repeat("x", 300<<10)+"\r\nSubject: longer\r\n\r\nbody")
	commands := []string{
		"FETCH 1:* (UID ENVELOPE)", "FETCH 1:* BODYSTRUCTURE", "FETCH 1:* BODY.PEEK[HEADER]", "FETCH 1:* RFC822.HEADER",
		"FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]", "FETCH 1:* BODY.PEEK[HEADER.FIELDS.NOT (X-JUNK)]", "FETCH 1:* BODY.PEEK[]",
		"FETCH 1:* (ENVELOPE BODY.PEEK[TEXT]<0.100>)", "FETCH 1:* BINARY.SIZE[1]", "SEARCH SUBJECT e", "SEARCH TEXT e", "SEARCH BODY e FROM e",
		"SEARCH OR SUBJECT long BODY harbour", "SEARCH NOT TEXT e", "SEARCH SENTSINCE 1-Jan-2000",
	}
	fields := false
	see := func(t *testing.T, command string, twist func([]jmap.Invocation, *jmap.Response) *http.Response) (string, int) {
		var asked atomic.Int32
		over := servertest.New(t, servertest.Options{Store: s.Store, Transport: func(next http.RoundTripper) http.RoundTripper {
			if twist == nil {
				return withoutBlob{next, fields}
			}
			return twisted{next, twist, &asked}
		}})
		reply := over.Select().Do(command)
		return strings.Join(append(reply.Lines(), reply.Tagged.Text), "\n"), int(asked.Load())
	}
	want := map[string]string{}
	for _, command := range commands {
		var asked int
		want[command], asked = see(t, command, nil)
		require.Zero(t, asked)
	}
	fields = true
	for _, command := range commands {
		got, _ := see(t, command, nil)
		require.Equal(t, withoutLineEnds(want[command]), withoutLineEnds(got), "with the fields that Email/get lists: %s", command)
	}
	nothing := func([]jmap.Invocation, *jmap.Response) *http.Response { return nil }
	for name, twist := range map[string]func([]jmap.Invocation, *jmap.Response) *http.Response{
		"as it should": nothing,
		"no size":      records(func(_ int, r *jmap.Blob) { r.Has &^= jmap.BlobPropertySize; r.Size = 0 }),
		"base64": records(func(i int, r *jmap.Blob) {
			if i%3 == 0 {
				r.DataAsBase64 += "!"
			}
		}),
		"other ids": records(func(i int, r *jmap.Blob) {
			if i%3 == 0 {
				r.ID += "x"
			}
		}),
		"fewer":            blobAnswers(func(_ *jmap.BlobGet, p *jmap.BlobGetResponse) { p.List = p.List[:len(p.List)/2] }),
		"called not found": blobAnswers(func(q *jmap.BlobGet, p *jmap.BlobGetResponse) { p.List, p.NotFound = nil, q.IDs }),
		"reversed":         blobAnswers(func(_ *jmap.BlobGet, p *jmap.BlobGetResponse) { slices.Reverse(p.List) }),
		"shorter": records(func(_ int, r *jmap.Blob) {
			r.DataAsBase64, r.IsTruncated = r.DataAsBase64[:len(r.DataAsBase64)/8*4], true
		}),
		"serverFail":      refusal("serverFail"),
		"requestTooLarge": refusal("requestTooLarge"),
		"unknownMethod":   refusal("unknownMethod"),
		"HTTP 500":        httpStatus(http.StatusInternalServerError),
	} {
		t.Run(name, func(t *testing.T) {
			for _, command := range commands {
				got, asked := see(t, command, twist)
				require.Equal(t, want[command], got, command)
				require.NotZero(t, asked, command)
			}
		})
	}
	for status, code := range map[int]string{http.StatusServiceUnavailable: "[UNAVAILABLE]", http.StatusTooManyRequests: "[LIMIT]"} {
		for _, command := range commands {
			got, _ := see(t, command, httpStatus(status))
			require.Regexp(t, `^NO `+regexp.QuoteMeta(code), got, "neither an empty nor a partial answer to %s", command)
		}
	}
}

// withoutLineEnds makes fields of messages with bare line feeds those that a JMAP server lists.
func withoutLineEnds(text string) string {
	return literalSize.ReplaceAllString(strings.ReplaceAll(text, "\r", ""), "{}")
}

var literalSize = regexp.MustCompile(`\{\d+\}`)

// The number of requests does not grow with that of the messages.
func TestFetchOfManyUnseenMessagesInFewRequests(t *testing.T) {
	const n = 520
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	for i := range n {
		c.Append("INBOX", `\Seen`, fmt.Sprintf("Subject: %d\r\nX-Junk: %s\r\n\r\n%s", i, strings.Repeat("x", i%900), strings.Repeat("body\r\n", i%50*100)))
	}
	for command, requests := range map[string]int{
		"FETCH 1:* (UID ENVELOPE)":                       2,
		"FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT)]":   2,
		"UID FETCH 1:500 (FLAGS BODY.PEEK[HEADER])":      1,
		"SEARCH SUBJECT 7":                               2,
		"FETCH 1:500 BODYSTRUCTURE":                      2, // 7 MB
		"FETCH 1:100,300,500 (FLAGS RFC822.SIZE)":        0,
		"FETCH 1:3 (RFC822.HEADER INTERNALDATE FLAGS)":   1,
		"SEARCH OR SUBJECT 7 (SENTSINCE 1-Jan-2000 NEW)": 2,
	} {
		over := servertest.New(t, servertest.Options{Store: s.Store})
		c := over.Select()
		over.Requests()
		c.OK(command)
		require.Len(t, over.Requests(), requests, command)
		c.OK(command)
		require.Empty(t, over.Requests(), "%s is known now", command)
	}
	over := servertest.New(t, servertest.Options{Store: s.Store, Transport: func(next http.RoundTripper) http.RoundTripper {
		return withoutBlob{next, true}
	}})
	c = over.Select()
	over.Requests()
	c.OK("FETCH 1:* (UID ENVELOPE)")
	c.OK("SEARCH SUBJECT 7")
	require.Equal(t, []string{"Email/get", "Email/get"}, over.Requests(), "without Blob/get")
	c.OK("FETCH 1 BODY.PEEK[HEADER]")
	require.Equal(t, []string{"download"}, over.Requests(), "fields are no octets")
}
