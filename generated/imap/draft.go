// Package imap: DRAFT of what gen/emit will generate (the contract between the
// generator and the server). It is replaced by generated files of the same API.
package imap

import (
	"context"
	"io"
	"time"
)

// ---- leaves shared by both directions ----

// SequenceSet is a sequence-set: ranges of message sequence numbers or UIDs. RFC 9051 section 9.
type SequenceSet struct {
	Ranges []SeqRange
	Saved  bool // "$" stands in the set (SEARCHRES)
}

// SeqRange is one number or range; 0 stands for "*". Order is as sent (Start may exceed Stop).
type SeqRange struct{ Start, Stop uint32 }

// NString is a string or NIL; the zero value is NIL.
type NString struct {
	Value string
	Valid bool
}

// String makes a non-NIL NString.
func String(s string) NString { return NString{s, true} }

// Secret is a password or SASL response; it prints as stars.
type Secret string

func (Secret) String() string   { return "***" }
func (Secret) GoString() string { return "***" }

// Date is a calendar day (RFC 9051 "date").
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Literal is what the framing layer knows of one client literal. Data is nil when it was streamed elsewhere.
type Literal struct {
	Size     int64
	NonSync  bool // {n+}
	Binary   bool // ~{n}
	Streamed bool
	Data     []byte
}

// Blob is message data in a response: Bytes, or Size octets read from Reader.
type Blob struct {
	Size   int64
	Bytes  []byte
	Reader io.Reader
}

// Partial is <offset.count> of a fetch item.
type Partial struct{ Offset, Count int64 }

// SectionText is what follows the part number in a section.
type SectionText uint8

const (
	SectionWhole SectionText = iota
	SectionHeader
	SectionHeaderFields
	SectionHeaderFieldsNot
	SectionBodyText // TEXT
	SectionMIME
)

// Section is a section-spec: BODY[] is the zero value.
type Section struct {
	Part   []uint32
	Text   SectionText
	Fields []string // header names as the client spelled them
}

// ---- commands ----

// Command is one of the command structs below.
type Command interface{ command() }

// TaggedCommand is a command line.
type TaggedCommand struct {
	Tag     string
	Command Command
}

type (
	Capability struct{}
	Noop       struct{}
	Logout     struct{}
	StartTLS   struct{}
	Check      struct{} // RFC 3501
	Close      struct{}
	Unselect   struct{}
	Idle       struct{}
	Namespace  struct{}
	Login      struct {
		User     string
		Password Secret
	}
	Authenticate struct {
		Mechanism string
		Initial   *Secret // decoded octets; nil: no initial response; "=" gives an empty one
	}
	ID      struct{ Params []IDParam } // nil: NIL
	IDParam struct {
		Key   string
		Value NString
	}
	Enable      struct{ Capabilities []string }
	Select      struct{ Mailbox string } // mailbox names: decoded astring octets; INBOX in any case becomes "INBOX"
	Examine     struct{ Mailbox string }
	Create      struct{ Mailbox string }
	Delete      struct{ Mailbox string }
	Rename      struct{ From, To string }
	Subscribe   struct{ Mailbox string }
	Unsubscribe struct{ Mailbox string }
	LSub        struct{ Reference, Pattern string }
	List        struct {
		Selection []ListSelectOpt // nil: no parenthesis sent; empty: "()"
		Reference string
		Patterns  []string
		Multiple  bool            // patterns were sent as a parenthesised list
		Return    []ListReturnOpt // nil: no RETURN sent
	}
	Status struct {
		Mailbox string
		Items   []StatusAtt
	}
	// AppendStart is the part of an APPEND before its message literal.
	AppendStart struct {
		Tag     string
		Mailbox string
		Flags   []string
		Date    *time.Time
	}
	Append struct {
		Mailbox string
		Flags   []string
		Date    *time.Time
		Message Literal
	}
	Expunge struct {
		UID bool // UID EXPUNGE Set
		Set SequenceSet
	}
	Search struct {
		UID     bool
		Return  []SearchReturn // nil: no RETURN; empty: "RETURN ()" which means ALL
		Charset string         // "" when absent
		Keys    []SearchKey    // at least one; all must match
	}
	Fetch struct {
		UID   bool
		Set   SequenceSet
		Macro FetchMacro
		Items []FetchAtt
	}
	Store struct {
		UID    bool
		Set    SequenceSet
		Op     StoreOp
		Silent bool
		Flags  []string
	}
	Copy struct {
		UID     bool
		Set     SequenceSet
		Mailbox string
	}
	Move struct {
		UID     bool
		Set     SequenceSet
		Mailbox string
	}
)

type StoreOp uint8

const (
	StoreReplace StoreOp = iota
	StoreAdd
	StoreRemove
)

type FetchMacro uint8

const (
	FetchMacroNone FetchMacro = iota
	FetchMacroAll
	FetchMacroFull
	FetchMacroFast
)

// FetchAtt is a fetch item: FetchKeyword, *FetchSection, *FetchBinary or *FetchBinarySize.
type FetchAtt interface{ fetchAtt() }
type FetchKeyword uint8

const (
	FetchEnvelope FetchKeyword = iota
	FetchFlags
	FetchInternalDate
	FetchRFC822
	FetchRFC822Header
	FetchRFC822Size
	FetchRFC822Text
	FetchBody // BODY without section: non-extensible structure
	FetchBodyStructure
	FetchUID
)

type (
	FetchSection struct {
		Peek    bool
		Section Section
		Partial *Partial
	}
	FetchBinary struct {
		Peek    bool
		Part    []uint32
		Partial *Partial
	}
	FetchBinarySize struct{ Part []uint32 }
)

type ListSelectOpt uint8

const (
	ListSelectSubscribed ListSelectOpt = iota
	ListSelectRemote
	ListSelectRecursiveMatch
)

// ListReturnOpt is ListReturnKeyword or *ListReturnStatus.
type ListReturnOpt interface{ listReturnOpt() }
type ListReturnKeyword uint8

const (
	ListReturnSubscribed ListReturnKeyword = iota
	ListReturnChildren
)

type ListReturnStatus struct{ Items []StatusAtt }

type StatusAtt uint8

const (
	StatusMessages StatusAtt = iota
	StatusUIDNext
	StatusUIDValidity
	StatusUnseen
	StatusDeleted
	StatusSize
	StatusRecent
)

type SearchReturn uint8

const (
	SearchReturnMin SearchReturn = iota
	SearchReturnMax
	SearchReturnAll
	SearchReturnCount
	SearchReturnSave
)

// SearchKey is SearchKeyword or one of the pointers below.
type SearchKey interface{ searchKey() }
type SearchKeyword uint8

const (
	SearchAll SearchKeyword = iota
	SearchAnswered
	SearchDeleted
	SearchFlagged
	SearchNew
	SearchOld
	SearchRecent
	SearchSeen
	SearchUnanswered
	SearchUndeleted
	SearchUnflagged
	SearchUnseen
	SearchDraft
	SearchUndraft
)

type SearchField uint8

const (
	SearchBcc SearchField = iota
	SearchBody
	SearchCc
	SearchFrom
	SearchSubject
	SearchText
	SearchTo
)

type SearchDateField uint8

const (
	SearchBefore SearchDateField = iota
	SearchOn
	SearchSince
	SearchSentBefore
	SearchSentOn
	SearchSentSince
)

type (
	SearchString struct {
		Field SearchField
		Value string
	}
	SearchHeader struct{ Field, Value string }
	SearchDate   struct {
		Field SearchDateField
		Date  Date
	}
	SearchFlag struct { // KEYWORD / UNKEYWORD
		Not  bool
		Flag string
	}
	SearchSize struct { // LARGER / SMALLER
		Smaller bool
		Size    int64
	}
	SearchUID struct{ Set SequenceSet }
	SearchSet struct{ Set SequenceSet }
	SearchNot struct{ Key SearchKey }
	SearchOr  struct{ Left, Right SearchKey }
	SearchAnd struct{ Keys []SearchKey }
)

// ---- responses ----

// Response is one of the response structs below, as pointers.
type Response interface{ response() }

type CondStatus uint8

const (
	OK CondStatus = iota
	No
	Bad
	Bye
	PreAuth
)

type (
	// Cond is a status response; Tag "" is untagged.
	Cond struct {
		Tag    string
		Status CondStatus
		Code   RespCode // nil: none
		Text   string   // never empty on the wire: the encoder puts the status word when it is
	}
	// Continue is "+ text" or, with Base64 non-nil, "+ base64" (empty gives "+ ").
	Continue struct {
		Text   string
		Base64 []byte
	}
	CapabilityData struct{ Capabilities []string }
	EnabledData    struct{ Capabilities []string }
	IDData         struct{ Params []IDParam }
	FlagsData      struct{ Flags []string }
	ListData       struct {
		Attributes []string // with backslash
		Delimiter  byte     // 0: NIL
		Mailbox    string
		Extended   []ListExtendedItem
	}
	LSubData struct {
		Attributes []string
		Delimiter  byte
		Mailbox    string
	}
	SearchData  struct{ Numbers []uint32 }
	ESearchData struct {
		Tag             string // "": no correlator
		UID             bool
		Min, Max, Count *uint32
		All             *SequenceSet
	}
	StatusData struct {
		Mailbox string
		Values  []StatusValue
	}
	StatusValue struct {
		Att   StatusAtt
		Value uint64
	}
	NamespaceData  struct{ Personal, Other, Shared []NamespaceDescr } // nil: NIL
	NamespaceDescr struct {
		Prefix     string
		Delimiter  byte
		Extensions []NamespaceExt
	}
	NamespaceExt struct {
		Name   string
		Values []string
	}
	ExistsData  struct{ Count uint32 }
	RecentData  struct{ Count uint32 }
	ExpungeData struct{ Seq uint32 }
	FetchData   struct {
		Seq   uint32
		Items []MsgAtt
	}
)

// ListExtendedItem is *ListOldName, *ListChildInfo or *ListOtherItem.
type ListExtendedItem interface{ listExtendedItem() }
type (
	ListOldName   struct{ Mailbox string }
	ListChildInfo struct{ Options []string }
	ListOtherItem struct{ Tag, Value string } // response parser only
)

// RespCode is CodeKeyword or one of the pointers below.
type RespCode interface{ respCode() }
type CodeKeyword uint8

const (
	CodeAlert CodeKeyword = iota
	CodeParse
	CodeReadOnly
	CodeReadWrite
	CodeTryCreate
	CodeUIDNotSticky
	CodeUnavailable
	CodeAuthenticationFailed
	CodeAuthorizationFailed
	CodeExpired
	CodePrivacyRequired
	CodeContactAdmin
	CodeNoPerm
	CodeInUse
	CodeExpungeIssued
	CodeCorruption
	CodeServerBug
	CodeClientBug
	CodeCannot
	CodeLimit
	CodeOverQuota
	CodeAlreadyExists
	CodeNonExistent
	CodeNotSaved
	CodeHasChildren
	CodeClosed
	CodeUnknownCTE
	CodeTooBig
)

type (
	CodeBadCharset     struct{ Charsets []string }
	CodeCapability     struct{ Capabilities []string }
	CodePermanentFlags struct{ Flags []string }
	CodeUIDNext        struct{ UID uint32 }
	CodeUIDValidity    struct{ Value uint32 }
	CodeUnseen         struct{ Seq uint32 }
	CodeAppendUID      struct {
		UIDValidity uint32
		UIDs        SequenceSet
	}
	CodeCopyUID struct {
		UIDValidity  uint32
		Source, Dest SequenceSet
	}
	CodeOther struct{ Name, Text string }
)

// MsgAtt is one item of a FETCH response.
type MsgAtt interface{ msgAtt() }
type (
	MsgFlags         struct{ Flags []string }
	MsgUID           struct{ UID uint32 }
	MsgInternalDate  struct{ Date time.Time }
	MsgSize          struct{ Octets int64 } // RFC822.SIZE
	MsgEnvelope      struct{ Envelope *Envelope }
	MsgBody          struct{ Body Body } // BODY (...)
	MsgBodyStructure struct{ Body Body } // BODYSTRUCTURE (...)
	MsgSection       struct {
		Section Section
		Origin  *int64
		Data    *Blob // nil: NIL
	}
	MsgRFC822       struct{ Data *Blob }
	MsgRFC822Header struct{ Data *Blob }
	MsgRFC822Text   struct{ Data *Blob }
	MsgBinary       struct {
		Part   []uint32
		Origin *int64
		Data   *Blob // literal8 when it holds NUL
	}
	MsgBinarySize struct {
		Part []uint32
		Size int64
	}
)

type (
	Envelope struct {
		Date, Subject                      NString
		From, Sender, ReplyTo, To, Cc, Bcc []Address // nil: NIL
		InReplyTo, MessageID               NString
	}
	Address struct{ Name, ADL, Mailbox, Host NString }
)

// Body is *BodyMultipart, *BodyBasic, *BodyText or *BodyMessage.
type Body interface{ body() }
type (
	BodyMultipart struct {
		Parts   []Body
		Subtype string
		Ext     *MultipartExt // nil in BODY
	}
	BodyBasic struct {
		Type, Subtype string
		Fields        BodyFields
		Ext           *BodyExt
	}
	BodyText struct {
		Subtype string
		Fields  BodyFields
		Lines   int64
		Ext     *BodyExt
	}
	BodyMessage struct {
		Subtype  string // RFC822 or GLOBAL
		Fields   BodyFields
		Envelope *Envelope
		Body     Body
		Lines    int64
		Ext      *BodyExt
	}
	BodyFields struct {
		Params          []BodyParam // nil: NIL
		ID, Description NString
		Encoding        string
		Octets          int64
	}
	BodyParam       struct{ Name, Value string }
	BodyDisposition struct {
		Type   string
		Params []BodyParam
	}
	BodyExt struct {
		MD5         NString
		Disposition *BodyDisposition
		Language    []string
		Location    NString
	}
	MultipartExt struct {
		Params      []BodyParam
		Disposition *BodyDisposition
		Language    []string
		Location    NString
	}
)

// ---- handler ----

// Handler has one method per command. A nil error means the server sends the tagged OK.
type Handler interface {
	Capability(ctx context.Context, c *Capability) error
	Noop(ctx context.Context, c *Noop) error
	Logout(ctx context.Context, c *Logout) error
	ID(ctx context.Context, c *ID) error
	StartTLS(ctx context.Context, c *StartTLS) error
	Authenticate(ctx context.Context, c *Authenticate) error
	Login(ctx context.Context, c *Login) error
	Enable(ctx context.Context, c *Enable) error
	Select(ctx context.Context, c *Select) error
	Examine(ctx context.Context, c *Examine) error
	Create(ctx context.Context, c *Create) error
	Delete(ctx context.Context, c *Delete) error
	Rename(ctx context.Context, c *Rename) error
	Subscribe(ctx context.Context, c *Subscribe) error
	Unsubscribe(ctx context.Context, c *Unsubscribe) error
	List(ctx context.Context, c *List) error
	LSub(ctx context.Context, c *LSub) error
	Namespace(ctx context.Context, c *Namespace) error
	Status(ctx context.Context, c *Status) error
	Append(ctx context.Context, c *Append) error
	Idle(ctx context.Context, c *Idle) error
	Check(ctx context.Context, c *Check) error
	Close(ctx context.Context, c *Close) error
	Unselect(ctx context.Context, c *Unselect) error
	Expunge(ctx context.Context, c *Expunge) error
	Search(ctx context.Context, c *Search) error
	Fetch(ctx context.Context, c *Fetch) error
	Store(ctx context.Context, c *Store) error
	Copy(ctx context.Context, c *Copy) error
	Move(ctx context.Context, c *Move) error
}

// States is a set of connection states in which a command is allowed.
type States uint8

const (
	StateNotAuthenticated States = 1 << iota
	StateAuthenticated
	StateSelected
	StateAny = StateNotAuthenticated | StateAuthenticated | StateSelected
)

// Dispatch calls the handler method of the command.
func Dispatch(ctx context.Context, h Handler, c Command) error { panic("generated") }

// CommandName gives the command's wire name, such as "UID FETCH".
func CommandName(c Command) string { panic("generated") }

// CommandStates gives the states in which the command is allowed (command-any, -nonauth, -auth, -select).
func CommandStates(c Command) States { panic("generated") }

// Encoder writes responses (server side) and commands (client side, tests).
type Encoder struct {
	UTF8 bool // quoted strings and names may carry UTF-8 (IMAP4rev2 or UTF8=ACCEPT on)
	// unexported
}

// NewEncoder writes to w through a buffer of its own; Flush sends it.
func NewEncoder(w io.Writer) *Encoder { panic("generated") }

// Encode appends one response line; big Blobs are streamed through.
func (e *Encoder) Encode(r Response) error { panic("generated") }

// EncodeCommand appends one command line with its literals as {n+}.
func (e *Encoder) EncodeCommand(tag string, c Command) error { panic("generated") }

// Flush writes what is buffered.
func (e *Encoder) Flush() error { panic("generated") }

// Buffered tells how many octets wait for Flush.
func (e *Encoder) Buffered() int { panic("generated") }
