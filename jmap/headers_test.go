package jmap

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// headerServer is a fake with Email/get over the fields of some Emails.
func headerServer(t *testing.T, most int, emails map[proto.ID][]proto.EmailHeader) *fake {
	f := newFake(t)
	f.api = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var request proto.Request
		q := &proto.EmailGet{}
		if request.UnmarshalJSON(body) != nil || request.MethodCalls[0].Into(q) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if len(q.IDs) > most {
			io.WriteString(w, `{"methodResponses":[["error",{"type":"requestTooLarge"},"`+request.MethodCalls[0].CallID+`"]],"sessionState":"s1"}`)
			return
		}
		answer := &proto.EmailGetResponse{AccountID: q.AccountID, State: "1", List: []*proto.Email{}, NotFound: []proto.ID{}}
		for _, id := range q.IDs {
			if fields, ok := emails[id]; ok {
				answer.List = append(answer.List, &proto.Email{ID: id, BlobID: "b" + id, Size: 1000, Headers: fields})
			} else {
				answer.NotFound = append(answer.NotFound, id)
			}
		}
		response := proto.Response{SessionState: "s1", MethodResponses: []proto.Invocation{{Name: "Email/get", Args: answer, CallID: request.MethodCalls[0].CallID}}}
		text, err := json.Marshal(response)
		if err != nil {
			panic(err)
		}
		w.Write(text)
	}
	return f
}

func TestHeaderBlocks(t *testing.T) {
	emails := map[proto.ID][]proto.EmailHeader{
		"good":         {{Name: "Subject", Value: " caf\u00e9\r\n\tau lait "}, {Name: "X", Value: ""}},
		"replaced":     {{Name: "Subject", Value: " caf\ufffd"}},
		"replaced too": {{Name: "Sub\ufffdject", Value: " x"}},
		"trimmed":      {{Name: "Subject", Value: "x"}, {Name: "From", Value: "y"}},
		"injected":     {{Name: "Subject", Value: " x\r\nBcc: y"}},
		"blank":        {{Name: "Subject", Value: " x\r\n\r\nbody"}},
		"line feed":    {{Name: "Subject", Value: " x\n y"}},
		"return":       {{Name: "Subject", Value: " x\ry"}},
		"zero":         {{Name: "Subject", Value: " x\x00y"}},
		"no name":      {{Name: "", Value: " x"}},
		"colon":        {{Name: "A: b", Value: " x"}},
		"nothing":      {},
	}
	ids := []proto.ID{"none"}
	for id := range emails {
		ids = append(ids, id)
	}
	blocks, err := headerServer(t, 100, emails).login(t, nil).HeaderBlocks(t.Context(), account, ids)
	require.NoError(t, err)
	require.Equal(t, []HeaderBlock{{Email: "good", Blob: "bgood", Size: 1000, Octets: []byte("Subject: caf\u00e9\r\n\tau lait \r\nX:\r\n\r\n")}}, blocks)
}

func TestHeaderBlocksComeInBatches(t *testing.T) {
	emails := map[proto.ID][]proto.EmailHeader{}
	var ids []proto.ID
	for i := range 1200 {
		id := proto.ID(fmt.Sprint("e", i))
		emails[id] = []proto.EmailHeader{{Name: "Subject", Value: fmt.Sprint(" ", i)}}
		ids = append(ids, id)
	}
	for _, test := range []struct{ most, emails, requests int }{
		{1000, 1200, 3}, {250, 1200, 1 + 5}, {1, 40, 5 + 40}, // 40, 20, 10, 5, 2 are too many
	} {
		f := headerServer(t, test.most, emails)
		blocks, err := f.login(t, nil).HeaderBlocks(t.Context(), account, ids[:test.emails])
		require.NoError(t, err)
		require.Len(t, blocks, test.emails)
		require.Len(t, f.requests("/jmap/api"), test.requests)
	}
	blocks, err := headerServer(t, 0, emails).login(t, nil).HeaderBlocks(t.Context(), account, ids)
	require.NoError(t, err)
	require.Empty(t, blocks)
}

func TestHeaderBlocksFail(t *testing.T) {
	f := newFake(t)
	s := f.login(t, nil)
	answer := func(kind string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			id := strings.Split(string(body[strings.LastIndex(string(body), `},"`)+3:]), `"`)[0]
			io.WriteString(w, `{"methodResponses":[["error",{"type":"`+kind+`"},"`+id+`"]],"sessionState":"s1"}`)
		}
	}
	f.api = answer("serverFail")
	blocks, err := s.HeaderBlocks(t.Context(), account, []proto.ID{"a"})
	require.NoError(t, err)
	require.Empty(t, blocks)
	f.api = answer("serverUnavailable")
	_, err = s.HeaderBlocks(t.Context(), account, []proto.ID{"a"})
	require.ErrorIs(t, err, ErrUnavailable)
	f.api = status(http.StatusServiceUnavailable, "text/plain", "")
	_, err = s.HeaderBlocks(t.Context(), account, []proto.ID{"a"})
	require.ErrorIs(t, err, ErrUnavailable)
}

// Whatever the fields, a block has no others.
func FuzzHeaderBlock(f *testing.F) {
	f.Add("Subject", " x\r\n y", "To", " z")
	f.Add("A", "\r\n", "", " \x00")
	f.Fuzz(func(t *testing.T, name, value, name2, value2 string) {
		fields := []proto.EmailHeader{{Name: name, Value: value}, {Name: name2, Value: value2}}
		block, ok := headerBlock(fields)
		if !ok {
			return
		}
		text := strings.ReplaceAll(strings.ReplaceAll(string(block), "\r\n ", ""), "\r\n\t", "")
		require.Equal(t, 3, strings.Count(text, "\r\n"))
		require.NotContains(t, strings.ReplaceAll(text, "\r\n", ""), "\n")
		require.True(t, strings.HasPrefix(text, name+":"))
	})
}
