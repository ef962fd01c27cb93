package emit_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

func command(t *testing.T, line string, lits ...imap.Literal) imap.Command {
	t.Helper()
	c, err := parser.Command([]byte("a "+line+"\r\n"), lits, imap.AllFeatures)
	require.NoError(t, err, line)
	require.Equal(t, "a", c.Tag)
	return c.Command
}

// The bounds that the grammar states in words only.
func TestBoundsOfValues(t *testing.T) {
	for line, valid := range map[string]bool{
		"FETCH 4294967295 UID":                            true,
		"FETCH 4294967296 UID":                            false,
		"FETCH 1:99999999999999999999999 UID":             false,
		"FETCH 0 UID":                                     false,
		"FETCH 01 UID":                                    false,
		"FETCH 1 BODY[4294967295]":                        true,
		"FETCH 1 BODY[4294967296]":                        false,
		"FETCH 1 BODY[]<9223372036854775807.1>":           true,
		"FETCH 1 BODY[]<9223372036854775808.1>":           false,
		"FETCH 1 BODY[]<0.18446744073709551617>":          false,
		"FETCH 1 BODY[]<0.0>":                             false,
		"SEARCH LARGER 9223372036854775807":               true,
		"SEARCH LARGER 9223372036854775808":               false,
		"SEARCH ON 29-Feb-2024":                           true,
		"SEARCH ON 29-Feb-2023":                           false,
		"SEARCH ON \"1-jAN-0000\"":                        true,
		"SEARCH ON 0-Jan-2024":                            false,
		"SEARCH ON 32-Jan-2024":                           false,
		"SEARCH ON 1-Jan-24":                              false,
		"APPEND x \"31-Dec-2016 23:59:60 +0000\" {0}\r\n": true,
		"APPEND x \" 1-Jan-2024 24:00:00 +0000\" {0}\r\n": false,
		"APPEND x \" 1-Jan-2024 00:60:00 +0000\" {0}\r\n": false,
		"APPEND x \" 1-Jan-2024 00:00:61 +0000\" {0}\r\n": false,
		"APPEND x \" 1-Jan-2024 00:00:00 +1400\" {0}\r\n": true,
		"APPEND x \" 1-Jan-2024 00:00:00 +0060\" {0}\r\n": false,
		"APPEND x \" 1-Jan-2024 00:00:00 -9900\" {0}\r\n": false,
		"APPEND x \"31-Apr-2024 00:00:00 +0000\" {0}\r\n": false,
		"APPEND x \"1-Jan-2024 00:00:00 +0000\" {0}\r\n":  false,
		"AUTHENTICATE PLAIN AGEAYg==":                     true,
		"AUTHENTICATE PLAIN AGEAYg":                       false,
		"AUTHENTICATE PLAIN ====":                         false,
	} {
		full, lits := withLiterals("a " + line + "\r\n")
		_, err := parser.Command([]byte(full), lits, imap.AllFeatures)
		require.Equal(t, valid, err == nil, "%s: %v", line, err)
	}
}

func TestDates(t *testing.T) {
	c := command(t, "APPEND x \" 1-Feb-2024 03:04:05 -0130\" {0}\r\n", imap.Literal{Data: []byte{}}).(*imap.Append).Messages[0]
	require.True(t, time.Date(2024, 2, 1, 3, 4, 5, 0, time.FixedZone("", -5400)).Equal(*c.Date))
	_, offset := c.Date.Zone()
	require.Equal(t, -5400, offset)
	s := command(t, "SEARCH SENTSINCE 7-DEC-1999").(*imap.Search)
	require.Equal(t, &imap.SearchDate{Field: imap.SearchSentSince, Date: imap.Date{Year: 1999, Month: 12, Day: 7}}, s.Keys[0])
}

func TestMailboxNames(t *testing.T) {
	require.Equal(t, &imap.Select{Mailbox: "inBox"}, command(t, "SELECT inBox"), "as it was written")
	for form, want := range map[string]string{
		"inbox": "INBOX", "\"InBox\"": "INBOX", "INBOXes": "INBOXes", "inbox/a": "inbox/a", "\"\"": "", "\"a\\\"b\\\\\"": `a"b\`,
		"\"\xc3\xa9\"": "é", "a]b": "a]b",
	} {
		require.Equal(t, &imap.Delete{Mailbox: want}, command(t, "DELETE "+form), form)
	}
	lit := imap.Literal{Size: 5, Data: []byte("iNBOX")}
	require.Equal(t, &imap.Delete{Mailbox: "INBOX"}, command(t, "DELETE {5}\r\n", lit))
	for _, bad := range []string{"\"\xff\"", "\"a", "a\"b", "\"a\\b\"", "\xc3\xa9", "a b", "(", "%", "\"a\x00\""} {
		_, err := parser.Command([]byte("a SELECT "+bad+"\r\n"), nil, imap.AllFeatures)
		require.Error(t, err, bad)
	}
}

// The system flags come in the spelling of the RFC, keywords as they were sent.
func TestFlags(t *testing.T) {
	c := command(t, `STORE 1 +flags (\SEEN \deleted \flaggedX $Junk $junk SEEN)`).(*imap.Store)
	require.Equal(t, []string{`\Seen`, `\Deleted`, `\flaggedX`, "$Junk", "$junk", "SEEN"}, c.Flags)
	require.Equal(t, imap.StoreAdd, c.Op)
}

func TestInitialResponse(t *testing.T) {
	require.Nil(t, command(t, "AUTHENTICATE PLAIN").(*imap.Authenticate).Initial)
	require.Equal(t, imap.Secret(""), *command(t, "AUTHENTICATE PLAIN =").(*imap.Authenticate).Initial)
	require.Equal(t, imap.Secret("\x00a\x00b"), *command(t, "AUTHENTICATE plain AGEAYg==").(*imap.Authenticate).Initial)
}

// Nil and empty tell "not sent" from "()".
func TestAbsentAndEmptyLists(t *testing.T) {
	require.Nil(t, command(t, "SEARCH ALL").(*imap.Search).Return)
	require.Equal(t, []imap.SearchReturnOpt{}, command(t, "SEARCH RETURN () ALL").(*imap.Search).Return)
	l := command(t, `LIST "" *`).(*imap.List)
	require.Nil(t, l.Selection)
	require.Nil(t, l.Return)
	l = command(t, `LIST () "" (*) RETURN ()`).(*imap.List)
	require.Equal(t, []imap.ListSelectOpt{}, l.Selection)
	require.Equal(t, []imap.ListReturnOpt{}, l.Return)
	require.True(t, l.Multiple)
	require.Nil(t, command(t, "ID NIL").(*imap.ID).Params)
	require.Equal(t, []imap.IDParam{}, command(t, "ID ()").(*imap.ID).Params)
}

func TestSearchTree(t *testing.T) {
	c := command(t, `UID SEARCH RETURN (SAVE) CHARSET UTF-8 OR (1,$ NOT SEEN) UNKEYWORD $x HEADER subject ""`)
	require.Equal(t, &imap.Search{
		UID: true, Return: []imap.SearchReturnOpt{imap.SearchReturnSave}, Charset: "UTF-8",
		Keys: []imap.SearchKey{
			&imap.SearchOr{
				Left: &imap.SearchAnd{Keys: []imap.SearchKey{
					&imap.SearchSet{Set: imap.SequenceSet{Ranges: []imap.SeqRange{{Start: 1, Stop: 1}}, Saved: true}},
					&imap.SearchNot{Key: imap.SearchSeen},
				}},
				Right: &imap.SearchFlag{Not: true, Flag: "$x"},
			},
			&imap.SearchHeader{Field: "subject", Value: ""},
		},
	}, c)
}

func TestFetchItems(t *testing.T) {
	c := command(t, "FETCH *:2 (BODYSTRUCTURE BODY BODY[1.HEADER.FIELDS.NOT (To)]<5.6> BINARY.PEEK[2] BINARY.SIZE[] RFC822.SIZE RFC822)")
	require.Equal(t, &imap.Fetch{
		Set: imap.SequenceSet{Ranges: []imap.SeqRange{{Start: 0, Stop: 2}}},
		Items: []imap.FetchAtt{
			imap.FetchBodyStructure, imap.FetchBody,
			&imap.FetchSection{
				Section: imap.Section{Part: []uint32{1}, Text: imap.SectionHeaderFieldsNot, Fields: []string{"To"}},
				Partial: &imap.Partial{Offset: 5, Count: 6},
			},
			&imap.FetchBinary{Peek: true, Part: []uint32{2}}, &imap.FetchBinarySize{}, imap.FetchRFC822Size, imap.FetchRFC822,
		},
	}, c)
	require.Equal(t, &imap.Fetch{UID: true, Set: imap.SequenceSet{Saved: true}, Macro: imap.FetchMacroFull}, command(t, "UID FETCH $ full"))
}

func TestFeatures(t *testing.T) {
	for capability, want := range map[string]imap.Features{
		"ACL": imap.FeatureACL, "condstore": imap.FeatureCONDSTORE, "SORT": imap.FeatureSORT, "SORT=DISPLAY": imap.FeatureSORTDISPLAY,
		"APPENDLIMIT=35651584": imap.FeatureAPPENDLIMIT, "MESSAGELIMIT=1000": imap.FeatureMESSAGELIMIT, "THREAD=REFERENCES": imap.FeatureTHREADREFERENCES,
		"QUOTA=RES-STORAGE": imap.FeatureQUOTA, "IMAP4rev2": 0, "AUTH=PLAIN": 0, "": 0, "=": 0,
	} {
		require.Equal(t, want, imap.Feature(capability), capability)
	}
	require.Equal(t, "ACL WITHIN", (imap.FeatureWITHIN | imap.FeatureACL | 1<<63).String())
	require.Empty(t, imap.Features(0).Capabilities())
	for _, name := range imap.AllFeatures.Capabilities() {
		require.NotZero(t, imap.Feature(name), name)
	}
}

// A command, an option of one and a response are there with their feature and not without.
func TestWhatIsOffIsUnknown(t *testing.T) {
	for line, on := range map[string]imap.Features{
		"GETACL x": imap.FeatureACL, "SELECT x (CONDSTORE)": imap.FeatureCONDSTORE, "FETCH 1 (UID MODSEQ)": imap.FeatureCONDSTORE,
		"UID FETCH 1 FLAGS (CHANGEDSINCE 5 VANISHED)": imap.FeatureCONDSTORE | imap.FeatureQRESYNC, "SEARCH OLDER 5": imap.FeatureWITHIN,
		"APPEND x {1+}\r\n {1+}\r\n": imap.FeatureMULTIAPPEND, "THREAD REFS UTF-8 ALL": imap.FeatureTHREADREFS,
		"SORT RETURN (MIN) (DATE) UTF-8 ALL": imap.FeatureSORT | imap.FeatureESORT, "STATUS x (APPENDLIMIT)": imap.FeatureAPPENDLIMIT,
		`LIST "" "*" RETURN (MYRIGHTS)`: imap.FeatureLISTMYRIGHTS, "UID REPLACE 4 x {1+}\r\n": imap.FeatureREPLACE,
	} {
		full, lits := withLiterals("a " + line + "\r\n")
		_, err := parser.Command([]byte(full), lits, on)
		require.NoError(t, err, line)
		for _, name := range on.Capabilities() {
			_, err := parser.Command([]byte(full), lits, on&^imap.Feature(name))
			if name != "SORT" { // ESORT brings SORT along
				require.Error(t, err, "%s without %s", line, name)
			}
		}
		_, err = parser.Command([]byte(full), lits, 0)
		require.Error(t, err, line)
	}
	e := imap.NewEncoder(io.Discard)
	require.ErrorContains(t, e.Encode(&imap.MyRightsData{Mailbox: "x", Rights: "lr"}), "only for ACL")
	require.ErrorContains(t, e.Encode(&imap.FetchData{Seq: 1, Items: []imap.MsgAtt{&imap.MsgModSeq{ModSeq: 3}}}), "only for CONDSTORE")
	var out bytes.Buffer
	e = imap.NewEncoder(&out)
	three := int64(3)
	require.NoError(t, e.Encode(&imap.SearchData{Numbers: []uint32{1}, ModSeq: &three}))
	e.Features = imap.FeatureCONDSTORE
	require.NoError(t, e.Encode(&imap.SearchData{Numbers: []uint32{1}, ModSeq: &three}))
	require.NoError(t, e.Flush())
	require.Equal(t, "* SEARCH 1\r\n* SEARCH 1 (MODSEQ 3)\r\n", out.String())
}
