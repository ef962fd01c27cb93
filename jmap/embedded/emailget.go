package embedded

import (
	"errors"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// emailDefaults are the properties that Email/get gives when not told (RFC 8621 section 4.2).
const emailDefaults = jmap.EmailAll &^ (jmap.EmailPropertyHeaders | jmap.EmailPropertyBodyStructure)

// bodyDefaults are the properties of the body parts likewise.
const bodyDefaults = jmap.EmailBodyPartAll &^ (jmap.EmailBodyPartPropertyHeaders | jmap.EmailBodyPartPropertySubParts)

const (
	// rowProperties need no more than an emailRow.
	rowProperties = jmap.EmailPropertyID | jmap.EmailPropertyBlobID | jmap.EmailPropertyThreadID | jmap.EmailPropertyMailboxIDs |
		jmap.EmailPropertyKeywords | jmap.EmailPropertySize | jmap.EmailPropertyReceivedAt | jmap.EmailPropertyHasAttachment
	// messageProperties need the message itself.
	messageProperties = jmap.EmailAll &^ (rowProperties | headerProperties)
)

// emailView says what of an Email to show.
type emailView struct {
	properties jmap.EmailProperties
	headers    []namedHeader
	body       bodyView
}

// namedHeader is a header:… property under the name that was asked for.
type namedHeader struct {
	name string
	jmap.HeaderProperty
}

// newEmailView checks the arguments that Email/get and Email/parse have in common.
func newEmailView(names []string, defaults jmap.EmailProperties, body bodyView, bodyNames []string) (*emailView, error) {
	v := &emailView{properties: defaults, body: body}
	if names != nil {
		var others []string
		v.properties, others = jmap.ParseEmailProperties(names)
		var err error
		if v.headers, err = namedHeaders(others); err != nil {
			return nil, err
		}
	}
	v.body.properties = bodyDefaults
	if bodyNames != nil {
		var others []string
		v.body.properties, others = jmap.ParseEmailBodyPartProperties(bodyNames)
		var err error
		if v.body.headers, err = namedHeaders(others); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// maxNamedHeaders is how many header:… properties one call may ask for. For each of them the header is read from end to end.
const maxNamedHeaders = 256

func namedHeaders(names []string) ([]namedHeader, error) {
	if len(names) > maxNamedHeaders {
		return nil, invalidArguments("more than %d header:… properties", maxNamedHeaders)
	}
	var list []namedHeader
	for _, name := range names {
		if !jmap.IsHeaderProperty(name) {
			return nil, invalidArguments("unknown property %q", name)
		}
		p, err := parseHeaderProperty(name)
		if err != nil {
			return nil, invalidArguments("%v", err)
		}
		list = append(list, namedHeader{name, p})
	}
	return list, nil
}

func (v *emailView) needsMessage() bool {
	return v.properties&messageProperties != 0 || len(v.headers) > 0
}

func emailGet(b *batch, q *jmap.EmailGet) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	body := newBodyView(q.FetchTextBodyValues, q.FetchHTMLBodyValues, q.FetchAllBodyValues, q.MaxBodyValueBytes)
	view, err := newEmailView(q.Properties, emailDefaults, body, q.BodyProperties)
	if err != nil {
		return nil, err
	}
	view.properties |= jmap.EmailPropertyID
	response := &emailList{EmailGetResponse: jmap.EmailGetResponse{AccountID: q.AccountID}}
	var rows []*emailRow
	left := &meter{b.room()}
	err = a.view(func(s *snapshot) error {
		response.State = s.state(bucketEmailLog)
		want, err := b.wantOrAll(s, prefixEmail, bucketEmails, q.IDs)
		if err != nil {
			return err
		}
		response.NotFound = want.notFound
		return s.eachEmail(want.numbers, &response.NotFound, func(row *emailRow) error {
			if view.properties&headerProperties != 0 {
				if err := b.spend(headerWeight * int64(s.headerSize(row.id))); err != nil {
					return err
				}
			}
			record, err := view.fromIndex(s, row)
			if err != nil {
				return err
			}
			text := record.AppendJSON(nil)
			if !left.take(len(text) + 1) {
				return errTooMuch("the response would be too large")
			}
			rows = append(rows, row)
			response.emails = append(response.emails, text)
			return nil
		})
	})
	if err != nil || !view.needsMessage() {
		return response, err
	}
	return response, b.addMessages(a, view, rows, response, left)
}

// eachEmail gives f the rows of Emails in their order, and adds those that there are none of to notFound.
func (s *snapshot) eachEmail(numbers []uint64, notFound *[]jmap.ID, f func(*emailRow) error) error {
	for _, n := range numbers {
		row, err := s.email(n)
		if err != nil {
			return err
		}
		if row == nil {
			*notFound = append(*notFound, emailID(n))
			continue
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return nil
}

// addMessages adds what has to be read from the messages; an Email that was destroyed and
// collected meanwhile is not found.
func (b *batch) addMessages(a *account, view *emailView, rows []*emailRow, response *emailList, left *meter) error {
	list := response.emails[:0]
	for i, row := range rows {
		var text []byte
		err := b.withMessage(a, row.blob, int64(row.size), func(octets []byte) (err error) {
			e := &jmap.Email{Has: view.properties & messageProperties}
			text, err = view.encode(e, mime.Parse(octets), blobName{digest: row.blob}, left)
			return err
		})
		if err = a.explain(err, row.blob); errors.Is(err, errNoBlob) {
			response.NotFound = append(response.NotFound, emailID(row.id))
			continue
		}
		if err != nil {
			return err
		}
		list = append(list, joinObjects(response.emails[i], text))
	}
	response.emails = list
	return nil
}

// encode adds to an Email what its message says, and gives it in JSON, for which there must be room.
func (v *emailView) encode(e *jmap.Email, m *mime.Message, blob blobName, left *meter) ([]byte, error) {
	before := left.room
	v.fromMessage(e, m, blob, left)
	if left.full() {
		return nil, errTooMuch("the response would be too large")
	}
	text := e.AppendJSON(make([]byte, 0, before-left.room+256))
	left.room = before
	if !left.take(len(text) + 1) {
		return nil, errTooMuch("the response would be too large")
	}
	return text, nil
}

// fromIndex makes an Email of what is kept beside its message.
func (v *emailView) fromIndex(s *snapshot, row *emailRow) (*jmap.Email, error) {
	e := &jmap.Email{Has: v.properties}
	if v.properties&headerProperties != 0 {
		h, err := s.headers(row.id)
		if err != nil {
			return nil, err
		}
		e = h.Email.Select(v.properties)
	}
	row.fill(e, v.properties)
	return e, nil
}

// fill sets rowProperties. What is not zero is written, wanted or not.
func (e *emailRow) fill(to *jmap.Email, properties jmap.EmailProperties) {
	set := func(p jmap.EmailProperties, f func()) {
		if properties&p != 0 {
			f()
		}
	}
	set(jmap.EmailPropertyID, func() { to.ID = emailID(e.id) })
	set(jmap.EmailPropertyBlobID, func() { to.BlobID = blobName{digest: e.blob}.id() })
	set(jmap.EmailPropertyThreadID, func() { to.ThreadID = threadID(e.thread) })
	set(jmap.EmailPropertyMailboxIDs, func() { to.MailboxIDs = e.mailboxIDs() })
	set(jmap.EmailPropertyKeywords, func() { to.Keywords = e.keywordMap() })
	set(jmap.EmailPropertySize, func() { to.Size = e.size })
	set(jmap.EmailPropertyReceivedAt, func() { to.ReceivedAt = e.receivedAt() })
	set(jmap.EmailPropertyHasAttachment, func() { to.HasAttachment = e.attachment })
}

// fromMessage adds messageProperties and header fields, as many as the meter allows.
func (v *emailView) fromMessage(e *jmap.Email, m *mime.Message, blob blobName, left *meter) {
	if v.properties&jmap.EmailPropertyHeaders != 0 {
		e.Headers = headerList(m.Header(), left)
	}
	for _, p := range v.headers {
		if left.full() {
			return
		}
		if e.HeaderFields.Set(p.name, headerValue(m.Header(), p.HeaderProperty, left)) == nil {
			left.take(fieldOctets + len(p.name) + len(e.HeaderFields[p.name]))
		}
	}
	if v.properties&bodyProperties != 0 {
		v.body.fill(e, m, blob, v.properties, left)
	}
}

// whole makes the Email from its row and, if need be, its message. It fails when there is no room for it.
func (b *batch) whole(s *snapshot, v *emailView, row *emailRow, left *meter) ([]byte, error) {
	e, err := v.fromIndex(s, row)
	if err != nil || !v.needsMessage() {
		return e.AppendJSON(nil), err
	}
	var text []byte
	err = b.withMessage(s.account, row.blob, int64(row.size), func(octets []byte) (err error) {
		text, err = v.encode(e, mime.Parse(octets), blobName{digest: row.blob}, left)
		return err
	})
	return text, err
}
