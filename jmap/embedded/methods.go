package embedded

import (
	"encoding/json"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// methods are the methods of the capabilities that the session announces. Those of submission
// and vacation response are not among them, as nothing here sends mail.
var methods map[string]method

func init() {
	methods = map[string]method{
		"Core/echo":            echo,
		"Blob/copy":            typed(blobCopy),
		"Blob/get":             typed(blobGet),
		"Blob/lookup":          typed(blobLookup),
		"Blob/upload":          typed(blobUpload),
		"PushSubscription/get": typed(pushSubscriptionGet),
		"PushSubscription/set": typed(pushSubscriptionSet),
		"Mailbox/get":          typed(mailboxGet),
		"Mailbox/changes":      typed(mailboxChanges),
		"Mailbox/query":        typed(mailboxQuery),
		"Mailbox/queryChanges": typed(mailboxQueryChanges),
		"Mailbox/set":          typed(mailboxSet),
		"Thread/get":           typed(threadGet),
		"Thread/changes":       typed(threadChanges),
		"Email/get":            typed(emailGet),
		"Email/changes":        typed(emailChanges),
		"Email/query":          typed(emailQuery),
		"Email/queryChanges":   typed(emailQueryChanges),
		"Email/set":            typed(emailSet),
		"Email/copy":           typed(emailCopy),
		"Email/import":         typed(emailImport),
		"Email/parse":          typed(emailParse),
		"SearchSnippet/get":    typed(searchSnippetGet),
	}
}

// echo answers with its arguments (RFC 8620 section 4).
func echo(_ *batch, args json.RawMessage) (jmap.Method, error) {
	m := new(jmap.CoreEcho)
	if err := m.UnmarshalJSON(args); err != nil {
		return nil, invalidArguments("%v", err)
	}
	return m, nil
}
