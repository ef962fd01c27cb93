package embedded

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/jmap/mime/compose"
)

// part makes a body part. The root's header fields share the message's header.
func (c *composer) part(p *jmap.EmailBodyPart, property string, root bool, depth int) *compose.Part {
	out := &compose.Part{}
	if p == nil || depth > mime.MaxDepth {
		c.refuse(property, "a part is missing, or nested too deep")
		return out
	}
	if len(p.Invalid) > 0 || len(p.Extra) > 0 || p.Has&jmap.EmailBodyPartPropertyHeaders != 0 {
		c.refuse(property, "a part has properties that cannot be set, or of the wrong type: %s",
			strings.Join(slices.Concat(p.Invalid, slices.Sorted(maps.Keys(p.Extra))), ", "))
	}
	out.Type = strings.ToLower(p.Type)
	out.Disposition, out.FileName = strings.ToLower(text(p.Disposition)), text(p.Name)
	out.ID, out.Location, out.Languages = text(p.CID), text(p.Location), p.Language
	c.partHeader(out, p, property, root)
	if p.SubParts != nil || strings.HasPrefix(out.Type, "multipart/") {
		c.subParts(out, p, property, depth)
		return out
	}
	c.content(out, p, property)
	return out
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (c *composer) subParts(out *compose.Part, p *jmap.EmailBodyPart, property string, depth int) {
	if out.Type == "" {
		out.Type = "multipart/mixed"
	}
	if !strings.HasPrefix(out.Type, "multipart/") || len(p.SubParts) == 0 || p.PartID != nil || p.BlobID != nil {
		c.refuse(property, "a part has either subParts and a type of multipart, or neither")
	}
	for _, sub := range p.SubParts {
		out.Parts = append(out.Parts, c.part(sub, property, false, depth+1))
	}
}

// content finds the content of a part in bodyValues or in a blob.
func (c *composer) content(out *compose.Part, p *jmap.EmailBodyPart, property string) {
	switch {
	case p.PartID != nil && p.BlobID != nil, p.PartID == nil && p.BlobID == nil:
		c.refuse(property, "a part has either a partId or a blobId")
	case p.PartID != nil:
		value, ok := c.email.BodyValues[*p.PartID]
		switch {
		case !ok:
			c.refuse(property, "the part %s is not in bodyValues", *p.PartID)
		case p.Charset != nil || p.Has&jmap.EmailBodyPartPropertySize != 0:
			c.refuse(property, "a part with a partId has no charset and no size")
		case out.Type != "" && !strings.HasPrefix(out.Type, "text/"):
			c.textOctets(out, value.Value)
		default:
			out.Text = value.Value
		}
	default:
		c.blob(out, p, property)
	}
}

// textOctets takes a value as the content of a part that is no text, such as JSON.
func (c *composer) textOctets(out *compose.Part, value string) {
	out.Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(value)), nil }
}

func (c *composer) blob(out *compose.Part, p *jmap.EmailBodyPart, property string) {
	if c.failed != nil || c.attached > c.store.limits.MaxSizeAttachmentsPerEmail {
		return
	}
	d, size, err := c.wholeBlob(c.a, *p.BlobID)
	if errors.Is(err, errNoBlob) {
		if !slices.Contains(c.missing, *p.BlobID) {
			c.missing = append(c.missing, *p.BlobID)
		}
		return
	}
	if err != nil {
		c.failed = err
		return
	}
	if out.Type == "" {
		out.Type = "application/octet-stream"
	}
	if p.Charset != nil {
		out.Params = append(out.Params, mime.Param{Name: "charset", Value: *p.Charset})
	}
	c.attached += size
	out.Open = func() (io.ReadCloser, error) { return c.a.blobs.open(d) }
}

// partHeader adds the header:… properties of a part. Those of the root that are not about the
// content belong to the message.
func (c *composer) partHeader(out *compose.Part, p *jmap.EmailBodyPart, property string, root bool) {
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(p.HeaderFields)) {
		h, err := parseHeaderProperty(name)
		field := strings.ToLower(h.Name)
		switch {
		case err != nil:
			c.refuse(property, "%v", err)
		case field == "content-transfer-encoding":
			c.refuse(property, "the server chooses Content-Transfer-Encoding")
		case used[field] || root && c.used[field] || partSays(p, field):
			c.refuse(property, "the field %s is given twice", h.Name)
		default:
			used[field] = true
			out.Header = append(out.Header, c.fieldsOf(h, p.HeaderFields, name, property)...)
		}
	}
}

// partSays says whether a property of the part stands for the field.
func partSays(p *jmap.EmailBodyPart, field string) bool {
	switch field {
	case "content-type":
		return p.Has&(jmap.EmailBodyPartPropertyType|jmap.EmailBodyPartPropertyCharset|jmap.EmailBodyPartPropertyName) != 0
	case "content-disposition":
		return p.Has&(jmap.EmailBodyPartPropertyDisposition|jmap.EmailBodyPartPropertyName) != 0
	case "content-id":
		return p.Has&jmap.EmailBodyPartPropertyCID != 0
	case "content-language":
		return p.Has&jmap.EmailBodyPartPropertyLanguage != 0
	case "content-location":
		return p.Has&jmap.EmailBodyPartPropertyLocation != 0
	}
	return false
}
