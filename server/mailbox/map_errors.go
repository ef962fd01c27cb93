package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// own are the errors that need no mapping.
var own = []error{
	ErrUnavailable, ErrUnauthorized, ErrNoSuchMailbox, ErrExists, ErrHasChildren, ErrCannot, ErrNoPerm, ErrOverQuota, ErrTooBig, ErrLimit,
	ErrKeyword, ErrInvalidMessage, ErrBlobGone, ErrExpunged, ErrSequence, ErrReadOnly, ErrConflict, ErrClosed, store.ErrConflict,
	context.Canceled,
}

// mapError sorts what can go wrong with a request into the errors of this package; the cause stays wrapped.
func mapError(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range own {
		if errors.Is(err, known) {
			return err
		}
	}
	var method *jmap.MethodError
	var limit *jmapclient.LimitError
	switch {
	case errors.Is(err, jmapclient.ErrUnauthorized):
		return fmt.Errorf("%w: %w", ErrUnauthorized, err)
	case errors.As(err, &method) && (method.Type == jmap.MethodErrorForbidden || method.Type == jmap.MethodErrorAccountReadOnly):
		return fmt.Errorf("%w: %w", ErrNoPerm, err)
	case errors.As(err, &method) && method.Type == jmap.MethodErrorRequestTooLarge,
		errors.As(err, &limit) && limit.RetryAfter == 0 && limit.Limit == "maxSizeRequest":
		return fmt.Errorf("%w: %w", ErrLimit, err)
	case errors.As(err, &limit):
		return fmt.Errorf("%w: %w", ErrTurnedAway, err)
	case errors.As(err, &method) && method.Type == jmap.MethodErrorAccountNotFound:
		return fmt.Errorf("%w: %w", ErrNoAccount, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// serverFail is an error of methods (RFC 8620 section 3.6.2) that Cyrus gives for single records, too.
const serverFail = jmap.SetErrorType(jmap.MethodErrorServerFail)

// mapSetError does the same for what went wrong with one record.
func mapSetError(e jmap.SetError) error {
	kind := ErrUnavailable
	switch e.Type {
	case serverFail:
		kind = ErrFailed
	case jmap.SetErrorForbidden:
		kind = ErrNoPerm
	case jmap.SetErrorOverQuota:
		kind = ErrOverQuota
	case jmap.SetErrorTooLarge:
		kind = ErrTooBig
	case jmap.SetErrorRateLimit, jmap.SetErrorTooManyKeywords, jmap.SetErrorTooManyMailboxes:
		kind = ErrLimit
	case jmap.SetErrorNotFound:
		kind = ErrExpunged
	case jmap.SetErrorInvalidEmail:
		kind = ErrInvalidMessage
	case jmap.SetErrorBlobNotFound:
		kind = ErrBlobGone
	case jmap.SetErrorMailboxHasChild:
		kind = ErrHasChildren
	case jmap.SetErrorAlreadyExists:
		kind = ErrExists
	case jmap.SetErrorInvalidProperties, jmap.SetErrorInvalidPatch, jmap.SetErrorSingleton:
		kind = ErrCannot
	}
	return fmt.Errorf("%w: %w", kind, e)
}
