package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// received is long ago, so that no server takes its own clock for it.
var received = proto.NewUTCDate(time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC))

// flags are what the message is imported with.
var flags = []string{"$seen", "$flagged", "dragoman-probe"}

// message is what this run stores: no other message has these octets, as some servers keep equal ones once.
func (p *prober) message() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: Dragoman <probe@dragoman.invalid>\r\nTo: probe@dragoman.invalid\r\nSubject: dragoman probe %s\r\n", p.token)
	fmt.Fprintf(&b, "Date: Sat, 3 Feb 2001 04:05:06 +0000\r\nMessage-ID: <%s@dragoman.invalid>\r\n", p.token)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
	for range 200 {
		b.WriteString("Zwei Höfe, ein Dolmetscher.\tTrailing space \r\n")
	}
	return b.Bytes()
}

func (p *prober) upload(ctx context.Context) (string, error) {
	data := p.message()
	answer, err := p.session.Upload(ctx, p.account, "message/rfc822", bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", err
	}
	p.blob = answer.BlobID
	if answer.Size != uint64(len(data)) {
		return "", broken(Degraded, fmt.Sprintf("%d octets sent, the server has %d", len(data), answer.Size), "APPEND may store something else than was sent")
	}
	return fmt.Sprintf("%d octets", len(data)), nil
}

func (p *prober) download(ctx context.Context) (string, error) {
	data, err := p.read(ctx, p.blob)
	if err != nil {
		return "", err
	}
	if detail := difference(p.message(), data); detail != "" {
		return "", broken(Degraded, detail, noReturn)
	}
	return "the octets that were uploaded", nil
}

func (p *prober) octets(ctx context.Context) (string, error) {
	data, err := p.read(ctx, p.email.BlobID)
	if err != nil {
		return "", broken(Fatal, err.Error(), "no message can be read")
	}
	if detail := difference(p.message(), data); detail != "" {
		return "", errors.New(detail)
	}
	return "the octets that were uploaded", nil
}

func (p *prober) read(ctx context.Context, blob proto.ID) ([]byte, error) {
	body, _, err := p.session.Download(ctx, p.account, blob, "message/rfc822", "probe.eml")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, 1<<20))
}

// difference says how two messages differ, or nothing.
func difference(want, got []byte) string {
	if bytes.Equal(want, got) {
		return ""
	}
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			return fmt.Sprintf("%d octets sent, %d came back, the first other one at %d", len(want), len(got), i)
		}
	}
	return fmt.Sprintf("%d octets sent, %d came back", len(want), len(got))
}

func (p *prober) importEmail(ctx context.Context) (string, error) {
	state, err := p.emailsState(ctx)
	if err != nil {
		return "", err
	}
	p.emailState = state
	const key = "m0"
	answer, err := call(ctx, p, &proto.EmailImport{AccountID: p.account, Emails: map[proto.ID]*proto.EmailImportObject{
		key: {BlobID: p.blob, MailboxIDs: map[proto.ID]bool{p.scratch: true}, Keywords: set(flags), ReceivedAt: received},
	}})
	if err != nil {
		return "", err
	}
	if failure, ok := answer.NotCreated[key]; ok {
		return "", setError("Email/import", failure)
	}
	made := answer.Created[key]
	if made == nil || made.ID == "" {
		return "", errors.New("Email/import: neither created nor refused")
	}
	p.email = &proto.Email{ID: made.ID, BlobID: made.BlobID}
	return "Email " + string(made.ID), nil
}

func set(members []string) map[string]bool {
	all := map[string]bool{}
	for _, m := range members {
		all[m] = true
	}
	return all
}

// asked are the properties that the gateway asks for, all at once.
const asked = proto.EmailPropertyID | proto.EmailPropertyBlobID | proto.EmailPropertyThreadID | proto.EmailPropertyMailboxIDs |
	proto.EmailPropertyKeywords | proto.EmailPropertySize | proto.EmailPropertyReceivedAt

// get returns the imported Email as it is now, or nil when it is gone.
func (p *prober) get(ctx context.Context) (*proto.Email, error) {
	got, err := call(ctx, p, &proto.EmailGet{AccountID: p.account, IDs: []proto.ID{p.email.ID}, Properties: asked.Names()})
	if err != nil || len(got.List) == 0 {
		return nil, err
	}
	return got.List[0], nil
}

func (p *prober) there(ctx context.Context) (*proto.Email, error) {
	email, err := p.get(ctx)
	if err == nil && email == nil {
		err = errors.New("Email/get: the imported message is not found")
	}
	return email, err
}

func (p *prober) properties(ctx context.Context) (string, error) {
	email, err := p.there(ctx)
	if err != nil {
		return "", err
	}
	if email.BlobID != "" {
		p.email.BlobID = email.BlobID
	}
	if lacking := asked &^ email.Has; lacking != 0 {
		detail := "Email/get: without " + strings.Join(lacking.Names(), ", ")
		if lacking&(proto.EmailPropertyID|proto.EmailPropertyBlobID|proto.EmailPropertyMailboxIDs) != 0 {
			return "", errors.New(detail)
		}
		return "", broken(Degraded, detail, "what FETCH shows of it is empty")
	}
	if !email.MailboxIDs[p.scratch] || len(email.MailboxIDs) != 1 {
		return "", fmt.Errorf("Email/get: imported into %s, found in %s", p.scratch, list(email.MailboxIDs))
	}
	if want := len(p.message()); email.Size != uint64(want) {
		return "", broken(Degraded, fmt.Sprintf("Email/get: size %d of a message of %d octets", email.Size, want), "RFC822.SIZE is wrong, which some clients mind")
	}
	return strings.Join(asked.Names(), ", "), nil
}

func (p *prober) kept(ctx context.Context) (string, error) {
	email, err := p.there(ctx)
	if err != nil {
		return "", err
	}
	for _, flag := range flags {
		if !email.Keywords[flag] {
			return "", fmt.Errorf("imported with %s, found %s", strings.Join(flags, ", "), list(email.Keywords))
		}
	}
	if !email.ReceivedAt.Equal(received.Time) {
		return "", fmt.Errorf("imported with receivedAt %s, found %s", received, email.ReceivedAt)
	}
	return "as they were given", nil
}

// list shows a set in order.
func list[K ~string](set map[K]bool) string {
	var all []string
	for member := range set {
		all = append(all, string(member))
	}
	slices.Sort(all)
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
