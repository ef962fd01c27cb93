package embedded

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// blobGet gives octets of blobs, or what can be said about them (RFC 9404 section 4.2). A blob that cannot be read fails the
// call: to leave it out or to call it missing would be to say that it does not exist.
func blobGet(b *batch, q *jmap.BlobGet) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	if q.IDs == nil {
		return nil, invalidArguments("ids is null, and there is no list of all blobs")
	}
	if err := b.checkGet(len(q.IDs)); err != nil {
		return nil, err
	}
	view, err := newBlobView(q.Properties)
	if err != nil {
		return nil, err
	}
	selected := octetRange{length: q.Length}
	if q.Offset != nil {
		selected.offset = *q.Offset
	}
	response := &blobList{BlobGetResponse: jmap.BlobGetResponse{AccountID: q.AccountID, List: []*jmap.Blob{}, NotFound: []jmap.ID{}}}
	left := &meter{b.room()}
	for _, id := range unique(b.ids(q.IDs)) {
		record, err := b.blob(a, id, view, selected, left)
		switch {
		case errors.Is(err, errNoBlob):
			response.NotFound = append(response.NotFound, id)
		case err != nil:
			return nil, err
		default:
			response.blobs = append(response.blobs, record.AppendJSON(make([]byte, 0, len(record.DataAsBase64)+partOctets)))
		}
	}
	return response, nil
}

// blobList is the answer of Blob/get with its records in JSON already, as emailList is.
type blobList struct {
	jmap.BlobGetResponse // without records
	blobs                [][]byte
}

// MarshalJSON implements json.Marshaler.
func (l *blobList) MarshalJSON() ([]byte, error) {
	frame := l.AppendJSON(nil)
	begin := []byte(`"list":[`)
	at := bytes.Index(frame, begin) + len(begin)
	return joinBetween(frame[:at], l.blobs, frame[at:]), nil
}

// ids is id for a list.
func (b *batch) ids(list []jmap.ID) []jmap.ID {
	resolved := make([]jmap.ID, len(list))
	for i, id := range list {
		resolved[i] = b.id(id)
	}
	return resolved
}

// blob makes the record of one blob.
func (b *batch) blob(a *account, id jmap.ID, view *blobView, selected octetRange, left *meter) (*jmap.Blob, error) {
	name, ok := parseBlobID(id)
	if !ok {
		return nil, errNoBlob
	}
	record := &jmap.Blob{Has: jmap.BlobPropertyID, ID: id}
	if len(name.path) == 0 && !view.looksInside() {
		size, err := a.blobs.size(name.digest)
		if err != nil {
			return nil, a.explain(err, name.digest)
		}
		view.describe(record, selected.in(uint64(size)), uint64(size))
		return record, b.takeRecord(left, 0)
	}
	err := b.withRange(a, name, selected, func(octets []byte, size uint64) error {
		if err := b.takeRecord(left, view.cost(octets)); err != nil {
			return err
		}
		view.describe(record, selected.in(size), size)
		view.fill(record, octets)
		return nil
	})
	return record, err
}

func (b *batch) takeRecord(left *meter, octets int) error {
	if !left.take(partOctets + octets) {
		return errTooMuch("the response would be too large")
	}
	return nil
}

// withRange gives f the selected octets of a blob and the size of the whole of it. Of a large file nothing else is read, once it
// is known to be intact. It must not be called within a transaction.
func (b *batch) withRange(a *account, name blobName, selected octetRange, f func(octets []byte, size uint64) error) error {
	if len(name.path) == 0 {
		if done, err := b.withPiece(a, name.digest, selected, f); done || err != nil {
			return a.explain(err, name.digest)
		}
	}
	return b.withContent(a, name.id(), func(octets []byte) error {
		size := uint64(len(octets))
		within := selected.in(size)
		return f(octets[within.start:within.end], size)
	})
}

// withPiece is withRange for a small part of a large file; it is false for others.
func (b *batch) withPiece(a *account, d digest, selected octetRange, f func([]byte, uint64) error) (done bool, err error) {
	size, err := a.blobs.size(d)
	if err != nil || size <= smallMessage {
		return false, err
	}
	within := selected.in(uint64(size))
	if within.end-within.start > smallMessage {
		return false, nil
	}
	file, err := a.blobs.openAsIs(d)
	if err != nil {
		return false, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && !a.blobs.intact.has(d, stampOf(info)) {
		if err := b.spend(size); err != nil {
			return false, err
		}
	}
	if err := errors.Join(b.spend(int64(within.end-within.start)), a.blobs.check(file, d)); err != nil {
		return false, err
	}
	octets := make([]byte, within.end-within.start)
	if _, err := file.ReadAt(octets, int64(within.start)); err != nil && err != io.EOF {
		return false, err
	}
	return true, f(octets, uint64(size))
}

// octetRange is what a client selects; without a length, all from the offset on.
type octetRange struct {
	offset uint64
	length *uint64
}

// within is what of a range there is.
type within struct {
	start, end uint64
	truncated  bool // the range goes beyond the end
}

func (r octetRange) in(size uint64) within {
	start := min(r.offset, size)
	if r.length == nil {
		return within{start, size, r.offset > size}
	}
	if *r.length > size-start {
		return within{start, size, true}
	}
	return within{start, start + *r.length, r.offset > size}
}

// blobView is what a client wants to know of blobs.
type blobView struct {
	text, base64, either, size bool
	digests                    []string // names of algorithms
}

func newBlobView(properties []string) (*blobView, error) {
	if properties == nil {
		return &blobView{either: true, size: true}, nil
	}
	v := &blobView{}
	for _, name := range properties {
		switch name {
		case "id":
		case "data":
			v.either = true
		case "data:asText":
			v.text = true
		case "data:asBase64":
			v.base64 = true
		case "size":
			v.size = true
		default:
			algorithm := digestAlgorithm(name)
			if algorithm == "" {
				return nil, unknownProperties([]string{name})
			}
			v.digests = append(v.digests, algorithm)
		}
	}
	return v, nil
}

// looksInside says whether the octets have to be read.
func (v *blobView) looksInside() bool { return v.text || v.base64 || v.either || len(v.digests) > 0 }

// cost is about how many octets of a response the data takes.
func (v *blobView) cost(octets []byte) int {
	n := 0
	if v.text || v.either && utf8.Valid(octets) {
		n += jsonSize(string(octets))
	}
	if v.base64 || v.either {
		n += base64.StdEncoding.EncodedLen(len(octets))
	}
	return n
}

func (v *blobView) describe(record *jmap.Blob, selected within, size uint64) {
	if v.size {
		record.Has |= jmap.BlobPropertySize
		record.Size = size
	}
	record.IsTruncated = selected.truncated
}

// fill adds the octets and their digests.
func (v *blobView) fill(record *jmap.Blob, octets []byte) {
	asText := utf8.Valid(octets)
	if v.text || v.either && asText {
		record.Has |= jmap.BlobPropertyDataAsText
		if asText {
			text := string(octets)
			record.DataAsText = &text
		}
	}
	if v.base64 || v.either && !asText {
		record.Has |= jmap.BlobPropertyDataAsBase64
		record.DataAsBase64 = base64.StdEncoding.EncodeToString(octets)
	}
	record.IsEncodingProblem = !asText && (v.text || v.either)
	for _, algorithm := range v.digests {
		put(&record.Extra, digestProperty+algorithm, digestJSON(algorithm, octets))
	}
}
