package jmap

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// cyrusBlob is the capability under which Cyrus 3.6 has Blob/get, in the form of RFC 9404 section 4.2 but for the digests.
const cyrusBlob = "https://cyrusimap.org/ns/jmap/blob"

// Bounds of one request of Blobs. The answer has four octets for three of a blob, and is in memory a few times over.
const (
	// MaxBlobs is how many blobs Blobs asks for in one request.
	MaxBlobs = 500
	// MaxBlobOctets is how many octets of blobs it asks for in one request, unless a single blob has more.
	MaxBlobOctets = 4 << 20

	sizeOfUnknown = 32 << 10 // what a blob of unknown size is taken to have
)

// ErrUnanswered says that a server did not give the octets of a blob in a batch, or gave others than were asked for. A
// download of the blob tells what is wrong, if anything.
var ErrUnanswered = errors.New("the JMAP server did not give the blob in a batch")

// BlobRange selects octets of a blob.
type BlobRange struct {
	Blob   proto.ID
	Offset int64 // where they begin
	Length int64 // how many at most; 0 for all that follow
	Size   int64 // of the whole blob where that is known, else 0; it is used to measure batches
}

// BlobPiece is what came of a BlobRange.
type BlobPiece struct {
	Octets []byte // fewer than the range has where the blob ends within it
	Size   int64  // of the whole blob in octets, -1 where it is not known
	Err    error  // ErrUnanswered, or nil
}

// blobHealth is what a session has learned about Blob/get and Blob/upload.
type blobHealth struct {
	most     atomic.Int64 // the largest batch that the server takes, 0 where none was refused
	absent   atomic.Bool  // the server announces Blob/get and does not have it
	noUpload atomic.Bool  // the same of Blob/upload
}

// HasBlobGet reports whether an account has Blob/get (RFC 9404 section 4.2), under the capability of the RFC or that of Cyrus, so
// that Blobs can be of use.
func (s *Session) HasBlobGet(account proto.ID) bool {
	if s.blobs.absent.Load() {
		return false
	}
	capabilities := s.Info().Accounts[account].AccountCapabilities
	for _, name := range []string{proto.CapabilityBlob, cyrusBlob} {
		if _, has := capabilities[name]; has && slices.Contains(s.using, name) {
			return true
		}
	}
	return false
}

// Blobs gets octets of many blobs of an account in few requests, with Blob/get (RFC 9404 section 4.2): one request for each
// MaxBlobs of them or MaxBlobOctets, less where the server allows less. There is a piece for each range, in order. What the server
// does not give as asked (no such blob, an answer that does not fit its own figures) is ErrUnanswered: the download of that blob
// alone tells the cause. So is everything where there is no Blob/get.
//
// The errors are those of Do; pieces that were read until then are lost.
func (s *Session) Blobs(ctx context.Context, account proto.ID, ranges []BlobRange) ([]BlobPiece, error) {
	pieces := make([]BlobPiece, len(ranges))
	order := make([]int, len(ranges))
	for i := range ranges {
		pieces[i] = BlobPiece{Size: -1, Err: ErrUnanswered}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(ranges[a].Offset, ranges[b].Offset), cmp.Compare(ranges[a].Length, ranges[b].Length))
	})
	fetch := blobFetch{session: s, account: account, ranges: ranges, pieces: pieces}
	for len(order) > 0 && s.HasBlobGet(account) {
		n := fetch.batch(order)
		if err := fetch.get(ctx, order[:n]); err != nil {
			return nil, err
		}
		order = order[n:]
	}
	return pieces, nil
}

// blobFetch is one call of Blobs. Its lists of indexes have ranges of the same offset and length side by side.
type blobFetch struct {
	session *Session
	account proto.ID
	ranges  []BlobRange
	pieces  []BlobPiece
}

// batch is how many of the ranges go into the next request.
func (f *blobFetch) batch(list []int) int {
	limits := f.session.Limits()
	most := min(MaxBlobs, limits.MaxObjectsInGet)
	if lower := f.session.blobs.most.Load(); lower > 0 {
		most = min(most, int(lower))
	}
	octets, text, calls := int64(0), int64(1000), 0
	for n, i := range list {
		if n == 0 || !f.together(list[n-1], i) {
			calls++
			text += 200
		}
		octets += f.ranges[i].expected()
		text += int64(len(f.ranges[i].Blob)) + 3
		if n > 0 && (n == most || octets > MaxBlobOctets || text > limits.MaxSizeRequest || calls > limits.MaxCallsInRequest) {
			return n
		}
	}
	return len(list)
}

// together tells whether two ranges can be asked for in one call.
func (f *blobFetch) together(i, j int) bool {
	a, b := f.ranges[i], f.ranges[j]
	return a.Offset == b.Offset && a.Length == b.Length
}

// expected is how many octets a range is likely to give.
func (r BlobRange) expected() int64 {
	switch {
	case r.Size > 0:
		return r.within(r.Size)
	case r.Length > 0:
		return r.Length
	}
	return sizeOfUnknown
}

// get makes one request, and more for what of it is too large for the server in one.
func (f *blobFetch) get(ctx context.Context, list []int) error {
	refused, err := f.ask(ctx, list)
	half := len(list) / 2
	if err != nil || len(refused) == 0 || half == 0 {
		return err
	}
	f.session.blobs.lower(int64(half))
	for len(refused) > 0 {
		n := min(half, len(refused))
		if err := f.get(ctx, refused[:n]); err != nil {
			return err
		}
		refused = refused[n:]
	}
	return nil
}

// lower notes a size of a batch that may be small enough.
func (h *blobHealth) lower(n int64) {
	for {
		most := h.most.Load()
		if most > 0 && most <= n || h.most.CompareAndSwap(most, n) {
			return
		}
	}
}

// ask makes one request. What the server would have answered had it been less is returned.
func (f *blobFetch) ask(ctx context.Context, list []int) (refused []int, err error) {
	var request proto.Request
	var calls []proto.Call[proto.BlobGetResponse]
	var lists [][]int
	for rest := list; len(rest) > 0; rest = rest[len(lists[len(lists)-1]):] {
		n := 1
		for n < len(rest) && f.together(rest[0], rest[n]) {
			n++
		}
		calls = append(calls, proto.Add(&request, f.call(rest[:n])))
		lists = append(lists, rest[:n])
	}
	response, err := f.session.Do(ctx, &request)
	var refusal *proto.RequestError
	switch {
	case refusesSize(err):
		return list, nil
	case errors.As(err, &refusal): // what it announced it does not take
		f.session.blobs.absent.Store(true)
		return nil, nil
	case err != nil:
		return nil, err
	}
	for i, call := range calls {
		answer, err := call.Response(response)
		if err == nil {
			f.take(answer, lists[i])
			continue
		}
		tooLarge, err := f.failed(err)
		if err != nil {
			return nil, err
		}
		if tooLarge {
			refused = append(refused, lists[i]...)
		}
	}
	return refused, nil
}

// call asks for ranges of the same offset and length, for each blob once.
func (f *blobFetch) call(list []int) *proto.BlobGet {
	q := &proto.BlobGet{AccountID: f.account, Properties: []string{"data:asBase64", "size"}}
	asked := make(map[proto.ID]bool, len(list))
	for _, i := range list {
		if id := f.ranges[i].Blob; !asked[id] {
			asked[id] = true
			q.IDs = append(q.IDs, id)
		}
	}
	r := f.ranges[list[0]]
	if r.Offset > 0 || r.Length > 0 {
		offset := uint64(r.Offset)
		q.Offset = &offset
	}
	if r.Length > 0 {
		length := uint64(r.Length)
		q.Length = &length
	}
	return q
}

// refusesSize tells whether the whole request was too large, which Cyrus 3.6 answers when there are too many ids.
func refusesSize(err error) bool {
	var limit *LimitError
	var refusal *proto.RequestError
	return errors.As(err, &limit) && limit.RetryAfter == 0 && !concurrencyLimit(limit.Limit) && limit.Limit != "" ||
		errors.As(err, &refusal) && refusal.Type == proto.RequestErrorLimit
}

// failed judges an error in place of the answer to a call. What it leaves unanswered is downloaded.
func (f *blobFetch) failed(err error) (tooLarge bool, _ error) {
	var method *proto.MethodError
	if !errors.As(err, &method) {
		return false, nil // an answer of another form
	}
	switch method.Type {
	case proto.MethodErrorRequestTooLarge:
		return true, nil
	case proto.MethodErrorUnknownMethod, proto.MethodErrorInvalidArguments:
		f.session.blobs.absent.Store(true)
	case proto.MethodErrorServerUnavailable:
		return false, &UnavailableError{Op: "calling Blob/get", Detail: method.Description, Err: method}
	}
	return false, nil
}

// take keeps what of an answer is as it was asked for.
func (f *blobFetch) take(answer *proto.BlobGetResponse, list []int) {
	given := make(map[proto.ID]BlobPiece, len(answer.List))
	r := f.ranges[list[0]]
	for _, record := range answer.List {
		if record == nil {
			continue
		}
		if piece, err := r.piece(record); err == nil {
			given[record.ID] = piece
		}
	}
	for _, i := range list {
		if piece, ok := given[f.ranges[i].Blob]; ok {
			f.pieces[i] = piece
		}
	}
}

// piece reads a record. It fails where the octets are not all of the range that the blob has: nothing can be told of such an answer.
func (r BlobRange) piece(record *proto.Blob) (BlobPiece, error) {
	if record.Has&proto.BlobPropertyDataAsBase64 == 0 || len(record.Invalid) > 0 {
		return BlobPiece{}, fmt.Errorf("%w: no data:asBase64", ErrUnanswered)
	}
	octets, err := base64.StdEncoding.DecodeString(record.DataAsBase64)
	if err != nil {
		return BlobPiece{}, fmt.Errorf("%w: %w", ErrUnanswered, err)
	}
	piece := BlobPiece{Octets: octets, Size: -1}
	if record.Has&proto.BlobPropertySize != 0 && record.Size < 1<<53 {
		piece.Size = int64(record.Size)
	}
	if !r.isWhole(piece, record.IsTruncated) {
		return BlobPiece{}, fmt.Errorf("%w: %d octets of another range", ErrUnanswered, len(octets))
	}
	return piece, nil
}

// isWhole compares a piece with its range.
func (r BlobRange) isWhole(piece BlobPiece, truncated bool) bool {
	got := int64(len(piece.Octets))
	switch {
	case piece.Size >= 0:
		return got == r.within(piece.Size)
	case r.Length > 0:
		return got == r.Length || got < r.Length && truncated
	}
	return !truncated
}

// within is how many octets of the range a blob of some size has.
func (r BlobRange) within(size int64) int64 {
	rest := max(size-r.Offset, 0)
	if r.Length > 0 {
		return min(rest, r.Length)
	}
	return rest
}
