package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/content"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// A refusal is an error whose answer is known where it happens.
type refusal struct {
	status imap.CondStatus
	code   imap.RespCode
	text   string
	cause  error // for the log
}

func (r *refusal) Error() string {
	if r.cause != nil {
		return r.text + ": " + r.cause.Error()
	}
	return r.text
}

func (r *refusal) Unwrap() error { return r.cause }

// no makes an error that is answered with NO; code may be nil.
func no(code imap.RespCode, format string, args ...any) error {
	return &refusal{status: imap.No, code: code, text: fmt.Sprintf(format, args...)}
}

// bad makes an error that is answered with BAD.
func bad(format string, args ...any) error {
	return &refusal{status: imap.Bad, text: fmt.Sprintf(format, args...)}
}

// unavailableText says that nothing is wrong with what the client asked.
const unavailableText = "The mail store cannot be reached, please try again later"

// unknownText says that a command may have been carried out.
const unknownText = "The mail store failed, and whether this was done is not known; please look before you try again"

// limitText says that waiting helps.
const limitText = "A limit of the mail store is reached, please try again later"

// answers maps the errors of the layers below. The first that errors.Is finds decides.
var answers = []struct {
	err  error
	cond imap.Cond
}{
	{wire.ErrLineTooLong, imap.Cond{Status: imap.Bad, Code: imap.CodeTooBig, Text: "Command line is too long"}},
	{wire.ErrLiteralTooBig, imap.Cond{Status: imap.Bad, Code: imap.CodeTooBig, Text: "Literal is too big"}},
	{wire.ErrTooManyLiterals, imap.Cond{Status: imap.Bad, Code: imap.CodeTooBig, Text: "Too many literals in one command"}},
	{wire.ErrNULInLiteral, imap.Cond{Status: imap.Bad, Text: "A literal must not hold a NUL"}},
	{mailbox.ErrNoSuchMailbox, imap.Cond{Status: imap.No, Code: imap.CodeNonExistent, Text: "No such mailbox"}},
	{mailbox.ErrExists, imap.Cond{Status: imap.No, Code: imap.CodeAlreadyExists, Text: "Mailbox exists already"}},
	{mailbox.ErrHasChildren, imap.Cond{Status: imap.No, Code: imap.CodeHasChildren, Text: "Mailbox has children"}},
	{mailbox.ErrInboxStays, imap.Cond{Status: imap.No, Code: imap.CodeCannot, Text: "INBOX cannot be deleted"}},
	{mailbox.ErrEmptyLevel, imap.Cond{Status: imap.No, Code: imap.CodeCannot, Text: "A level of the mailbox name is empty"}},
	{mailbox.ErrIntoItself, imap.Cond{Status: imap.No, Code: imap.CodeCannot, Text: "A mailbox cannot be moved into itself"}},
	{mailbox.ErrCannot, imap.Cond{Status: imap.No, Code: imap.CodeCannot, Text: "The mail store does not allow that"}},
	{mailbox.ErrNoPerm, imap.Cond{Status: imap.No, Code: imap.CodeNoPerm, Text: "Permission denied"}},
	{mailbox.ErrOverQuota, imap.Cond{Status: imap.No, Code: imap.CodeOverQuota, Text: "It does not fit into the quota"}},
	{mailbox.ErrTooBig, imap.Cond{Status: imap.No, Code: imap.CodeTooBig, Text: "Message is too big"}},
	{mailbox.ErrLimit, imap.Cond{Status: imap.No, Code: imap.CodeLimit, Text: "A limit of the mail store is reached"}},
	{mailbox.ErrKeyword, imap.Cond{Status: imap.No, Code: imap.CodeCannot, Text: "Flag cannot be stored"}},
	{mailbox.ErrInvalidMessage, imap.Cond{Status: imap.No, Code: imap.CodeCannot, Text: "The mail store does not take this for a message"}},
	{mailbox.ErrBlobGone, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: "The mail store lost the message, please send it again"}},
	{mailbox.ErrExpunged, imap.Cond{Status: imap.No, Code: imap.CodeExpungeIssued, Text: "Some of the messages are gone"}},
	{mailbox.ErrSequence, imap.Cond{Status: imap.Bad, Text: "No such message sequence number"}},
	{mailbox.ErrReadOnly, imap.Cond{Status: imap.No, Code: imap.CodeReadOnly, Text: "Mailbox is opened read-only"}},
	{mailbox.ErrConflict, imap.Cond{Status: imap.No, Code: imap.CodeInUse, Text: "Others are changing the same messages, please try again"}},
	{mailbox.ErrClosed, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: "The server is stopping"}},
	{mailbox.ErrUnauthorized, imap.Cond{Status: imap.No, Code: imap.CodeExpired, Text: "The credentials are no longer accepted"}},
	{jmapclient.ErrUnauthorized, imap.Cond{Status: imap.No, Code: imap.CodeExpired, Text: "The credentials are no longer accepted"}},
	{mailbox.ErrFailed, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: "The mail store failed to do that"}},
	{mailbox.ErrUnknownOutcome, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: unknownText}},
	{mailbox.ErrTurnedAway, imap.Cond{Status: imap.No, Code: imap.CodeLimit, Text: limitText}},
	{mailbox.ErrNoAccount, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: "The mail store does not know this account, it may have to be set up there first"}},
	{mailbox.ErrUnavailable, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: unavailableText}},
	{jmapclient.ErrUnavailable, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: unavailableText}},
	{content.ErrIncomplete, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: unavailableText}},
	{jmapclient.ErrNotFound, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: "The mail store no longer has the message"}},
	{context.DeadlineExceeded, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: "The mail store took too long"}},
	{context.Canceled, imap.Cond{Status: imap.No, Code: imap.CodeUnavailable, Text: "The command was cut short"}},
}

// condOf turns an error into the tagged response that stands for it; level says how loud the log should be.
func condOf(err error) (cond imap.Cond, level slog.Level) {
	var refused *refusal
	if errors.As(err, &refused) {
		return imap.Cond{Status: refused.status, Code: refused.code, Text: refused.text}, slog.LevelDebug
	}
	var syntax *parser.Error
	if errors.As(err, &syntax) {
		return imap.Cond{Status: imap.Bad, Text: syntax.Text}, slog.LevelDebug
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.cond, levelOf(a.cond)
		}
	}
	var limit *jmapclient.LimitError
	if errors.As(err, &limit) {
		return limitCond(limit), slog.LevelInfo
	}
	return imap.Cond{Status: imap.No, Code: imap.CodeServerBug, Text: "Internal server error"}, slog.LevelError
}

func levelOf(cond imap.Cond) slog.Level {
	if cond.Code == imap.CodeUnavailable {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

func limitCond(limit *jmapclient.LimitError) imap.Cond {
	if limit.Limit == "maxSizeUpload" {
		return imap.Cond{Status: imap.No, Code: imap.CodeTooBig, Text: "Message is too big"}
	}
	return imap.Cond{Status: imap.No, Code: imap.CodeLimit, Text: limitText}
}
