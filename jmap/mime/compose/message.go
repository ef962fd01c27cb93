package compose

import (
	"io"
	"time"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// Message is a message to write.
type Message struct {
	// Header are the fields in the order to write. MIME-Version and Content-*
	// fields are not among them.
	Header []Field
	// Body is the root of the parts.
	Body *Part
	// Date is for the Date field, and Domain for the Message-ID, where Header lacks
	// them. A zero Date means now, an empty Domain "localhost".
	Date   time.Time
	Domain string
}

// Field is a header field. Value is in its form on the wire, from behind the colon up to
// the line break that ends the field, which it has not.
type Field struct{ Name, Value string }

// Part is a part to write: a multipart if it has Parts, else a leaf with a Content.
type Part struct {
	// Type is the media type without parameters; "text/plain" if empty.
	Type string
	// Params are parameters of Content-Type in UTF-8, without boundary. The charset of
	// text in Text is set by Write.
	Params []mime.Param
	// Disposition is "inline", "attachment" or empty; FileName is in UTF-8.
	Disposition, FileName string
	// ID is the Content-ID without angle brackets.
	ID string
	// Languages and Location are for Content-Language and Content-Location.
	Languages []string
	Location  string
	// Header are further fields. One of a name that would be made from the fields above
	// takes its place, but not the Content-Type of a multipart, which needs a boundary of
	// its own, nor Content-Transfer-Encoding, which is always chosen here.
	Header []Field

	// Parts are the children of a multipart.
	Parts []*Part
	// Text is the content of a text part, in UTF-8 with LF or CRLF line ends.
	Text string
	// Open, if not nil, gives the content as octets instead. It is called twice: to
	// choose the transfer encoding, and to write.
	Open func() (io.ReadCloser, error)
}
