package embedded

import (
	"math"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

const bodyProperties = jmap.EmailPropertyBodyStructure | jmap.EmailPropertyBodyValues | jmap.EmailPropertyTextBody |
	jmap.EmailPropertyHTMLBody | jmap.EmailPropertyAttachments

// bodyView says what of the body parts to show (RFC 8621 section 4.2).
type bodyView struct {
	properties      jmap.EmailBodyPartProperties
	headers         []namedHeader
	text, html, all bool // the bodyValues wanted
	maxBytes        int  // of a value; 0 is no limit
}

func newBodyView(text, html, all bool, maxBytes uint64) bodyView {
	return bodyView{text: text, html: html, all: all, maxBytes: int(min(maxBytes, math.MaxInt32))}
}

// bodyMaker makes the body properties of one Email.
type bodyMaker struct {
	*bodyView
	blob    blobName           // of the message
	numbers map[*mime.Part]int // places in a walk over the message, for blob ids
	*meter
}

// numberParts counts the parts of a message as blobName does.
func numberParts(m *mime.Message) map[*mime.Part]int {
	numbers := map[*mime.Part]int{}
	m.Root.Walk(false, func(p *mime.Part) { numbers[p] = len(numbers) + 1 })
	return numbers
}

// fill adds bodyProperties, as many as the meter allows.
func (v *bodyView) fill(e *jmap.Email, m *mime.Message, blob blobName, properties jmap.EmailProperties, left *meter) {
	k := &bodyMaker{bodyView: v, blob: blob, numbers: numberParts(m), meter: left}
	views := m.Views()
	if properties&jmap.EmailPropertyBodyStructure != 0 {
		e.BodyStructure = k.tree(m.Root)
	}
	if properties&jmap.EmailPropertyTextBody != 0 {
		e.TextBody = k.list(views.Text)
	}
	if properties&jmap.EmailPropertyHTMLBody != 0 {
		e.HTMLBody = k.list(views.HTML)
	}
	if properties&jmap.EmailPropertyAttachments != 0 {
		e.Attachments = k.list(views.Attachments)
	}
	if properties&jmap.EmailPropertyBodyValues != 0 {
		e.BodyValues = k.values(m, views)
	}
}

func (k *bodyMaker) list(parts []*mime.Part) []*jmap.EmailBodyPart {
	list := make([]*jmap.EmailBodyPart, len(parts))
	for i, p := range parts {
		list[i] = k.part(p)
	}
	return list
}

// tree makes a part with those below it.
func (k *bodyMaker) tree(p *mime.Part) *jmap.EmailBodyPart {
	out := k.part(p)
	if p.IsMultipart() {
		out.Has |= jmap.EmailBodyPartPropertySubParts
		out.SubParts = make([]*jmap.EmailBodyPart, len(p.Children))
		for i, child := range p.Children {
			out.SubParts[i] = k.tree(child)
		}
	}
	return out
}

func (k *bodyMaker) part(p *mime.Part) *jmap.EmailBodyPart {
	if !k.take(partOctets) {
		return &jmap.EmailBodyPart{}
	}
	full := &jmap.EmailBodyPart{
		Type: valid(p.MediaType()), Name: optional(p.FileName()), Charset: optional(p.Charset()),
		CID: optional(p.ContentID()), Location: optional(valid(p.Location)),
	}
	if !p.IsMultipart() {
		id, blob := p.PartID(), k.blob.part(k.numbers[p]).id()
		full.PartID, full.BlobID = &id, &blob
	}
	if k.properties&jmap.EmailBodyPartPropertySize != 0 {
		full.Size = partSize(p)
	}
	if p.Disposition != nil {
		full.Disposition = optional(valid(p.Disposition.Kind))
	}
	if len(p.Languages) > 0 {
		full.Language = p.Languages
	}
	if k.properties&jmap.EmailBodyPartPropertyHeaders != 0 {
		full.Headers = headerList(p.Fields(), k.meter)
	}
	out := full.Select(k.properties)
	for _, h := range k.headers {
		if k.full() {
			break
		}
		if out.HeaderFields.Set(h.name, headerValue(p.Fields(), h.HeaderProperty, k.meter)) == nil {
			k.take(fieldOctets + len(h.name) + len(out.HeaderFields[h.name]))
		}
	}
	return out
}

// partSize counts octets as a download of the part would have them.
func partSize(p *mime.Part) uint64 {
	if p.IsMultipart() {
		return uint64(p.Body.Len())
	}
	return uint64(p.ContentSize())
}

// values decodes the text parts that were asked for.
func (k *bodyMaker) values(m *mime.Message, views mime.Views) map[string]jmap.EmailBodyValue {
	values := map[string]jmap.EmailBodyValue{}
	add := func(p *mime.Part) {
		if !p.IsText() {
			return
		}
		id := p.PartID()
		if _, done := values[id]; !done && !k.full() {
			values[id] = k.value(p)
		}
	}
	each := func(wanted bool, parts []*mime.Part) {
		for _, p := range parts {
			if wanted {
				add(p)
			}
		}
	}
	each(k.text, views.Text)
	each(k.html, views.HTML)
	if k.all {
		m.Root.Walk(false, add)
	}
	return values
}

// value decodes a text part, no further than there is room.
func (k *bodyMaker) value(p *mime.Part) (v jmap.EmailBodyValue) {
	limit := k.maxBytes
	if most := k.room + 1; limit == 0 || limit > most {
		limit = most
	}
	if octets, plain := p.Plain(); plain && limit != k.maxBytes && len(octets)/2 > limit { // too long even if it is all CRLF
		k.room = -1
		return v
	}
	text := p.Text(limit)
	if text.Truncated && limit != k.maxBytes || !k.take(bodyOctets+jsonSize(text.Value)) {
		k.room = -1
		return v
	}
	return jmap.EmailBodyValue{Value: text.Value, IsEncodingProblem: text.Problem, IsTruncated: text.Truncated}
}

// optional is nil for the empty string, which JSON shows as null.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
