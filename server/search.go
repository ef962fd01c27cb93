package server

import (
	"context"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/search"
)

// Search answers SEARCH and UID SEARCH (RFC 9051 section 6.4.4).
func (s *session) Search(ctx context.Context, c *imap.Search) error {
	found, err := s.search(ctx, c)
	saves := wants(c.Return, imap.SearchReturnSave)
	if err != nil {
		if saves { // RFC 9051 section 6.4.4.1: a search that fails leaves nothing saved
			s.saved = nil
		}
		return err
	}
	if saves {
		s.saved = found.toSave(c.Return)
	}
	return s.sendFound(c, found)
}

func checkCharset(name string) error {
	if name == "" || strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "US-ASCII") {
		return nil
	}
	return &refusal{
		status: imap.No,
		code:   &imap.CodeBadCharset{Charsets: []string{"US-ASCII", "UTF-8"}},
		text:   "Only US-ASCII and UTF-8 can be searched for",
	}
}

// found is what a search gave, in ascending order.
type found struct{ seqs, uids []uint32 }

func (f *found) numbers(uid bool) []uint32 {
	if uid {
		return f.uids
	}
	return f.seqs
}

// wants tells whether a return option is among those asked for.
func wants(returns []imap.SearchReturnOpt, option imap.SearchReturnKeyword) bool {
	return slices.ContainsFunc(returns, func(r imap.SearchReturnOpt) bool { return r == option })
}

// toSave is the part of the result that "$" stands for from now on. With only MIN or MAX asked for besides, it is
// those (RFC 5182 section 2.1).
func (f *found) toSave(returns []imap.SearchReturnOpt) []uint32 {
	least, most := wants(returns, imap.SearchReturnMin), wants(returns, imap.SearchReturnMax)
	if len(f.uids) == 0 || wants(returns, imap.SearchReturnAll) || wants(returns, imap.SearchReturnCount) || !least && !most {
		return f.uids
	}
	var ends []uint32
	if least {
		ends = append(ends, f.uids[0])
	}
	if most {
		ends = append(ends, f.uids[len(f.uids)-1])
	}
	return slices.Compact(ends)
}

// search brings the view into step, but keeps sequence numbers as the client knows them, and looks.
func (s *session) search(ctx context.Context, c *imap.Search) (*found, error) {
	if err := checkCharset(c.Charset); err != nil {
		return nil, err
	}
	if err := s.wait(ctx, s.account.Sync); err != nil {
		return nil, err
	}
	if err := s.sendEvents(s.view.Poll(false)); err != nil {
		return nil, err
	}
	query := search.Compile(c.Keys, search.Scope{
		Messages: uint32(s.view.Len()),
		MaxUID:   s.maxUID(),
		Saved:    s.saved,
	})
	var result found
	add := func(seq, uid uint32, match bool) {
		if match {
			result.seqs, result.uids = append(result.seqs, seq), append(result.uids, uid)
		}
	}
	var open []candidate
	for seq, m := range s.view.Messages() {
		meta := metaOf(seq, &m)
		match, known := query.Quick(meta)
		if !known {
			open = append(open, candidate{meta: *meta, message: m})
			continue
		}
		add(seq, m.UID, match)
	}
	look := s.newLook(query, open)
	err := s.wait(ctx, loading[bool]{
		n: len(open), ready: func(i int) (match, ok bool) { return look.cached(ctx, i) },
		end: look.windowEnd, load: look.window,
		use: func(i int, match bool) error {
			add(open[i].meta.Seq, open[i].meta.UID, match)
			return nil
		},
	}.run)
	slices.Sort(result.seqs)
	slices.Sort(result.uids)
	return &result, err
}

func metaOf(seq uint32, m *mailbox.Message) *search.Meta {
	return &search.Meta{
		Seq: seq, UID: m.UID, Size: m.Size, Received: m.ReceivedAt,
		Deleted: m.Deleted, Recent: m.Recent, Keyword: m.Has,
	}
}

func (s *session) maxUID() uint32 {
	m, _ := s.view.Message(uint32(s.view.Len()))
	return m.UID
}

// sendFound writes the result: SEARCH for rev1 clients that asked for nothing else, ESEARCH otherwise.
func (s *session) sendFound(c *imap.Search, f *found) error {
	if c.Return == nil && !s.rev2 {
		return s.send(&imap.SearchData{Numbers: f.numbers(c.UID)})
	}
	data := esearch(c, f.numbers(c.UID))
	if data == nil {
		return nil
	}
	data.Tag = s.tag
	return s.send(data)
}

// esearch is nil where SAVE alone was asked for (RFC 5182 section 2.1).
func esearch(c *imap.Search, numbers []uint32) *imap.ESearchData {
	if len(c.Return) == 1 && wants(c.Return, imap.SearchReturnSave) {
		return nil
	}
	data := &imap.ESearchData{UID: c.UID}
	returns := c.Return
	if len(returns) == 0 {
		returns = []imap.SearchReturnOpt{imap.SearchReturnAll}
	}
	for _, r := range returns {
		switch {
		case r == imap.SearchReturnCount:
			count := uint32(len(numbers))
			data.Count = &count
		case len(numbers) == 0:
		case r == imap.SearchReturnMin:
			data.Min = &numbers[0]
		case r == imap.SearchReturnMax:
			data.Max = &numbers[len(numbers)-1]
		case r == imap.SearchReturnAll:
			all := setOf(numbers)
			data.All = &all
		}
	}
	return data
}
