package server

import (
	"context"
	"slices"

	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/pattern"
)

// listing is a LIST command made ready.
type listing struct {
	patterns   []pattern.Pattern
	subscribed bool // select only what is subscribed
	specialUse bool // select only what has a special use
	recursive  bool // RECURSIVEMATCH
	showSubs   bool // show \Subscribed
	status     []imap.StatusAtt
}

// List follows RFC 9051 section 6.3.9, with RFC 5819 and RFC 6154: special-use attributes are always shown.
func (s *session) List(ctx context.Context, c *imap.List) error {
	l, err := s.newListing(c)
	if err != nil {
		return err
	}
	if basicList(c) && c.Patterns[0] == "" {
		return s.send(&imap.ListData{Attributes: []string{`\Noselect`}, Delimiter: delimiter})
	}
	sync := s.account.Sync
	if l.subscribed || l.showSubs {
		sync = s.account.SyncSubscriptions
	}
	if err := s.wait(ctx, sync); err != nil {
		return err
	}
	for _, found := range l.choose(treeOf(s.account.Mailboxes())) {
		if err := s.sendListed(ctx, l, found); err != nil {
			return err
		}
	}
	return nil
}

// basicList tells whether the command has the syntax of RFC 3501, where an empty pattern asks for the delimiter.
func basicList(c *imap.List) bool {
	return c.Selection == nil && !c.Multiple && c.Return == nil && len(c.Patterns) == 1
}

func (s *session) newListing(c *imap.List) (*listing, error) {
	l := &listing{
		subscribed: slices.Contains(c.Selection, imap.ListSelectSubscribed),
		specialUse: slices.Contains(c.Selection, imap.ListSelectSpecialUse),
		recursive:  slices.Contains(c.Selection, imap.ListSelectRecursiveMatch),
	}
	// RFC 5258 section 6: a base option has to be there, and SPECIAL-USE is none (RFC 6154 section 6).
	if l.recursive && !l.subscribed {
		return nil, bad("RECURSIVEMATCH needs the selection option SUBSCRIBED")
	}
	l.showSubs = l.subscribed
	for _, option := range c.Return {
		switch o := option.(type) {
		case imap.ListReturnKeyword:
			l.showSubs = l.showSubs || o == imap.ListReturnSubscribed
		case *imap.ListReturnStatus:
			l.status = o.Items
		}
	}
	l.patterns = s.compile(c.Reference, c.Patterns)
	return l, nil
}

// compile joins reference and patterns. What is no mailbox name matches nothing (RFC 9051 section 6.3.9).
func (s *session) compile(reference string, texts []string) []pattern.Pattern {
	var compiled []pattern.Pattern
	for _, text := range texts {
		if text == "" {
			continue
		}
		if plain, err := s.nameIn(reference + text); err == nil {
			compiled = append(compiled, pattern.Compile(norm.NFC.String(plain), delimiter))
		}
	}
	return compiled
}

// sendListed sends what a LIST has found; a STATUS that the mailbox does not allow is left out.
func (s *session) sendListed(ctx context.Context, l *listing, found listed) error {
	var status *imap.StatusData
	if l.status != nil && found.box != nil {
		box, err := s.counted(ctx, found.box)
		switch {
		case err == nil:
			status = s.statusData(box, l.status)
		case !hidden(err):
			return err
		}
	}
	data := &imap.ListData{
		Attributes: found.attributes(l.showSubs), Delimiter: delimiter, Mailbox: s.nameOut(found.path),
	}
	if found.childInfo {
		data.Extended = []imap.ListExtendedItem{&imap.ListChildInfo{Options: []string{"SUBSCRIBED"}}}
	}
	if err := s.send(data); err != nil || status == nil {
		return err
	}
	return s.send(status)
}

// specialUse maps JMAP roles to attributes (RFC 6154 section 2).
var specialUse = map[string]string{
	"all": `\All`, "archive": `\Archive`, "drafts": `\Drafts`, "flagged": `\Flagged`,
	"junk": `\Junk`, "sent": `\Sent`, "trash": `\Trash`,
}

// attributesOf are the attributes of a mailbox, its subscription apart.
func attributesOf(box *mailbox.Box) []string {
	attributes := []string{`\HasNoChildren`}
	if box.HasChildren {
		attributes[0] = `\HasChildren`
	}
	if !readable(box) {
		attributes = append(attributes, `\Noselect`)
	}
	if use, ok := specialUse[box.Role]; ok {
		attributes = append(attributes, use)
	}
	return attributes
}
