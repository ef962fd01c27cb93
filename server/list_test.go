package server

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

var readRights = proto.MailboxRights{MayReadItems: true}

// boxes makes mailboxes; a "+" in front subscribes, a last level that is the name of a role gives that role.
func boxes(names ...string) []*mailbox.Box {
	var made []*mailbox.Box
	for _, name := range names {
		box := &mailbox.Box{Path: name, Rights: readRights}
		if name[0] == '+' {
			box.Path, box.Subscribed = name[1:], true
		}
		if role := strings.ToLower(path.Base(box.Path)); specialUse[role] != "" || role == "inbox" {
			box.Role = role
		}
		made = append(made, box)
	}
	return made
}

func listText(t *testing.T, s *session, c *imap.List, from []*mailbox.Box) []string {
	t.Helper()
	l, err := s.newListing(c)
	require.NoError(t, err)
	lines := []string{}
	for _, found := range l.choose(treeOf(from)) {
		text := found.path
		if found.box == nil {
			text += " nonexistent"
		}
		if found.childInfo {
			text += " childinfo"
		}
		lines = append(lines, text)
	}
	return lines
}

var (
	subscribedOnly = []imap.ListSelectOpt{imap.ListSelectSubscribed}
	recursive      = []imap.ListSelectOpt{imap.ListSelectSubscribed, imap.ListSelectRecursiveMatch}
)

func TestListSelection(t *testing.T) {
	s := &session{rev2: true}
	fruit := boxes("INBOX", "+Fruit/Apple", "Fruit/Banana", "Tofu", "+Vegetable", "Vegetable/Broccoli", "+Vegetable/Corn")
	for name, c := range map[string]struct {
		command imap.List
		want    []string
	}{
		"all": {imap.List{Patterns: []string{"*"}},
			[]string{"INBOX", "Fruit/Apple", "Fruit/Banana", "Tofu", "Vegetable", "Vegetable/Broccoli", "Vegetable/Corn"}},
		"levels":       {imap.List{Patterns: []string{"%"}}, []string{"INBOX", "Fruit nonexistent", "Tofu", "Vegetable"}},
		"inbox":        {imap.List{Patterns: []string{"iNbOx"}}, []string{"INBOX"}},
		"reference":    {imap.List{Reference: "Vegetable/", Patterns: []string{"%"}}, []string{"Vegetable/Broccoli", "Vegetable/Corn"}},
		"two patterns": {imap.List{Patterns: []string{"", "Tofu", "T*", "V%n"}, Multiple: true}, []string{"Tofu"}},
		"subscribed":   {imap.List{Selection: subscribedOnly, Patterns: []string{"*"}}, []string{"Fruit/Apple", "Vegetable", "Vegetable/Corn"}},
		// RFC 9051 section 6.3.9.6: a name that does not meet the selection is there only for children that are not.
		"recursive %": {imap.List{Selection: recursive, Patterns: []string{"%"}}, []string{"Fruit nonexistent childinfo", "Vegetable childinfo"}},
		"recursive *": {imap.List{Selection: recursive, Patterns: []string{"*"}}, []string{"Fruit/Apple", "Vegetable childinfo", "Vegetable/Corn"}},
		"no name":     {imap.List{Patterns: []string{"\xff*"}}, []string{}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, listText(t, s, &c.command, fruit)) })
	}
	_, err := s.newListing(&imap.List{Selection: []imap.ListSelectOpt{imap.ListSelectRecursiveMatch, imap.ListSelectRemote}})
	require.Error(t, err)
}

// RFC 6154 section 2, with RFC 5258 section 3: every selection option has to be met.
func TestListSpecialUse(t *testing.T) {
	s := &session{rev2: true}
	from := boxes("+INBOX", "Sent", "+Trash", "+a", "a/Drafts", "+b/c/Archive", "b/c/Junk", "+d/e")
	const use, subscribed, recursive = imap.ListSelectSpecialUse, imap.ListSelectSubscribed, imap.ListSelectRecursiveMatch
	for name, c := range map[string]struct {
		selection []imap.ListSelectOpt
		pattern   string
		want      []string
	}{
		"all":              {[]imap.ListSelectOpt{use}, "*", []string{"Sent", "Trash", "a/Drafts", "b/c/Archive", "b/c/Junk"}},
		"top":              {[]imap.ListSelectOpt{use}, "%", []string{"Sent", "Trash"}},
		"no level without": {[]imap.ListSelectOpt{use}, "b/%", []string{}},
		"twice":            {[]imap.ListSelectOpt{use, imap.ListSelectRemote, use}, "S*", []string{"Sent"}},
		"subscribed":       {[]imap.ListSelectOpt{use, subscribed}, "*", []string{"Trash", "b/c/Archive"}},
		// "a" and "d" have no descendant that is both subscribed and of special use.
		"recursive": {[]imap.ListSelectOpt{recursive, use, subscribed}, "%", []string{"Trash", "b nonexistent childinfo"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, listText(t, s, &imap.List{Selection: c.selection, Patterns: []string{c.pattern}}, from))
		})
	}
	_, err := s.newListing(&imap.List{Selection: []imap.ListSelectOpt{use, recursive}, Patterns: []string{"*"}})
	require.ErrorContains(t, err, "SUBSCRIBED")
	_, err = s.newListing(&imap.List{Patterns: []string{"*"}, Return: []imap.ListReturnOpt{imap.ListReturnSpecialUse}})
	require.NoError(t, err)
}

func TestListKnowsModifiedUTF7(t *testing.T) {
	s := &session{}
	from := boxes("Entwürfe", "a&b")
	require.Equal(t, []string{"Entwürfe"}, listText(t, s, &imap.List{Patterns: []string{"Entw&APw-r%"}}, from))
	require.Equal(t, []string{"a&b"}, listText(t, s, &imap.List{Patterns: []string{"a&-*"}}, from))
	require.Empty(t, listText(t, s, &imap.List{Patterns: []string{"a&*"}}, from))
}

func TestListAttributes(t *testing.T) {
	sent := &mailbox.Box{Path: "Sent", Role: "sent", Subscribed: true, HasChildren: true, Rights: readRights}
	require.Equal(t, []string{`\HasChildren`, `\Sent`}, listed{node: node{"Sent", sent}}.attributes(false))
	require.Equal(t, []string{`\HasChildren`, `\Sent`, `\Subscribed`}, listed{node: node{"Sent", sent}}.attributes(true))
	require.Contains(t, listed{node: node{path: "x"}}.attributes(false), `\Noselect`)
}

// RFC 3501 section 6.3.9: "%" shows a level that is not subscribed for a subscribed mailbox below it.
func TestLSubLevels(t *testing.T) {
	s := &session{}
	nodes := treeOf(boxes("INBOX", "foo", "+foo/bar", "+top", "deep/er", "+deep/er/est"))
	text := func(pattern string) (lines []string) {
		for _, p := range s.compile("", []string{pattern}) {
			for _, data := range s.subscribed(p, nodes) {
				line := data.Mailbox
				for _, a := range data.Attributes {
					line += " " + a
				}
				lines = append(lines, line)
			}
		}
		return lines
	}
	require.Equal(t, []string{`foo \Noselect`, "top", `deep \Noselect`}, text("%"))
	require.Equal(t, []string{"foo/bar", "top", "deep/er/est"}, text("*"))
	require.Equal(t, []string{`deep/er \Noselect`}, text("deep/%"))
	require.Empty(t, text("foo"))
}
