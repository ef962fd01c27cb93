package clients

import (
	"crypto/sha256"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/delivery"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/testdata/mail"
)

// fetchAll logs in by imaplib, walks all mailboxes and prints the hash of each
// message, having fetched all else that a client shows of it.
const fetchAll = `
import hashlib, imaplib, re, sys
user, password, address = sys.argv[1:]
host, port = address.split(":")
m = imaplib.IMAP4(host, int(port))
m.login(user, password)
ok, boxes = m.list()
assert ok == "OK" and len(boxes) >= 5, boxes
for box in boxes:
    name = re.search(rb'"/" (.*)$', box).group(1).decode()
    ok, n = m.select(name, readonly=True)
    assert ok == "OK", (name, n)
    for i in range(1, int(n[0]) + 1):
        ok, data = m.fetch(str(i), "(UID ENVELOPE BODYSTRUCTURE FLAGS INTERNALDATE RFC822.SIZE)")
        assert ok == "OK", data
        flat = b"".join(b" ".join(d) if isinstance(d, tuple) else d for d in data)
        assert b"ENVELOPE (" in flat and b"BODYSTRUCTURE (" in flat, flat
        size = int(re.search(rb"RFC822.SIZE (\d+)", flat).group(1))
        ok, data = m.fetch(str(i), "(BODY.PEEK[])")
        assert ok == "OK", data
        octets = data[0][1]
        assert len(octets) == size, (name, i, len(octets), size)
        print(hashlib.sha256(octets).hexdigest())
m.logout()
`

func TestImaplibReadsTheSampleMail(t *testing.T) {
	s := serve(t, t.TempDir())
	got := strings.Fields(python(t, s.user, fetchAll, s.imap))
	samples, err := mail.Samples()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(samples), 15)
	var want []string
	for _, sample := range samples {
		want = append(want, fmt.Sprintf("%x", sha256.Sum256(sample.Octets)))
	}
	sort.Strings(want)
	sort.Strings(got)
	require.Equal(t, want, got, "each sample message is served as the octets of its file")
	s.stop(t)
}

// What imaplib reads through the program is what it reads from Cyrus itself. Cyrus does not take two of the sample messages by JMAP.
func TestImaplibReadsTheSampleMailOfCyrus(t *testing.T) {
	b := overCyrus(t, cyrustest.Start(t))
	samples, err := delivery.Samples()
	require.NoError(t, err)
	var refused *delivery.RefusedError
	require.ErrorAs(t, delivery.Deliver(t.Context(), b.session(t), samples), &refused)
	require.Len(t, refused.NotCreated, 2)
	want := strings.Fields(python(t, b.user, fetchAll, b.cyrus.Addr))
	require.Len(t, want, len(samples)-2)
	s := b.serve(t, t.TempDir())
	got := strings.Fields(python(t, b.user, fetchAll, s.imap))
	sort.Strings(want)
	sort.Strings(got)
	require.Equal(t, want, got)
	s.stop(t)
}

const startTLS = `
import imaplib, ssl, sys
user, password, plain, tls = sys.argv[1:]
host, port = plain.split(":")
context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
m = imaplib.IMAP4(host, int(port)); m.starttls(context); m.login(user, password); m.select("INBOX"); m.logout()
host, port = tls.split(":")
m = imaplib.IMAP4_SSL(host, int(port), ssl_context=context)
m.authenticate("PLAIN", lambda _: b"\0%s\0%s" % (user.encode(), password.encode()))
m.append("INBOX", r"(\Seen)", None, b"Subject: hi\r\n\r\nhello\r\n")
assert m.select("INBOX")[0] == "OK"
ok, found = m.search(None, "SUBJECT", "hi", "SEEN"); assert ok == "OK" and found[0], found
m.store(found[0].split()[-1], "+FLAGS", r"(\Deleted)"); m.expunge(); m.logout()
try:
    imaplib.IMAP4(plain.split(":")[0], int(plain.split(":")[1])).login(user, "wrong")
except imaplib.IMAP4.error as e:
    assert b"AUTHENTICATIONFAILED" in e.args[0], e
else:
    raise SystemExit("a wrong password was taken")
`

func TestImaplibOverTLS(t *testing.T) {
	overEach(t, func(t *testing.T, b backend) {
		s := b.serve(t, t.TempDir())
		python(t, s.user, startTLS, s.imap, s.imaps)
	})
}
