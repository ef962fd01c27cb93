package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/pattern"
)

// LSub follows RFC 3501 section 6.3.9. A level that is not subscribed but has a subscribed mailbox below it is shown to patterns that
// end in "%", as \Noselect.
func (s *session) LSub(ctx context.Context, c *imap.LSub) error {
	if err := s.wait(ctx, s.account.SyncSubscriptions); err != nil {
		return err
	}
	for _, p := range s.compile(c.Reference, []string{c.Pattern}) {
		for _, data := range s.subscribed(p, treeOf(s.account.Mailboxes())) {
			if err := s.send(data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) subscribed(p pattern.Pattern, nodes []node) []*imap.LSubData {
	above := map[string]bool{}
	for _, n := range nodes {
		if n.box != nil && n.box.Subscribed {
			for _, parent := range parentsOf(n.path) {
				above[parent] = true
			}
		}
	}
	var data []*imap.LSubData
	for _, n := range nodes {
		attributes := []string{}
		switch {
		case !p.Match(n.path):
			continue
		case n.box != nil && n.box.Subscribed:
		case above[n.path] && p.EndsInPercent():
			attributes = append(attributes, `\Noselect`)
		default:
			continue
		}
		data = append(data, &imap.LSubData{Attributes: attributes, Delimiter: delimiter, Mailbox: s.nameOut(n.path)})
	}
	return data
}
