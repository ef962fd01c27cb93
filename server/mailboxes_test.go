package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestMailboxes(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	require.Equal(t, []string{`* NAMESPACE (("" "/")) NIL NIL`}, c.OK("NAMESPACE"))
	require.Equal(t, []string{`* LIST (\Noselect) "/" ""`}, c.OK(`LIST "" ""`))

	c.OK("CREATE a/b/c")
	c.OK("CREATE d/")
	require.Contains(t, c.No("CREATE d"), "[ALREADYEXISTS]")
	require.Contains(t, c.No("CREATE inbox"), "[ALREADYEXISTS]")
	require.Equal(t, []string{`* LIST (\HasChildren) "/" a`}, c.OK(`LIST "" a`))
	require.Equal(t, []string{`* LIST (\HasNoChildren) "/" a/b/c`}, c.OK(`LIST a/ %/%`))
	require.Contains(t, c.No("DELETE a"), "[HASCHILDREN]")
	require.Contains(t, c.No("DELETE nothing"), "[NONEXISTENT]")
	c.No("DELETE INBOX")

	c.OK("RENAME a/b x/y")
	require.Empty(t, c.OK(`LIST "" a/*`))
	require.Equal(t, []string{`* LIST (\HasNoChildren) "/" x/y/c`}, c.OK(`LIST "" x/y/*`))
	require.Contains(t, c.No("RENAME nothing z"), "[NONEXISTENT]")
	require.Contains(t, c.No("RENAME d a"), "[ALREADYEXISTS]")
	c.OK("DELETE x/y/c")
	require.Contains(t, c.No("SELECT x/y/c"), "[NONEXISTENT]")
	require.Contains(t, c.No("STATUS x/y/c (MESSAGES)"), "[NONEXISTENT]")
}

func TestSubscriptions(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.OK("CREATE p/q")
	c.OK("UNSUBSCRIBE p")
	c.OK("SUBSCRIBE p/q")
	require.Equal(t, []string{`* LSUB (\Noselect) "/" p`}, c.OK(`LSUB "" p%`))
	require.Equal(t, []string{`* LSUB () "/" p/q`}, c.OK(`LSUB "" p*`))
	require.Equal(t, []string{`* LIST (\HasNoChildren \Subscribed) "/" p/q`}, c.OK(`LIST (SUBSCRIBED) "" p*`))
	require.Equal(t, []string{`* LIST (\HasChildren) "/" p ("CHILDINFO" ("SUBSCRIBED"))`}, c.OK(`LIST (SUBSCRIBED RECURSIVEMATCH) "" p%`))
	require.Equal(t, []string{`* LIST (\HasChildren) "/" p`, `* LIST (\HasNoChildren \Subscribed) "/" p/q`},
		c.OK(`LIST "" (p p/%) RETURN (SUBSCRIBED)`))
	require.Contains(t, c.No("SUBSCRIBE nothing"), "[NONEXISTENT]")
	c.Bad(`LIST (RECURSIVEMATCH) "" *`)
	c.OK("UNSUBSCRIBE p/q")
	require.Empty(t, c.OK(`LSUB "" p*`))
}

func TestSpecialUse(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.OK("CREATE plain")
	all := c.OK(`LIST (SPECIAL-USE) "" *`)
	require.Equal(t, []string{
		`* LIST (\HasNoChildren \Archive) "/" Archive`, `* LIST (\HasNoChildren \Drafts) "/" Drafts`,
		`* LIST (\HasNoChildren \Junk) "/" Junk`, `* LIST (\HasNoChildren \Sent) "/" Sent`, `* LIST (\HasNoChildren \Trash) "/" Trash`,
	}, all)
	require.Equal(t, all, c.OK(`LIST (SPECIAL-USE) "" * RETURN (SPECIAL-USE)`))
	require.Equal(t, []string{`* LIST (\HasNoChildren \Sent) "/" Sent`, `* LIST (\HasNoChildren) "/" plain`},
		c.OK(`LIST "" (Sent plain) RETURN (SPECIAL-USE)`))
	c.OK("UNSUBSCRIBE Junk")
	require.Equal(t, []string{`* LIST (\HasNoChildren \Sent \Subscribed) "/" Sent`}, c.OK(`LIST (SPECIAL-USE SUBSCRIBED) "" (Junk Sent plain)`))
	require.Empty(t, c.OK(`LIST (SPECIAL-USE) "" plain`))
	require.Contains(t, c.Bad(`LIST (SPECIAL-USE RECURSIVEMATCH) "" *`), "SUBSCRIBED")
	c.Bad(`CREATE x (USE (\Sent))`)
}

func TestNamesInBothRevisions(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	old, young := s.Login(), s.Login()
	young.OK("ENABLE IMAP4rev2")
	old.OK("CREATE Entw&APw-rfe")
	require.Equal(t, []string{`* LIST (\HasNoChildren) "/" Entw&APw-rfe`}, old.OK(`LIST "" Entw*`))
	require.Equal(t, []string{`* LIST (\HasNoChildren) "/" "Entwürfe"`}, young.OK(`LIST "" Entw*`))
	young.OK(`CREATE "a&b"`)
	require.Equal(t, []string{`* LIST (\HasNoChildren) "/" a&-b`}, old.OK(`LIST "" a&-b`))
	require.Contains(t, old.No(`CREATE "a&b"`), "[CANNOT]")
	old.OK("SELECT a&-b")
	require.Contains(t, old.OK("STATUS a&-b (MESSAGES)")[0], "a&-b (MESSAGES 0)")
}

func TestListStatus(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.Append("INBOX", "", message)
	c.OK("CREATE other")
	require.Equal(t, []string{
		`* LIST (\HasNoChildren) "/" INBOX`, `* STATUS INBOX (MESSAGES 1 UNSEEN 1)`,
		`* LIST (\HasNoChildren) "/" other`, `* STATUS other (MESSAGES 0 UNSEEN 0)`,
	}, c.OK(`LIST "" (INBOX other) RETURN (STATUS (MESSAGES UNSEEN))`))
	c.OK("SELECT INBOX")
	c.OK(`STORE 1 FLAGS.SILENT (\Deleted \Seen)`)
	require.Equal(t, []string{`* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UNSEEN 0 DELETED 1)`}, c.OK("STATUS INBOX (MESSAGES UIDNEXT UNSEEN DELETED)"))
}
