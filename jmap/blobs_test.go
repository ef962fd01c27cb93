package jmap

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// blobServer is a fake with Blob/get over some blobs.
type blobServer struct {
	*fake
	blobs   map[proto.ID]string
	twist   func(*proto.BlobGet, *proto.BlobGetResponse) // changes an answer
	instead func(*proto.BlobGet) proto.Method            // answers in its place, unless nil
	refuse  func(ids int) string                         // body of an HTTP 400, unless empty
}

func newBlobServer(t *testing.T, capability string) *blobServer {
	b := &blobServer{fake: newFake(t), blobs: map[proto.ID]string{}}
	b.session = strings.ReplaceAll(b.sessionObject(), `"urn:ietf:params:jmap:mail":{}`, `"urn:ietf:params:jmap:mail":{},"`+capability+`":{}`)
	b.api = b.answer
	return b
}

func (b *blobServer) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request proto.Request
	if err := request.UnmarshalJSON(body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	ids := 0
	response := proto.Response{SessionState: "s1"}
	for _, call := range request.MethodCalls {
		q := &proto.BlobGet{}
		if err := call.Into(q); err != nil {
			panic(err)
		}
		ids += len(q.IDs)
		var answer proto.Method = b.get(q)
		if b.instead != nil {
			if other := b.instead(q); other != nil {
				answer = other
			}
		}
		raw, _ := answer.MarshalJSON()
		response.MethodResponses = append(response.MethodResponses, proto.Invocation{Name: answer.Method(), Raw: raw, CallID: call.CallID})
	}
	if b.refuse != nil {
		if text := b.refuse(ids); text != "" {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, text)
			return
		}
	}
	text, err := response.MarshalJSON()
	if err != nil {
		panic(err)
	}
	w.Write(text)
}

func (b *blobServer) get(q *proto.BlobGet) *proto.BlobGetResponse {
	answer := &proto.BlobGetResponse{AccountID: q.AccountID, List: []*proto.Blob{}, NotFound: []proto.ID{}}
	for _, id := range q.IDs {
		octets, ok := b.blobs[id]
		if !ok {
			answer.NotFound = append(answer.NotFound, id)
			continue
		}
		record := &proto.Blob{Has: proto.BlobPropertyDataAsBase64 | proto.BlobPropertySize, ID: id, Size: uint64(len(octets))}
		part := octets
		if q.Offset != nil {
			part = part[min(*q.Offset, uint64(len(part))):]
		}
		if q.Length != nil {
			record.IsTruncated = *q.Length > uint64(len(part))
			part = part[:min(*q.Length, uint64(len(part)))]
		}
		record.DataAsBase64 = base64.StdEncoding.EncodeToString([]byte(part))
		answer.List = append(answer.List, record)
	}
	if b.twist != nil {
		b.twist(q, answer)
	}
	return answer
}

func (b *blobServer) calls() int { return len(b.requests("/jmap/api")) }

func TestBlobs(t *testing.T) {
	for _, capability := range []string{proto.CapabilityBlob, cyrusBlob} {
		b := newBlobServer(t, capability)
		s := b.login(t, nil)
		require.True(t, s.HasBlobGet(account))
		require.False(t, s.HasBlobGet("A2"))
		b.blobs["a"], b.blobs["b"], b.blobs["c"] = "hello \x00\xff\r\n", strings.Repeat("b", 100), ""
		pieces, err := s.Blobs(t.Context(), account, []BlobRange{
			{Blob: "b", Length: 10}, {Blob: "a"}, {Blob: "none"}, {Blob: "b", Offset: 90, Length: 20}, {Blob: "a", Length: 10},
			{Blob: "c"}, {Blob: "c", Length: 10}, {Blob: "a"}, {Blob: "b", Offset: 200}, {Blob: "b", Length: 100, Size: 100},
		})
		require.NoError(t, err)
		require.Equal(t, 1, b.calls())
		want := []string{strings.Repeat("b", 10), "hello \x00\xff\r\n", "", strings.Repeat("b", 10), "hello \x00\xff\r\n", "", "", "hello \x00\xff\r\n", "", strings.Repeat("b", 100)}
		sizes := []int64{100, 10, -1, 100, 10, 0, 0, 10, 100, 100}
		for i, piece := range pieces {
			require.Equal(t, want[i], string(piece.Octets), i)
			require.Equal(t, sizes[i], piece.Size, i)
			if i == 2 {
				require.ErrorIs(t, piece.Err, ErrUnanswered)
			} else {
				require.NoError(t, piece.Err)
			}
		}
	}
}

func TestBlobsWithoutTheCapability(t *testing.T) {
	f := newFake(t)
	s := f.login(t, nil)
	require.False(t, s.HasBlobGet(account))
	pieces, err := s.Blobs(t.Context(), account, []BlobRange{{Blob: "a"}})
	require.NoError(t, err)
	require.ErrorIs(t, pieces[0].Err, ErrUnanswered)
	require.Empty(t, f.requests("/jmap/api"))
}

// many makes n blobs of a size, and ranges for the whole of each.
func (b *blobServer) many(n, size int) []BlobRange {
	var ranges []BlobRange
	for i := range n {
		id := proto.ID(fmt.Sprint("m", i))
		b.blobs[id] = strings.Repeat(string(rune('a'+i%26)), size)
		ranges = append(ranges, BlobRange{Blob: id, Size: int64(size)})
	}
	return ranges
}

func (b *blobServer) check(t *testing.T, s *Session, ranges []BlobRange) {
	t.Helper()
	pieces, err := s.Blobs(t.Context(), account, ranges)
	require.NoError(t, err)
	for i, piece := range pieces {
		require.NoError(t, piece.Err)
		require.Equal(t, b.blobs[ranges[i].Blob], string(piece.Octets))
	}
}

func TestBlobsAreAskedForInBatches(t *testing.T) {
	for _, test := range []struct {
		name, core        string
		blobs, size, want int
	}{
		{"one", "", 500, 10, 1},
		{"number", `"maxObjectsInGet":5000`, 1001, 10, 3},
		{"maxObjectsInGet", `"maxObjectsInGet":40`, 100, 10, 3},
		{"maxSizeRequest", `"maxSizeRequest":2000`, 200, 10, 2},
		{"octets", "", 10, MaxBlobOctets / 4, 3},
		{"large", "", 2, MaxBlobOctets + 1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlobServer(t, proto.CapabilityBlob)
			b.session = strings.Replace(b.session, `"urn:ietf:params:jmap:core":{`, `"urn:ietf:params:jmap:core":{`+test.core, 1)
			s := b.login(t, nil)
			b.check(t, s, b.many(test.blobs, test.size))
			require.Equal(t, test.want, b.calls())
		})
	}
	t.Run("maxCallsInRequest", func(t *testing.T) {
		b := newBlobServer(t, proto.CapabilityBlob)
		b.session = strings.Replace(b.session, `"urn:ietf:params:jmap:core":{`, `"urn:ietf:params:jmap:core":{"maxCallsInRequest":2`, 1)
		ranges := b.many(5, 10)
		for i := range ranges {
			ranges[i].Offset = int64(i)
		}
		pieces, err := b.login(t, nil).Blobs(t.Context(), account, ranges)
		require.NoError(t, err)
		for i, piece := range pieces {
			require.Len(t, piece.Octets, 10-i)
		}
		require.Equal(t, 3, b.calls())
	})
}

// A server may allow less than it announces, and say so in one of two ways.
func TestBlobsInSmallerBatchesThanAnnounced(t *testing.T) {
	t.Run("method error", func(t *testing.T) {
		b := newBlobServer(t, proto.CapabilityBlob)
		b.instead = func(q *proto.BlobGet) proto.Method {
			if len(q.IDs) > 30 {
				return &proto.MethodError{Type: proto.MethodErrorRequestTooLarge}
			}
			return nil
		}
		s := b.login(t, nil)
		ranges := b.many(100, 10)
		b.check(t, s, ranges)
		require.Equal(t, 1+2+4, b.calls())
		b.check(t, s, ranges)
		require.Equal(t, 7+4, b.calls(), "the size is remembered")
	})
	t.Run("request error", func(t *testing.T) {
		b := newBlobServer(t, cyrusBlob)
		b.refuse = func(ids int) string {
			if ids > 60 {
				return `{"type":"urn:ietf:params:jmap:error:limit","limit":"maxObjectsInGet","status":400}`
			}
			return ""
		}
		b.check(t, b.login(t, nil), b.many(100, 10))
		require.Equal(t, 3, b.calls())
	})
	t.Run("never small enough", func(t *testing.T) {
		b := newBlobServer(t, proto.CapabilityBlob)
		b.instead = func(*proto.BlobGet) proto.Method { return &proto.MethodError{Type: proto.MethodErrorRequestTooLarge} }
		pieces, err := b.login(t, nil).Blobs(t.Context(), account, b.many(4, 10))
		require.NoError(t, err)
		for _, piece := range pieces {
			require.ErrorIs(t, piece.Err, ErrUnanswered)
		}
		require.Equal(t, 7, b.calls())
	})
}

// What a server gives otherwise than asked is not believed.
func TestBlobsOfStrangeAnswers(t *testing.T) {
	const text = "0123456789"
	for name, twist := range map[string]func(*proto.BlobGet, *proto.BlobGetResponse){
		"fewer":    func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List = a.List[:1] },
		"missing":  func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List, a.NotFound = a.List[:1], []proto.ID{"b"} },
		"other":    func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List[1].ID = "x" },
		"base64":   func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List[1].DataAsBase64 = "MDEyMzQ1Njc4OQ=" },
		"alphabet": func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List[1].DataAsBase64 = "MDEyMzQ1Njc4_Q==" },
		"short":    func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List[1].DataAsBase64 = "MDEy" },
		"long":     func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List[1].DataAsBase64 += "MDEy" },
		"no data":  func(_ *proto.BlobGet, a *proto.BlobGetResponse) { a.List[1].Has, a.List[1].DataAsBase64 = 0, "" },
		"truncated": func(_ *proto.BlobGet, a *proto.BlobGetResponse) {
			a.List[1] = &proto.Blob{Has: proto.BlobPropertyDataAsBase64, ID: "b", DataAsBase64: "MDEy", IsTruncated: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBlobServer(t, proto.CapabilityBlob)
			b.blobs["a"], b.blobs["b"], b.twist = text, text, twist
			pieces, err := b.login(t, nil).Blobs(t.Context(), account, []BlobRange{{Blob: "a"}, {Blob: "b"}})
			require.NoError(t, err)
			require.Equal(t, text, string(pieces[0].Octets))
			require.ErrorIs(t, pieces[1].Err, ErrUnanswered)
			require.Nil(t, pieces[1].Octets)
		})
	}
	t.Run("more and twice", func(t *testing.T) {
		b := newBlobServer(t, proto.CapabilityBlob)
		b.blobs["a"], b.blobs["b"] = text, text
		b.twist = func(_ *proto.BlobGet, a *proto.BlobGetResponse) {
			other := *a.List[0]
			other.ID = "x"
			a.List = append(a.List, &other, a.List[0])
		}
		b.check(t, b.login(t, nil), []BlobRange{{Blob: "a"}, {Blob: "b"}})
	})
	t.Run("length is ignored", func(t *testing.T) {
		b := newBlobServer(t, proto.CapabilityBlob)
		b.blobs["a"] = text
		b.instead = func(q *proto.BlobGet) proto.Method {
			q.Length = nil
			return b.get(q)
		}
		pieces, err := b.login(t, nil).Blobs(t.Context(), account, []BlobRange{{Blob: "a", Length: 4}})
		require.NoError(t, err)
		require.ErrorIs(t, pieces[0].Err, ErrUnanswered)
	})
}

func TestBlobsWithoutASize(t *testing.T) {
	b := newBlobServer(t, proto.CapabilityBlob)
	b.blobs["a"] = "0123456789"
	b.twist = func(_ *proto.BlobGet, a *proto.BlobGetResponse) {
		a.List[0].Has, a.List[0].Size = proto.BlobPropertyDataAsBase64, 0
	}
	s := b.login(t, nil)
	for r, want := range map[BlobRange]string{
		{Blob: "a"}: "0123456789", {Blob: "a", Length: 4}: "0123", {Blob: "a", Offset: 8, Length: 4}: "89", {Blob: "a", Offset: 4}: "456789",
	} {
		pieces, err := s.Blobs(t.Context(), account, []BlobRange{r})
		require.NoError(t, err)
		require.NoError(t, pieces[0].Err)
		require.Equal(t, want, string(pieces[0].Octets))
		require.EqualValues(t, -1, pieces[0].Size)
	}
}

func TestBlobsFail(t *testing.T) {
	for kind, absent := range map[proto.MethodErrorType]bool{
		proto.MethodErrorUnknownMethod: true, proto.MethodErrorInvalidArguments: true, proto.MethodErrorServerFail: false, "odd": false,
	} {
		b := newBlobServer(t, proto.CapabilityBlob)
		b.instead = func(*proto.BlobGet) proto.Method { return &proto.MethodError{Type: kind} }
		s := b.login(t, nil)
		pieces, err := s.Blobs(t.Context(), account, b.many(600, 10))
		require.NoError(t, err)
		for _, piece := range pieces {
			require.ErrorIs(t, piece.Err, ErrUnanswered)
		}
		require.Equal(t, absent, !s.HasBlobGet(account), kind)
	}
	b := newBlobServer(t, proto.CapabilityBlob)
	b.refuse = func(int) string { return `{"type":"urn:ietf:params:jmap:error:unknownCapability","status":400}` }
	refused := b.login(t, nil)
	_, err := refused.Blobs(t.Context(), account, b.many(1, 10))
	require.NoError(t, err)
	require.False(t, refused.HasBlobGet(account))
	b.refuse = nil
	b.instead = func(*proto.BlobGet) proto.Method { return &proto.MethodError{Type: proto.MethodErrorServerUnavailable} }
	_, err = b.login(t, nil).Blobs(t.Context(), account, b.many(1, 10))
	require.ErrorIs(t, err, ErrUnavailable)
	b.instead = nil
	s := b.login(t, nil)
	b.api = status(http.StatusInternalServerError, "text/plain", "Fatal error")
	_, err = s.Blobs(t.Context(), account, b.many(1, 10))
	require.ErrorIs(t, err, ErrUnavailable)
	b.api = status(http.StatusOK, "application/json", `{"methodResponses":[["Blob/get",{"list":[{"id":"m0","data:`)
	_, err = s.Blobs(t.Context(), account, b.many(1, 10))
	require.ErrorIs(t, err, ErrUnavailable)
	b.api = status(http.StatusOK, "application/json", `{"methodResponses":[["Blob/get",{"list":7},"c0"]],"sessionState":"s1"}`)
	pieces, err := s.Blobs(t.Context(), account, b.many(1, 10))
	require.NoError(t, err)
	require.ErrorIs(t, pieces[0].Err, ErrUnanswered)
}

// All octets come through.
func TestBlobsAreExact(t *testing.T) {
	b := newBlobServer(t, proto.CapabilityBlob)
	s := b.login(t, nil)
	random := rand.NewChaCha8([32]byte{1})
	var ranges []BlobRange
	for i := range 50 {
		octets := make([]byte, i*7)
		random.Read(octets)
		id := proto.ID(fmt.Sprint("r", i))
		b.blobs[id] = string(octets)
		ranges = append(ranges, BlobRange{Blob: id})
	}
	b.check(t, s, ranges)
}

// Whatever a server sends, a piece has no octets but those of its range.
func FuzzBlobPiece(f *testing.F) {
	f.Add([]byte(`{"id":"a","data:asBase64":"aGVsbG8=","size":5}`), int64(0), int64(0))
	f.Add([]byte(`{"id":"a","data:asBase64":"aGVs","size":5,"isTruncated":true}`), int64(0), int64(3))
	f.Add([]byte(`{"id":"a","data:asBase64":null,"size":-1}`), int64(7), int64(3))
	f.Fuzz(func(t *testing.T, text []byte, offset, length int64) {
		record := &proto.Blob{}
		if offset < 0 || length < 0 || json.Unmarshal(text, record) != nil {
			return
		}
		r := BlobRange{Blob: "a", Offset: offset, Length: length}
		piece, err := r.piece(record)
		if err != nil {
			require.ErrorIs(t, err, ErrUnanswered)
			return
		}
		got := int64(len(piece.Octets))
		require.True(t, length == 0 || got <= length)
		if piece.Size >= 0 {
			require.Equal(t, r.within(piece.Size), got)
		}
	})
}
