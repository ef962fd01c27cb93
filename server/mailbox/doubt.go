package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// errUnsure says that the server did not say what became of a write, and that the replica has been brought into step after it: what the write
// did, if it did anything, can be seen there.
var errUnsure = fmt.Errorf("%w: the server did not confirm a write", ErrUnavailable)

// mayHaveHappened reports whether a request that failed may have taken effect all the same. To a request of which a later call asks for too many
// objects, Cyrus 3.6 gives a request-level error after it has done the calls before.
func mayHaveHappened(err error) bool {
	var unsent interface{ Unsent() bool }
	var limit *jmapclient.LimitError
	var problem *jmap.RequestError
	var resolving *net.DNSError
	var dialing *net.OpError
	switch {
	case errors.As(err, &problem):
		return problem.Limit == "maxObjectsInGet"
	case errors.As(err, &unsent) && unsent.Unsent(), errors.As(err, &limit),
		errors.Is(err, ErrUnauthorized), errors.Is(err, jmapclient.ErrUnauthorized),
		errors.As(err, &resolving), errors.As(err, &dialing) && dialing.Op == "dial":
		return false
	}
	return true
}

// writeError maps the error of a call that writes. A server that failed, or whose answer cannot be read, may have done what it was asked: RFC 8620
// section 3.6.2 demands that serverPartialFail is looked into, and with the other two it costs nothing.
func writeError(err error) error {
	var method *jmap.MethodError
	if !errors.As(err, &method) {
		return fmt.Errorf("%w: %w", errUnsure, err)
	}
	switch method.Type {
	case jmap.MethodErrorServerFail, jmap.MethodErrorServerPartialFail, jmap.MethodErrorServerUnavailable:
		return fmt.Errorf("%w: %w", errUnsure, err)
	}
	return mapError(err)
}

// look brings the replica into step after a write that got no answer, for the reason cause. The error tells whether that was possible.
func (w write) look(ctx context.Context, cause error) error {
	if ctx.Err() == nil {
		err := w.account.replica.flights.join(ctx, w.account, scope{allBoxes: w.boxes})
		if err == nil {
			return fmt.Errorf("%w: %w", errUnsure, cause)
		}
		cause = errors.Join(cause, err)
	}
	return unknown(cause)
}

// unknown makes an error of a write whose outcome cannot be found out.
func unknown(cause error) error {
	if errors.Is(cause, context.Canceled) {
		return cause // the client has gone
	}
	return fmt.Errorf("%w: %s", ErrUnknownOutcome, cause) // no %w: nothing in it shall decide the answer
}

// shows reports whether the replica has an Email as a patch leaves it. One that is gone is ErrExpunged.
func (r *replica) shows(id string, patch *jmap.EmailPatch) (bool, error) {
	r.write.Lock()
	defer r.write.Unlock()
	e := r.emails[id]
	if e == nil {
		return false, ErrExpunged
	}
	for path, value := range patch.Patch {
		parts := jmap.SplitPointer(path)
		if len(parts) != 2 {
			return false, nil
		}
		property, key := parts[0], parts[1]
		set := string(value) != "null"
		has := false
		switch property {
		case "mailboxIds":
			for p := range e.places {
				has = has || string(p.box.id) == key
			}
		case "keywords":
			has = e.keywords.has(strings.ToLower(key))
		}
		if has != set {
			return false, nil
		}
	}
	return true, nil
}

// confirm reads those Emails again that the replica does not have as their patches left them, though the server took these: what some servers
// tell of changes lags behind.
func (a *Account) confirm(ctx context.Context, patches map[string]*jmap.EmailPatch, ids []string) error {
	var behind []jmap.ID
	for _, id := range ids {
		if shown, err := a.replica.shows(id, patches[id]); !shown && err == nil {
			behind = append(behind, jmap.ID(id))
		}
	}
	if len(behind) == 0 {
		return nil
	}
	r := a.replica
	fresh := r.watch()
	defer r.unwatch(fresh)
	found, err := a.link().complete(ctx, behind, nil)
	if err == nil {
		_, err = r.apply(&batch{emails: found, fresh: fresh})
	}
	if err != nil {
		r.doubt()
	}
	return err
}
