package server

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/wire"
)

func TestErrorsHaveTheirAnswers(t *testing.T) {
	for _, c := range []struct {
		err    error
		status imap.CondStatus
		code   imap.RespCode
	}{
		{&parser.Error{Text: "expected SP"}, imap.Bad, nil},
		{wire.ErrLineTooLong, imap.Bad, imap.CodeTooBig},
		{no(imap.CodeNoPerm, "no"), imap.No, imap.CodeNoPerm},
		{mailbox.ErrNoSuchMailbox, imap.No, imap.CodeNonExistent},
		{mailbox.ErrUnavailable, imap.No, imap.CodeUnavailable},
		{&jmapclient.UnavailableError{Op: "calling", Err: errors.New("secret detail")}, imap.No, imap.CodeUnavailable},
		{&jmapclient.LimitError{Limit: "maxSizeUpload"}, imap.No, imap.CodeTooBig},
		{&jmapclient.LimitError{Limit: "maxSizeRequest"}, imap.No, imap.CodeLimit},
		{mailbox.ErrTurnedAway, imap.No, imap.CodeLimit},
		{mailbox.ErrNoAccount, imap.No, imap.CodeUnavailable},
		{mailbox.ErrUnauthorized, imap.No, imap.CodeExpired},
		{errors.New("secret detail"), imap.No, imap.CodeServerBug},
	} {
		for _, err := range []error{c.err, fmt.Errorf("doing something: %w", c.err)} {
			cond, _ := condOf(err)
			require.Equal(t, c.status, cond.Status, err)
			require.Equal(t, c.code, cond.Code, err)
			require.NotEmpty(t, cond.Text)
			require.NotContains(t, cond.Text, "secret")
		}
	}
}
