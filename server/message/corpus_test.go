package message

import (
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/testdata/mail"
	"github.com/stretchr/testify/require"
)

// corpus gives the parsed messages of testdata/mail by name without ".eml".
func corpus(t testing.TB) map[string]*mime.Message {
	all, err := mail.All()
	require.NoError(t, err)
	parsed := map[string]*mime.Message{}
	for name, octets := range all {
		parsed[strings.TrimSuffix(name, ".eml")] = mime.Parse(octets)
	}
	return parsed
}

func TestSamplesAreComplete(t *testing.T) {
	samples, err := mail.Samples()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(samples), 25)
	mailboxes := map[string]bool{}
	for _, s := range samples {
		require.NotEmpty(t, s.Octets, s.File)
		require.NotContains(t, string(s.Octets), "\x00", s.File)
		mailboxes[s.Mailbox] = true
	}
	require.GreaterOrEqual(t, len(mailboxes), 6)
}

// wantCorpus has subject as JMAP shows it, preview, and the sections with their types.
var wantCorpus = map[string][3]string{
	"welcome":     {"Welcome aboard", "Good morning, and welcome! This mailbox", "1:TEXT/PLAIN"},
	"alternative": {"This week: crème brûlée buns", "Crème brûlée buns, two for 3 €", ":MULTIPART/ALTERNATIVE 1:TEXT/PLAIN 2:TEXT/HTML"},
	"attachments": {"Harbour dues for October", "Dear captain, enclosed", ":MULTIPART/MIXED 1:TEXT/PLAIN 2:APPLICATION/PDF 3:TEXT/CSV"},
	"forwarded": {"Fwd: Paper samples", "See below.", ":MULTIPART/MIXED 1:TEXT/PLAIN 2:MESSAGE/RFC822 2:MULTIPART/MIXED " +
		"2.1:TEXT/PLAIN 2.2:TEXT/PLAIN 2.3:IMAGE/PNG"},
	"digest": {"Sailmakers digest, vol. 12, issue 3", "1. Thread for", ":MULTIPART/MIXED 1:TEXT/PLAIN 2:MULTIPART/DIGEST " +
		"2.1:MESSAGE/RFC822 2.1.1:TEXT/PLAIN 2.2:MESSAGE/RFC822 2.2.1:TEXT/PLAIN"},
	"japanese":         {"港の夏祭りのお知らせ", "こんにちは。 港の夏祭り", "1:TEXT/PLAIN"},
	"russian":          {"Расписание парома", "Здравствуйте! С понедельника", "1:TEXT/PLAIN"},
	"chinese":          {"新茶到了", "船长您好： 今年的新茶", "1:TEXT/PLAIN"},
	"western":          {"Devis — réparation du gouvernail (450 €)", "Bonjour, voici le devis", "1:TEXT/PLAIN"},
	"turkish":          {"Tercüman aranıyor", "Merhaba, limanda iki gün", "1:TEXT/PLAIN"},
	"greek":            {"Καλημέρα από το νησί ☀", "Καλημέρα! Τα πλοία ξεκινούν αύριο. ⛴", "1:TEXT/HTML"},
	"parameters":       {"Scans of the old charts", "Two of the charts", ":MULTIPART/MIXED 1:TEXT/PLAIN 2:IMAGE/PNG 3:APPLICATION/OCTET-STREAM"},
	"eightbit-headers": {"Blåbær og fløte", "Hei! This mail", "1:TEXT/PLAIN"},
	"bare-lf":          {"lamp report", "lamp on since 15:52 rotations", "1:TEXT/PLAIN"},
	"zero-octets":      {"tide gauge, raw", "reading 1", "1:TEXT/PLAIN"},
	"no-body":          {"buoy 9 is back (this mail is all header)", "", "1:TEXT/PLAIN"},
	"no-header":        {"", "The postman found this", "1:TEXT/PLAIN"},
	"signed":           {"Signed: permit for the night mooring", "Permit 118", ":MULTIPART/SIGNED 1:TEXT/PLAIN 2:APPLICATION/PKCS7-SIGNATURE"},
	"inline-image":     {"Photo from the pier", "Look at this sunset! [picture]", ":MULTIPART/RELATED 1:MULTIPART/ALTERNATIVE 1.1:TEXT/PLAIN 1.2:TEXT/HTML 2:IMAGE/PNG"},
	"invite": {"Invitation: Regatta: who brings the soup", "Thursday, 3 December", ":MULTIPART/MIXED 1:MULTIPART/ALTERNATIVE " +
		"1.1:TEXT/PLAIN 1.2:TEXT/HTML 1.3:TEXT/CALENDAR 2:APPLICATION/ICS"},
	"thread-4":        {"Re: [keepers] Lighthouse key", "Found it.", "1:TEXT/PLAIN"},
	"thread-3":        {"Re: Lighthouse key", "The gull has been", "1:TEXT/PLAIN"},
	"long-references": {"Re: Re: AW: Re[2]: Plank number thirty-one", "That was the last plank.", "1:TEXT/PLAIN"},
	"empty-subject":   {"", "Fog tonight.", "1:TEXT/PLAIN"},
	"groups":          {"Rehearsal moves to Thursday", "Same place", "1:TEXT/PLAIN"},
	"huge-header":     {"The long way round", "This letter is short", "1:TEXT/PLAIN"},
	"broken": {"Washed ashore", "This mail lost its last", ":MULTIPART/MIXED 1:TEXT/PLAIN 2:APPLICATION/X-DRIFTWOOD 3:TEXT/PLAIN " +
		"4:MULTIPART/ALTERNATIVE 4.1:TEXT/PLAIN 5:IMAGE/PNG"},
	"bounce": {"Undelivered: Are you there?", "Nobody of the name", ":MULTIPART/REPORT 1:TEXT/PLAIN 2:MESSAGE/DELIVERY-STATUS 3:TEXT/RFC822-HEADERS"},
	"draft":  {"Thank you for the", "Dear keepers,", "1:TEXT/PLAIN"},
}

func TestCorpusContents(t *testing.T) {
	messages := corpus(t)
	for name, want := range wantCorpus {
		m := messages[name]
		require.NotNil(t, m, name)
		subject, _ := m.Header().Last("Subject")
		require.Equal(t, want[0], mime.Text(subject.Raw), name)
		preview := m.Preview()
		require.True(t, strings.HasPrefix(preview, want[1]), "%s: %q", name, preview)
		var types []string
		m.Root.Walk(true, func(p *mime.Part) { types = append(types, p.Section()+":"+strings.ToUpper(p.MediaType())) })
		require.Equal(t, want[2], strings.Join(types, " "), name)
	}
}

func TestCorpusSectionsFitTogether(t *testing.T) {
	for name, m := range corpus(t) {
		whole, _ := Section(m, imap.Section{})
		header, _ := Section(m, imap.Section{Text: imap.SectionHeader})
		text, _ := Section(m, imap.Section{Text: imap.SectionBodyText})
		require.Equal(t, string(m.Octets), string(whole), name)
		require.Equal(t, string(whole), string(header)+string(text), name)
		none, _ := Section(m, imap.Section{Text: imap.SectionHeaderFieldsNot})
		d := NewDigest(m)
		checkDigest(t, d)
		require.Equal(t, len(m.Octets), int(d.Size), name)
		if name != "broken" && name != "no-header" {
			require.Equal(t, string(header), string(none), name)
		}
		checkSizes(t, m.Root, d.BodyStructure(true, false))
	}
}

// checkSizes holds the sizes in a structure against the octets of each part.
func checkSizes(t *testing.T, p *mime.Part, b imap.Body) {
	t.Helper()
	switch b := b.(type) {
	case *imap.BodyMultipart:
		require.Len(t, b.Parts, len(p.Children))
		require.NotEmpty(t, b.Parts)
		for i, c := range b.Parts {
			checkSizes(t, p.Children[i], c)
		}
	case *imap.BodyMessage:
		require.EqualValues(t, len(p.Octets()), b.Fields.Octets)
		checkSizes(t, p.Message, b.Body)
	case *imap.BodyText:
		require.EqualValues(t, len(p.Octets()), b.Fields.Octets)
		require.EqualValues(t, strings.Count(string(p.Octets()), "\n"), b.Lines)
	case *imap.BodyBasic:
		require.EqualValues(t, len(p.Octets()), b.Fields.Octets)
	default:
		t.Fatalf("no body: %T", b)
	}
}
