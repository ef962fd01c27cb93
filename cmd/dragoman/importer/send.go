package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// mostTries is how often a blob that the server lost is uploaded.
const mostTries = 3

// send imports uploaded messages and returns those that have to go round once more.
func (r *run) send(batch []*item) ([]*item, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	if r.state == "" {
		current, err := ask(r, &proto.EmailGet{AccountID: r.account, IDs: []proto.ID{}, Properties: []string{"id"}})
		if err != nil {
			return nil, err
		}
		r.state = current.State
	}
	now := batch[:min(len(batch), r.most)]
	if err := r.Journal.begin(r.state, now); err != nil {
		return nil, err
	}
	response, err := jmapclient.Call(r.ctx, r.Session, r.importCall(now))
	if err == nil {
		r.backoff.success()
	}
	var again []*item
	switch {
	case err == nil:
		again, err = r.take(now, response)
	case tooMany(err):
		again, err = r.shrink(now, err)
	case notRun(err) && transient(err):
		again, err = now, errors.Join(r.Journal.end(nil), r.wait(r.ctx, err))
	case notRun(err):
		err = errors.Join(err, r.Journal.end(nil))
	case transient(err):
		again, err = r.doubt(now, err)
	}
	return append(again, batch[len(now):]...), err
}

// notRun holds when the server said that it did nothing. After any other failure nobody knows, and the batch stays
// open in the journal until that is found out.
func notRun(err error) bool {
	var request *proto.RequestError
	var limit *jmapclient.LimitError
	if errors.As(err, &request) || errors.As(err, &limit) || errors.Is(err, jmapclient.ErrUnauthorized) {
		return true
	}
	var method *proto.MethodError
	return errors.As(err, &method) &&
		method.Type != proto.MethodErrorServerFail && method.Type != proto.MethodErrorServerPartialFail
}

// shrink makes batches smaller.
func (r *run) shrink(items []*item, why error) ([]*item, error) {
	err := r.Journal.end(nil)
	if len(items) > 1 {
		r.most = len(items) / 2
		return items, err
	}
	r.failed(items[0], "the server refused it: "+why.Error())
	return nil, err
}

func (r *run) importCall(items []*item) *proto.EmailImport {
	call := &proto.EmailImport{AccountID: r.account, Emails: map[proto.ID]*proto.EmailImportObject{}}
	for i, it := range items {
		object := &proto.EmailImportObject{BlobID: it.Blob, MailboxIDs: map[proto.ID]bool{it.Mailbox: true}}
		if len(it.message.Keywords) > 0 {
			object.Keywords = map[string]bool{}
			for _, keyword := range it.message.Keywords {
				object.Keywords[keyword] = true
			}
		}
		if !it.message.ReceivedAt.IsZero() {
			object.ReceivedAt = proto.NewUTCDate(it.message.ReceivedAt)
		}
		call.Emails[creationID(i)] = object
	}
	return call
}

// creationID keeps the order of the messages where servers go by the order of the keys.
func creationID(i int) proto.ID { return proto.ID(fmt.Sprintf("m%04d", i)) }

// tooMany holds when a smaller batch may pass: servers differ in how they say so.
func tooMany(err error) bool {
	var method *proto.MethodError
	var request *proto.RequestError
	var limit *jmapclient.LimitError
	return errors.As(err, &method) && method.Type == proto.MethodErrorRequestTooLarge ||
		errors.As(err, &request) && request.Type == proto.RequestErrorLimit ||
		errors.As(err, &limit) && limit.Limit == "maxSizeRequest"
}

// doubt finds out what became of a batch whose answer was lost.
func (r *run) doubt(items []*item, why error) ([]*item, error) {
	if err := r.wait(r.ctx, why); err != nil {
		return nil, err
	}
	found, err := r.settle(r.Journal.open)
	if err != nil {
		return nil, err
	}
	again := slices.DeleteFunc(slices.Clone(items), func(it *item) bool {
		_, there := found[it.Key]
		if there {
			r.imported(it)
		}
		return there
	})
	return again, r.Journal.end(found)
}

// take sorts what the server did with each message.
func (r *run) take(items []*item, response *proto.EmailImportResponse) (again []*item, err error) {
	done := map[string]proto.ID{}
	var existing []*item
	var stop error
	for i, it := range items {
		id := creationID(i)
		if email := response.Created[id]; email != nil {
			done[it.Key] = email.ID
			r.imported(it)
			continue
		}
		refusal, refused := response.NotCreated[id]
		switch {
		case !refused:
			stop = fmt.Errorf("importing %s: the server's answer does not mention it", it.message.Where())
		case refusal.Type == proto.SetErrorAlreadyExists && refusal.ExistingID != "":
			done[it.Key] = refusal.ExistingID
			existing = append(existing, it)
		case lostBlob(refusal) && it.uploads < mostTries:
			it.Blob = ""
			again = append(again, it)
		case refusal.Type == proto.SetErrorRateLimit:
			again = append(again, it)
			stop = errors.Join(stop, r.wait(r.ctx, &jmapclient.LimitError{Limit: "rateLimit", Detail: refusal.Description}))
		case refusal.Type == proto.SetErrorOverQuota:
			stop = fmt.Errorf("importing %s: the account is over its quota: %s", it.message.Where(), describe(refusal))
		default:
			r.failed(it, "the server refused it: "+describe(refusal))
		}
	}
	if len(existing) > 0 {
		if err := r.file(existing, done); err != nil {
			return nil, err
		}
	}
	r.state = response.NewState
	return again, errors.Join(r.Journal.end(done), stop)
}

func (r *run) imported(it *item) {
	r.summary.Imported++
	r.summary.Octets += it.Size
	r.Progress(it.message.FileSize)
}

func (r *run) failed(it *item, reason string) {
	r.summary.Failed.add(it.message.Where(), reason)
	r.Progress(it.message.FileSize)
}

// lostBlob knows the ways in which servers say that an uploaded blob is gone.
func lostBlob(refusal proto.SetError) bool {
	switch refusal.Type {
	case proto.SetErrorBlobNotFound, proto.SetErrorNotFound:
		return true
	case proto.SetErrorInvalidProperties:
		return slices.Contains(refusal.Properties, "blobId")
	}
	return false
}

func describe(refusal proto.SetError) string {
	text := string(refusal.Type)
	if len(refusal.Properties) > 0 {
		text += " (" + strings.Join(refusal.Properties, ", ") + ")"
	}
	if refusal.Description != "" {
		text += ": " + refusal.Description
	}
	return text
}

// file puts Emails that the server has already into their mailboxes, with their keywords. Doing so twice does no harm.
func (r *run) file(items []*item, ids map[string]proto.ID) error {
	call := &proto.EmailSet{AccountID: r.account, Update: map[proto.ID]*proto.EmailPatch{}}
	for _, it := range items {
		id := ids[it.Key]
		patch := call.Update[id]
		if patch == nil {
			patch = proto.NewEmailPatch()
			call.Update[id] = patch
		}
		patch.SetMailbox(it.Mailbox, true)
		for _, keyword := range it.message.Keywords {
			patch.SetKeyword(keyword, true)
		}
	}
	response, err := ask(r, call)
	if err != nil {
		return err
	}
	for _, it := range items {
		if refusal, refused := response.NotUpdated[ids[it.Key]]; refused {
			delete(ids, it.Key)
			r.failed(it, "the server has it, but could not file it: "+describe(refusal))
			continue
		}
		r.summary.Already++
		r.Progress(it.message.FileSize)
	}
	return nil
}
