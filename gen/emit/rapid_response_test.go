package emit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// line makes text that a response carries unchanged, with UTF8 or without.
func line() *rapid.Generator[string] {
	return rapid.StringMatching(`[A-Za-z0-9][ -~]{0,20}`)
}

func nonZero() *rapid.Generator[uint32] { return rapid.Uint32Range(1, 1<<32-1) }

var codeMakers = []func(*rapid.T) imap.RespCode{
	func(t *rapid.T) imap.RespCode { return nil },
	func(t *rapid.T) imap.RespCode {
		return enum[imap.CodeKeyword](int(imap.CodeTooBig)+1).Draw(t, "keyword")
	},
	func(t *rapid.T) imap.RespCode { return &imap.CodeBadCharset{Charsets: list(str()).Draw(t, "charsets")} },
	func(t *rapid.T) imap.RespCode {
		return &imap.CodeCapability{Capabilities: some(atom()).Draw(t, "list")}
	},
	func(t *rapid.T) imap.RespCode {
		return &imap.CodePermanentFlags{Flags: list(rapid.OneOf(flag(), rapid.Just(`\*`))).Draw(t, "flags")}
	},
	func(t *rapid.T) imap.RespCode { return &imap.CodeUIDNext{UID: nonZero().Draw(t, "uid")} },
	func(t *rapid.T) imap.RespCode { return &imap.CodeUIDValidity{Value: nonZero().Draw(t, "value")} },
	func(t *rapid.T) imap.RespCode { return &imap.CodeUnseen{Seq: nonZero().Draw(t, "seq")} },
	func(t *rapid.T) imap.RespCode {
		return &imap.CodeAppendUID{UIDValidity: nonZero().Draw(t, "validity"), UIDs: single(nonZero().Draw(t, "uid"))}
	},
	func(t *rapid.T) imap.RespCode {
		return &imap.CodeCopyUID{UIDValidity: nonZero().Draw(t, "validity"), Source: set(false).Draw(t, "source"), Dest: set(false).Draw(t, "dest")}
	},
	func(t *rapid.T) imap.RespCode {
		return &imap.CodeOther{Name: "X-" + rapid.StringMatching(`[A-Z]{1,8}`).Draw(t, "name"), Text: rapid.StringMatching(`[A-Za-z0-9 "(){]{0,12}`).Draw(t, "text")}
	},
}

func single(n uint32) imap.SequenceSet {
	return imap.SequenceSet{Ranges: []imap.SeqRange{{Start: n, Stop: n}}}
}

var responseMakers = []func(*rapid.T) imap.Response{
	func(t *rapid.T) imap.Response {
		c := &imap.Cond{Status: enum[imap.CondStatus](5).Draw(t, "status"), Code: either(t, codeMakers...), Text: line().Draw(t, "text")}
		if c.Status <= imap.Bad && rapid.Bool().Draw(t, "tagged") {
			c.Tag = rapid.StringMatching(`[A-Za-z0-9]{1,6}`).Draw(t, "tag")
		}
		return c
	},
	func(t *rapid.T) imap.Response {
		return &imap.Continue{Code: either(t, codeMakers...), Text: line().Draw(t, "text")}
	},
	func(t *rapid.T) imap.Response {
		return &imap.CapabilityData{Capabilities: some(atom()).Draw(t, "list")}
	},
	func(t *rapid.T) imap.Response { return &imap.EnabledData{Capabilities: list(atom()).Draw(t, "list")} },
	func(t *rapid.T) imap.Response { return &imap.IDData{Params: idParams(t)} },
	func(t *rapid.T) imap.Response { return &imap.FlagsData{Flags: list(flag()).Draw(t, "flags")} },
	func(t *rapid.T) imap.Response {
		r := &imap.ListData{Attributes: attributes(t), Delimiter: delimiter(t), Mailbox: mailbox().Draw(t, "mailbox")}
		if rapid.Bool().Draw(t, "extended") {
			r.Extended = []imap.ListExtendedItem{&imap.ListOldName{Mailbox: mailbox().Draw(t, "old")}, &imap.ListChildInfo{Options: []string{"SUBSCRIBED"}}}
		}
		return r
	},
	func(t *rapid.T) imap.Response {
		return &imap.LSubData{Attributes: attributes(t), Delimiter: delimiter(t), Mailbox: mailbox().Draw(t, "mailbox")}
	},
	func(t *rapid.T) imap.Response { return &imap.SearchData{Numbers: list(nonZero()).Draw(t, "numbers")} },
	func(t *rapid.T) imap.Response {
		return &imap.ESearchData{
			Tag: rapid.StringMatching(`[A-Za-z0-9+]{0,6}`).Draw(t, "tag"), UID: rapid.Bool().Draw(t, "uid"),
			Min: orNil(nonZero()).Draw(t, "min"), Max: orNil(nonZero()).Draw(t, "max"), Count: orNil(rapid.Uint32()).Draw(t, "count"),
			All: orNil(set(false)).Draw(t, "all"),
		}
	},
	statusResponse,
	func(t *rapid.T) imap.Response {
		return &imap.NamespaceData{Personal: namespaces(t), Other: namespaces(t), Shared: namespaces(t)}
	},
	func(t *rapid.T) imap.Response { return &imap.ExistsData{Count: rapid.Uint32().Draw(t, "count")} },
	func(t *rapid.T) imap.Response { return &imap.RecentData{Count: rapid.Uint32().Draw(t, "count")} },
	func(t *rapid.T) imap.Response { return &imap.ExpungeData{Seq: nonZero().Draw(t, "seq")} },
	func(t *rapid.T) imap.Response {
		return &imap.FetchData{Seq: nonZero().Draw(t, "seq"), Items: some(rapid.Custom(func(t *rapid.T) imap.MsgAtt { return either(t, msgAttMakers...) })).Draw(t, "items")}
	},
}

func attributes(t *rapid.T) []string {
	return list(rapid.SampledFrom([]string{`\HasChildren`, `\Noselect`, `\Sent`, `\Subscribed`, `\NonExistent`, `\X-Own`})).Draw(t, "attributes")
}

func delimiter(t *rapid.T) byte {
	return rapid.SampledFrom([]byte{0, '/', '.', '\\', '"'}).Draw(t, "delimiter")
}

func statusResponse(t *rapid.T) imap.Response {
	value := rapid.Custom(func(t *rapid.T) imap.StatusValue {
		v := imap.StatusValue{Att: enum[imap.StatusAtt](7).Draw(t, "att"), Value: uint64(nonZero().Draw(t, "value"))}
		if v.Att == imap.StatusSize {
			v.Value <<= 30
		}
		return v
	})
	return &imap.StatusData{Mailbox: mailbox().Draw(t, "mailbox"), Values: list(value).Draw(t, "values")}
}

func namespaces(t *rapid.T) []imap.NamespaceDescr {
	ext := rapid.Custom(func(t *rapid.T) imap.NamespaceExt {
		return imap.NamespaceExt{Name: str().Draw(t, "name"), Values: some(str()).Draw(t, "values")}
	})
	return list(rapid.Custom(func(t *rapid.T) imap.NamespaceDescr {
		return imap.NamespaceDescr{Prefix: str().Draw(t, "prefix"), Delimiter: delimiter(t), Extensions: list(ext).Draw(t, "extensions")}
	})).Draw(t, "namespaces")
}

var msgAttMakers = []func(*rapid.T) imap.MsgAtt{
	func(t *rapid.T) imap.MsgAtt {
		return &imap.MsgFlags{Flags: list(rapid.OneOf(flag(), rapid.Just(`\Recent`))).Draw(t, "flags")}
	},
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgUID{UID: nonZero().Draw(t, "uid")} },
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgInternalDate{Date: dateTime().Draw(t, "date")} },
	func(t *rapid.T) imap.MsgAtt {
		return &imap.MsgSize{Octets: rapid.Int64Range(0, 1<<63-1).Draw(t, "octets")}
	},
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgEnvelope{Envelope: envelope(t)} },
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgBody{Body: body(t, 3, false)} },
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgBodyStructure{Body: body(t, 3, true)} },
	func(t *rapid.T) imap.MsgAtt {
		return &imap.MsgSection{Section: section(t), Origin: origin(t), Data: blob(t, 1)}
	},
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgRFC822{Data: blob(t, 1)} },
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgRFC822Header{Data: blob(t, 1)} },
	func(t *rapid.T) imap.MsgAtt { return &imap.MsgRFC822Text{Data: blob(t, 1)} },
	func(t *rapid.T) imap.MsgAtt {
		return &imap.MsgBinary{Part: list(nonZero()).Draw(t, "part"), Origin: origin(t), Data: blob(t, 0)}
	},
	func(t *rapid.T) imap.MsgAtt {
		return &imap.MsgBinarySize{Part: list(nonZero()).Draw(t, "part"), Size: rapid.Int64Range(0, 1<<32-1).Draw(t, "size")}
	},
}

func origin(t *rapid.T) *int64 { return orNil(rapid.Int64Range(0, 1<<32-1)).Draw(t, "origin") }

// blob makes message data of octets from low, or nil.
func blob(t *rapid.T, low byte) *imap.Blob {
	if rapid.Bool().Draw(t, "nil") {
		return nil
	}
	data := rapid.SliceOfN(rapid.ByteRange(low, 255), 0, 30).Draw(t, "data")
	return &imap.Blob{Size: int64(len(data)), Bytes: data}
}

func envelope(t *rapid.T) *imap.Envelope {
	n := nstring()
	addresses := list(rapid.Custom(func(t *rapid.T) imap.Address {
		return imap.Address{Name: n.Draw(t, "name"), ADL: n.Draw(t, "adl"), Mailbox: n.Draw(t, "mailbox"), Host: n.Draw(t, "host")}
	}))
	return &imap.Envelope{
		Date: n.Draw(t, "date"), Subject: n.Draw(t, "subject"),
		From: addresses.Draw(t, "from"), Sender: addresses.Draw(t, "sender"), ReplyTo: addresses.Draw(t, "reply-to"),
		To: addresses.Draw(t, "to"), Cc: addresses.Draw(t, "cc"), Bcc: addresses.Draw(t, "bcc"),
		InReplyTo: n.Draw(t, "in-reply-to"), MessageID: n.Draw(t, "message-id"),
	}
}

func bodyParams(t *rapid.T) []imap.BodyParam {
	return list(rapid.Custom(func(t *rapid.T) imap.BodyParam {
		return imap.BodyParam{Name: str().Draw(t, "name"), Value: str().Draw(t, "value")}
	})).Draw(t, "params")
}

func disposition(t *rapid.T) *imap.BodyDisposition {
	return orNil(rapid.Custom(func(t *rapid.T) imap.BodyDisposition {
		return imap.BodyDisposition{Type: str().Draw(t, "type"), Params: bodyParams(t)}
	})).Draw(t, "disposition")
}

func body(t *rapid.T, depth int, ext bool) imap.Body {
	fields := func(t *rapid.T) imap.BodyFields {
		return imap.BodyFields{
			Params: bodyParams(t), ID: nstring().Draw(t, "id"), Description: nstring().Draw(t, "description"),
			Encoding: str().Draw(t, "encoding"), Octets: rapid.Int64Range(0, 1<<32-1).Draw(t, "octets"),
		}
	}
	rest := func(t *rapid.T) *imap.BodyExt {
		if !ext {
			return nil
		}
		return &imap.BodyExt{MD5: nstring().Draw(t, "md5"), Disposition: disposition(t), Language: list(str()).Draw(t, "language"), Location: nstring().Draw(t, "location")}
	}
	lines := rapid.Int64Range(0, 1<<40)
	makers := []func(*rapid.T) imap.Body{
		func(t *rapid.T) imap.Body {
			kind := str().Filter(func(s string) bool { return !strings.EqualFold(s, "text") && !strings.EqualFold(s, "message") })
			return &imap.BodyBasic{Type: kind.Draw(t, "type"), Subtype: str().Draw(t, "subtype"), Fields: fields(t), Ext: rest(t)}
		},
		func(t *rapid.T) imap.Body {
			return &imap.BodyText{Subtype: str().Draw(t, "subtype"), Fields: fields(t), Lines: lines.Draw(t, "lines"), Ext: rest(t)}
		},
	}
	if depth > 0 {
		makers = append(makers, func(t *rapid.T) imap.Body {
			m := &imap.BodyMultipart{Subtype: str().Draw(t, "subtype")}
			m.Parts = some(rapid.Custom(func(t *rapid.T) imap.Body { return body(t, depth-1, ext) })).Draw(t, "parts")
			if ext {
				m.Ext = &imap.MultipartExt{Params: bodyParams(t), Disposition: disposition(t), Language: list(str()).Draw(t, "language"), Location: nstring().Draw(t, "location")}
			}
			return m
		}, func(t *rapid.T) imap.Body {
			return &imap.BodyMessage{
				Subtype: rapid.SampledFrom([]string{"RFC822", "global"}).Draw(t, "subtype"), Fields: fields(t),
				Envelope: envelope(t), Body: body(t, depth-1, ext), Lines: lines.Draw(t, "lines"), Ext: rest(t),
			}
		})
	}
	return either(t, makers...)
}

// Every response goes round.
func TestResponsesGoRound(t *testing.T) {
	for _, make := range responseMakers {
		rapid.Check(t, func(t *rapid.T) { goRound(t, make(t)) })
	}
	for _, make := range msgAttMakers {
		rapid.Check(t, func(t *rapid.T) { goRound(t, &imap.FetchData{Seq: 1, Items: []imap.MsgAtt{make(t)}}) })
	}
	for _, make := range codeMakers {
		rapid.Check(t, func(t *rapid.T) { goRound(t, &imap.Cond{Tag: "a", Code: make(t), Text: "x"}) })
	}
	require.Len(t, responseMakers, 16)
}
