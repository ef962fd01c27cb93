package search

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// fixture counts what a search asks for.
type fixture struct {
	octets  string
	headers int
	bodies  int
	fault   error
}

func (f *fixture) Header(context.Context) (mime.Header, error) {
	f.headers++
	return mime.Parse([]byte(f.octets)).Header(), f.fault
}

func (f *fixture) Message(context.Context) (*mime.Message, error) {
	f.bodies++
	return mime.Parse([]byte(f.octets)), f.fault
}

const letter = "From: =?UTF-8?Q?J=C3=B6rg_Stra=C3=9Fer?= <joerg@example.org>\r\n" +
	"To: undisclosed-recipients:;\r\n" +
	"Subject: Travel\r\n plans\r\n" +
	"Date: Sat, 3 Feb 2024 23:59:00 -1100\r\n" +
	"X-Empty:\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"Caf=E9 at noo=\r\nn\r\n" +
	"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''%C3%84pfel.pdf\r\n\r\nhidden\r\n" +
	"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n" +
	"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nwithin\r\n--b--\r\n"

func letterMeta() *Meta {
	return &Meta{
		Seq: 3, UID: 30, Size: 1000, Deleted: true,
		Received: time.Date(2024, 2, 4, 23, 30, 0, 0, time.UTC),
		Keyword:  func(name string) bool { return name == "$seen" || name == "work" },
	}
}

func one(n uint32) imap.SequenceSet {
	return imap.SequenceSet{Ranges: []imap.SeqRange{{Start: n, Stop: n}}}
}

func on(field imap.SearchDateField, d int) imap.SearchKey {
	return &imap.SearchDate{Field: field, Date: imap.Date{Year: 2024, Month: time.February, Day: d}}
}

func str(field imap.SearchField, value string) imap.SearchKey {
	return &imap.SearchString{Field: field, Value: value}
}

func TestMatch(t *testing.T) {
	scope := Scope{Messages: 5, MaxUID: 50, Saved: []uint32{10, 30}}
	for name, c := range map[string]struct {
		key                  imap.SearchKey
		want                 bool
		wantHeader, wantBody int
	}{
		"all":                 {imap.SearchAll, true, 0, 0},
		"seen":                {imap.SearchSeen, true, 0, 0},
		"unseen":              {imap.SearchUnseen, false, 0, 0},
		"new":                 {imap.SearchNew, false, 0, 0},
		"old":                 {imap.SearchOld, true, 0, 0},
		"recent":              {imap.SearchRecent, false, 0, 0},
		"deleted":             {imap.SearchDeleted, true, 0, 0},
		"undeleted":           {imap.SearchUndeleted, false, 0, 0},
		"answered":            {imap.SearchAnswered, false, 0, 0},
		"unanswered":          {imap.SearchUnanswered, true, 0, 0},
		"flagged":             {imap.SearchFlagged, false, 0, 0},
		"unflagged":           {imap.SearchUnflagged, true, 0, 0},
		"draft":               {imap.SearchDraft, false, 0, 0},
		"undraft":             {imap.SearchUndraft, true, 0, 0},
		"keyword":             {&imap.SearchFlag{Flag: "Work"}, true, 0, 0},
		"unkeyword":           {&imap.SearchFlag{Not: true, Flag: "Work"}, false, 0, 0},
		"larger":              {&imap.SearchSize{Size: 999}, true, 0, 0},
		"larger equal":        {&imap.SearchSize{Size: 1000}, false, 0, 0},
		"smaller":             {&imap.SearchSize{Smaller: true, Size: 1001}, true, 0, 0},
		"before":              {on(imap.SearchBefore, 4), false, 0, 0},
		"before later":        {on(imap.SearchBefore, 5), true, 0, 0},
		"on":                  {on(imap.SearchOn, 4), true, 0, 0},
		"since":               {on(imap.SearchSince, 4), true, 0, 0},
		"since later":         {on(imap.SearchSince, 5), false, 0, 0},
		"senton its own zone": {on(imap.SearchSentOn, 3), true, 1, 0},
		"sentbefore":          {on(imap.SearchSentBefore, 3), false, 1, 0},
		"sentsince":           {on(imap.SearchSentSince, 3), true, 1, 0},
		"uid":                 {&imap.SearchUID{Set: one(30)}, true, 0, 0},
		"uid star":            {&imap.SearchUID{Set: one(0)}, false, 0, 0},
		"seq":                 {&imap.SearchSet{Set: one(3)}, true, 0, 0},
		"seq of a uid":        {&imap.SearchSet{Set: one(30)}, false, 0, 0},
		"saved":               {&imap.SearchSet{Set: imap.SequenceSet{Saved: true}}, true, 0, 0},
		"from decoded":        {str(imap.SearchFrom, "jörg STRASSER"), true, 1, 0},
		"from decomposed":     {str(imap.SearchFrom, norm.NFD.String("Jörg")), true, 1, 0},
		"from raw":            {str(imap.SearchFrom, "=?utf-8?q?j"), true, 1, 0},
		"from other field":    {str(imap.SearchFrom, "Travel"), false, 1, 0},
		"subject unfolded":    {str(imap.SearchSubject, "travel plans"), true, 1, 0},
		"to":                  {str(imap.SearchTo, "UNDISCLOSED"), true, 1, 0},
		"cc missing":          {str(imap.SearchCc, ""), false, 1, 0},
		"bcc":                 {str(imap.SearchBcc, "x"), false, 1, 0},
		"header empty":        {&imap.SearchHeader{Field: "x-EMPTY"}, true, 1, 0},
		"header absent":       {&imap.SearchHeader{Field: "x-none"}, false, 1, 0},
		"header value":        {&imap.SearchHeader{Field: "Date", Value: "-1100"}, true, 1, 0},
		"body decoded":        {str(imap.SearchBody, "CAFÉ at noon"), true, 1, 1},
		"body not header":     {str(imap.SearchBody, "plans"), false, 1, 1},
		"body not binary":     {str(imap.SearchBody, "hidden"), false, 1, 1},
		"body embedded":       {str(imap.SearchBody, "within"), true, 1, 1},
		"body no header":      {str(imap.SearchBody, "inner"), false, 1, 1},
		"body report":         {str(imap.SearchBody, "failed\r\nstatus"), true, 1, 1},
		"body empty":          {str(imap.SearchBody, ""), true, 0, 0},
		"text in header":      {str(imap.SearchText, "plans"), true, 1, 0},
		"text in body":        {str(imap.SearchText, "within"), true, 1, 1},
		"text in embedded":    {str(imap.SearchText, "inner"), true, 1, 1},
		"text in MIME header": {str(imap.SearchText, "filename*="), true, 1, 1},
		"text in file name":   {str(imap.SearchText, "äpfel.PDF"), true, 1, 1},
		"text not binary":     {str(imap.SearchText, "hidden"), false, 1, 1},
		"text nowhere":        {str(imap.SearchText, "zebra"), false, 1, 1},
		"not":                 {&imap.SearchNot{Key: str(imap.SearchSubject, "plans")}, false, 1, 0},
		"or spares the body": {&imap.SearchOr{Left: str(imap.SearchBody, "x"), Right: imap.SearchSeen},
			true, 0, 0},
		"and spares the body": {&imap.SearchAnd{Keys: []imap.SearchKey{str(imap.SearchBody, "x"), imap.SearchUnseen}},
			false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fixture{octets: letter}
			got, err := Compile([]imap.SearchKey{c.key}, scope).Match(t.Context(), letterMeta(), f)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, []int{c.wantHeader, c.wantBody}, []int{f.headers, f.bodies}, "header and body loads")
		})
	}
}

// FROM and the like find what the envelope shows, whatever stands between its parts in the header.
func TestAddressesAreSearchedAsTheEnvelopeHasThem(t *testing.T) {
	f := &fixture{octets: "From: \"W\\ren \\\"M.\\\"\" <wren (the bird) @ mill .example>\r\nTo: (nobody)\r\n\r\n"}
	for want, found := range map[string]bool{
		"wren \"m.\"": true, "WREN@mill.example": true, "\" <wren@": true, "the bird": true, "miller": false, "mill.example>>": false,
	} {
		got, err := Compile([]imap.SearchKey{str(imap.SearchFrom, want)}, Scope{}).Match(t.Context(), letterMeta(), f)
		require.NoError(t, err)
		require.Equal(t, found, got, want)
	}
}

func TestNeeds(t *testing.T) {
	subject := &imap.SearchString{Field: imap.SearchSubject, Value: "x"}
	body := &imap.SearchString{Field: imap.SearchBody, Value: "x"}
	text := &imap.SearchString{Field: imap.SearchText, Value: "x"}
	seen := imap.SearchSeen
	for _, test := range []struct {
		keys            []imap.SearchKey
		header, message bool
	}{
		{[]imap.SearchKey{seen}, false, false},
		{[]imap.SearchKey{subject}, true, false},
		{[]imap.SearchKey{body}, false, true},
		{[]imap.SearchKey{text}, false, true},
		{[]imap.SearchKey{&imap.SearchNot{Key: text}}, false, true},
		{[]imap.SearchKey{seen, subject, body}, true, true},
		{[]imap.SearchKey{subject, text}, true, true},
		{[]imap.SearchKey{&imap.SearchOr{Left: subject, Right: seen}}, true, false},
		{[]imap.SearchKey{&imap.SearchOr{Left: subject, Right: body}}, false, true},
		{[]imap.SearchKey{on(imap.SearchSentOn, 3)}, true, false},
	} {
		header, message := Compile(test.keys, Scope{}).Needs()
		require.Equal(t, test.header, header, "%v", test.keys)
		require.Equal(t, test.message, message, "%v", test.keys)
	}
}

func TestFailureIsNotAbsence(t *testing.T) {
	fault := errors.New("backend is down")
	q := Compile([]imap.SearchKey{&imap.SearchNot{Key: str(imap.SearchText, "x")}}, Scope{})
	_, err := q.Match(t.Context(), letterMeta(), &fixture{octets: letter, fault: fault})
	require.ErrorIs(t, err, fault)
	_, known := q.Quick(letterMeta())
	require.False(t, known)
}

func TestASearchNobodyWaitsForEnds(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	q := Compile([]imap.SearchKey{&imap.SearchString{Field: imap.SearchBody, Value: "noon"}}, Scope{})
	_, err := q.Match(gone, letterMeta(), &fixture{octets: letter})
	require.ErrorIs(t, err, context.Canceled)
}

func TestSetAgainstANaiveOne(t *testing.T) {
	sets := []imap.SequenceSet{
		{Ranges: []imap.SeqRange{{Start: 9, Stop: 0}}},
		{Ranges: []imap.SeqRange{{Start: 0, Stop: 2}}},
		{Ranges: []imap.SeqRange{{Start: 5, Stop: 2}, {Start: 4, Stop: 4}, {Start: 1, Stop: 1}}},
		{Ranges: []imap.SeqRange{{Start: 1, Stop: 4294967295}}},
		{Ranges: []imap.SeqRange{{Start: 100, Stop: 200}}},
		{},
	}
	for _, messages := range []uint32{0, 1, 5} {
		for _, s := range sets {
			n := newSet(s, &Scope{Messages: messages}, false)
			for seq := uint32(1); seq <= messages; seq++ {
				want := slices.ContainsFunc(s.Ranges, func(r imap.SeqRange) bool {
					a, b := star(r.Start, messages), star(r.Stop, messages)
					return min(a, b) <= seq && seq <= max(a, b)
				})
				require.Equal(t, want, n.eval(&Meta{Seq: seq}, nil) == yes, "%v %d of %d", s, seq, messages)
			}
		}
	}
}

func TestInTextAcrossChunks(t *testing.T) {
	for _, at := range []int{chunk - 3, chunk - 1, chunk, 2*chunk - 2} {
		hay := strings.Repeat("x", at) + "Grüße" + strings.Repeat("y", chunk)
		require.True(t, newNeedle("GRÜSSE").inText(strings.NewReader(hay)), at)
		require.False(t, newNeedle("gruesse").inText(strings.NewReader(hay)), at)
	}
	for _, length := range []int{1, 5, chunk - 1, chunk, 3 * chunk} {
		needle := strings.Repeat("n", length-1) + "M"
		for _, before := range []int{0, 1, chunk - length, chunk - length + 1, chunk - 1, chunk, 6*chunk + 1} {
			hay := strings.Repeat("-", max(before, 0)) + strings.ToUpper(needle) + "n"
			require.True(t, newNeedle(needle).inPlain([]byte(hay)), "%d after %d", length, before)
			require.True(t, newNeedle(needle).inText(strings.NewReader(hay)), "%d after %d", length, before)
			require.False(t, newNeedle(needle+"x").inPlain([]byte(hay)))
			require.False(t, newNeedle(needle+"x").inText(strings.NewReader(hay)))
		}
	}
	require.True(t, newNeedle("é").inText(strings.NewReader(strings.Repeat("é", chunk))))
}

func FuzzNeedle(f *testing.F) {
	f.Add("Straße", "xx STRASSE yy")
	f.Fuzz(func(t *testing.T, n, hay string) {
		if len(hay) > 1000 {
			return
		}
		require.Equal(t, newNeedle(n).in(hay), newNeedle(n).inText(strings.NewReader(hay)))
	})
}

func BenchmarkMetaOf100000(b *testing.B) {
	q := Compile([]imap.SearchKey{imap.SearchUnseen, &imap.SearchSize{Size: 10}, &imap.SearchUID{Set: one(7)}},
		Scope{Messages: 100_000, MaxUID: 100_000})
	m := letterMeta()
	b.ReportAllocs()
	for b.Loop() {
		for i := range 100_000 {
			m.UID = uint32(i)
			q.Quick(m)
		}
	}
}
