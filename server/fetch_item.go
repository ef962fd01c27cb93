package server

import (
	"errors"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/message"
)

// item makes one item of a FETCH response.
func (f *fetch) item(att imap.FetchAtt, m *mailbox.Message, in *inside) (imap.MsgAtt, error) {
	switch a := att.(type) {
	case imap.FetchKeyword:
		return f.keyword(a, m, in)
	case *imap.FetchSection:
		return section(a, in)
	case *imap.FetchBinary:
		data, err := message.Binary(in.message(), a.Part, a.Partial)
		if errors.Is(err, message.ErrNoPart) {
			data, err = nil, nil
		}
		return &imap.MsgBinary{Part: a.Part, Origin: origin(a.Partial), Data: data}, err
	case *imap.FetchBinarySize:
		size, err := message.BinarySize(in.message(), a.Part)
		if errors.Is(err, message.ErrNoPart) {
			size, err = 0, nil
		}
		return &imap.MsgBinarySize{Part: a.Part, Size: size}, err
	default:
		panic("fetch: item of an unknown type") // the parser makes no other
	}
}

func (f *fetch) keyword(k imap.FetchKeyword, m *mailbox.Message, in *inside) (imap.MsgAtt, error) {
	utf8 := f.session.rev2
	switch k {
	case imap.FetchUID:
		return f.out.uid(m.UID), nil
	case imap.FetchFlags:
		return f.out.flags(f.session.flagsOf(*m)), nil
	case imap.FetchInternalDate:
		return f.out.date(internalDate(m.ReceivedAt)), nil
	case imap.FetchRFC822Size:
		return f.out.size(m.Size), nil
	case imap.FetchEnvelope:
		return &imap.MsgEnvelope{Envelope: in.digest.Envelope(utf8)}, nil
	case imap.FetchBody:
		return &imap.MsgBody{Body: in.digest.BodyStructure(false, utf8)}, nil
	case imap.FetchBodyStructure:
		return &imap.MsgBodyStructure{Body: in.digest.BodyStructure(true, utf8)}, nil
	case imap.FetchRFC822:
		return &imap.MsgRFC822{Data: blob(in.octets.Bytes())}, nil
	case imap.FetchRFC822Header:
		return &imap.MsgRFC822Header{Data: wholeSection(imap.SectionHeader, in)}, nil
	case imap.FetchRFC822Text:
		return &imap.MsgRFC822Text{Data: wholeSection(imap.SectionBodyText, in)}, nil
	default:
		panic("fetch: keyword of an unknown kind") // the parser makes no other
	}
}

func section(a *imap.FetchSection, in *inside) (imap.MsgAtt, error) {
	item := &imap.MsgSection{Section: a.Section, Origin: origin(a.Partial)}
	if octets, found := in.section(a.Section); found {
		item.Data = blob(message.Cut(octets, a.Partial))
	}
	return item, nil
}

func wholeSection(text imap.SectionText, in *inside) *imap.Blob {
	octets, _ := in.section(imap.Section{Text: text})
	return blob(octets)
}

func blob(octets []byte) *imap.Blob {
	return &imap.Blob{Size: int64(len(octets)), Bytes: octets}
}

func origin(p *imap.Partial) *int64 {
	if p == nil {
		return nil
	}
	return &p.Offset
}

// oldestDate is the oldest internal date that is shown: Apple Mail crashes on those before 1982.
var oldestDate = time.Date(1982, time.January, 1, 0, 0, 0, 0, time.UTC)

func internalDate(received time.Time) time.Time {
	if received.Before(oldestDate) {
		return oldestDate
	}
	return received.UTC()
}
