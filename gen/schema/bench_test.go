package schema

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// metadata is a response to Email/get with what the replica asks for of each of n messages.
func metadata(n int) *jmap.EmailGetResponse {
	p := &jmap.EmailGetResponse{AccountID: "a", State: "s1"}
	for i := range n {
		p.List = append(p.List, &jmap.Email{
			ID:         jmap.ID(fmt.Sprintf("M%024d", i)),
			BlobID:     jmap.ID(fmt.Sprintf("G%040d", i)),
			ThreadID:   jmap.ID(fmt.Sprintf("T%016d", i/3)),
			MailboxIDs: map[jmap.ID]bool{"MB23cfa8094c0f41e6": true},
			Keywords:   map[string]bool{"$seen": true, "$answered": i%2 == 0},
			Size:       uint64(1000 + i),
			ReceivedAt: jmap.NewUTCDate(time.Unix(1_700_000_000+int64(i), 0)),
		})
	}
	return p
}

func BenchmarkEncodeEmailGet500(b *testing.B) {
	p := metadata(500)
	buffer := p.AppendJSON(nil)
	b.SetBytes(int64(len(buffer)))
	b.ReportAllocs()
	for b.Loop() {
		buffer = p.AppendJSON(buffer[:0])
	}
}

func BenchmarkDecodeEmailGet500(b *testing.B) {
	text := metadata(500).AppendJSON(nil)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := new(jmap.EmailGetResponse).UnmarshalJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeResponse500 is the whole way: the envelope, then the arguments.
func BenchmarkDecodeResponse500(b *testing.B) {
	text, err := json.Marshal(jmap.Response{MethodResponses: []jmap.Invocation{{Name: "Email/get", Args: metadata(500), CallID: "c0"}}})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var p jmap.Response
		if err := p.UnmarshalJSON(text); err != nil {
			b.Fatal(err)
		}
		if err := p.MethodResponses[0].Into(new(jmap.EmailGetResponse)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelect500(b *testing.B) {
	p := metadata(500)
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range p.List {
			_ = e.Select(jmap.EmailPropertyID | jmap.EmailPropertyKeywords)
		}
	}
}
