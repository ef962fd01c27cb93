package message

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// ErrDigest is given for octets that are no digest of the present version; the message
// must be read again.
var ErrDigest = errors.New("decoding digest: not a digest of this version")

// maxDigestDepth is deeper than mime.MaxDepth lets bodies nest.
const maxDigestDepth = 2*mime.MaxDepth + 2

// day is more than any zone's offset, in seconds.
const day = 24 * 60 * 60

// decoder reads what encoder wrote. After the first fault it gives zero values; no
// length is believed that the remaining octets cannot hold.
type decoder struct {
	b     []byte
	fault bool
}

// DecodeDigest reads an encoded digest. The error is ErrDigest, whatever is wrong.
func DecodeDigest(octets []byte) (*Digest, error) {
	if len(octets) == 0 || octets[0] != digestVersion {
		return nil, ErrDigest
	}
	d := decoder{b: octets[1:]}
	g := &Digest{
		Size:        d.number(),
		Header:      mime.Header(d.string()),
		HeaderWhole: d.bool(),
		Rebuilt:     d.bool(),
		HasBody:     d.bool(),
		Sort:        d.sortKeys(),
		Preview:     d.string(),
	}
	g.HasAttachment = d.bool()
	g.envelope = d.envelope()
	if d.bool() {
		g.body = d.body(0)
	}
	if d.fault || len(d.b) > 0 {
		return nil, fmt.Errorf("%w (%d octets)", ErrDigest, len(octets))
	}
	return g, nil
}

func (d *decoder) fail() { d.fault, d.b = true, nil }

func (d *decoder) number() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) string() string {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || n > uint64(len(d.b)-size) {
		d.fail()
		return ""
	}
	s := string(d.b[size : size+int(n)])
	d.b = d.b[size+int(n):]
	return s
}

func (d *decoder) bool() bool { return d.octet() == 1 }

func (d *decoder) octet() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

// count reads the length of a list whose elements have at least one octet each.
func (d *decoder) count() int {
	n := d.number()
	if n < 0 || n > int64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) nstring() imap.NString {
	if !d.bool() {
		return imap.NString{}
	}
	return imap.String(d.string())
}

func (d *decoder) strings() []string {
	var list []string
	for range d.count() {
		if d.fault {
			break
		}
		list = append(list, d.string())
	}
	return list
}

func (d *decoder) time() time.Time {
	if !d.bool() {
		return time.Time{}
	}
	seconds, offset := d.number(), d.number()
	if offset <= -day || offset >= day {
		d.fail()
		return time.Time{}
	}
	t := time.Unix(seconds, 0).UTC()
	if offset != 0 {
		t = t.In(time.FixedZone("", int(offset)))
	}
	return t
}

func (d *decoder) sortKeys() SortKeys {
	k := SortKeys{Sent: d.time(), BaseSubject: d.string(), Reply: d.bool()}
	for _, s := range []*string{&k.From, &k.To, &k.Cc, &k.DisplayFrom, &k.DisplayTo, &k.MessageID} {
		*s = d.string()
	}
	k.References = d.strings()
	return k
}

func (d *decoder) envelope() *imap.Envelope {
	v := &imap.Envelope{}
	for _, s := range []*imap.NString{&v.Date, &v.Subject, &v.InReplyTo, &v.MessageID} {
		*s = d.nstring()
	}
	for _, list := range []*[]imap.Address{&v.From, &v.Sender, &v.ReplyTo, &v.To, &v.Cc, &v.Bcc} {
		*list = d.addresses()
	}
	return v
}

func (d *decoder) addresses() []imap.Address {
	var list []imap.Address
	for range d.count() {
		if d.fault {
			break
		}
		var a imap.Address
		for _, s := range []*imap.NString{&a.Name, &a.ADL, &a.Mailbox, &a.Host} {
			*s = d.nstring()
		}
		list = append(list, a)
	}
	return list
}
