package emit_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/sasl"
	saslparser "github.com/dragoman-mail/dragoman/generated/sasl/parser"
	saslpeg "github.com/dragoman-mail/dragoman/generated/sasl/peg"
)

// saslText makes identities: any UTF-8 without NUL.
func saslText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"fred", "a@b", "=2C", ",=", "jöe", "\x01", "\x7f"}), rapid.StringN(1, 20, -1),
	).Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
}

func asSecret(g *rapid.Generator[string]) *rapid.Generator[sasl.Secret] {
	return rapid.Map(g, func(s string) sasl.Secret { return sasl.Secret(s) })
}

// messageGoesRound wants what was appended back, and the reference to agree.
func messageGoesRound[T any](
	t require.TestingT, entry string, m T, write func(dst []byte) ([]byte, error), parse func([]byte) (T, error),
) {
	wire, err := write([]byte("x"))
	require.NoError(t, err, "%+v", m)
	wire = wire[1:]
	require.NoError(t, saslpeg.Check(entry, wire), "%q", wire)
	back, err := parse(wire)
	require.NoError(t, err, "%q", wire)
	require.Equal(t, m, back, "%q", wire)
}

func oauthGoesRound(t require.TestingT, m sasl.OAuthMessage) {
	messageGoesRound(t, "client-resp", m, func(dst []byte) ([]byte, error) { return sasl.AppendOAuth(dst, m) }, saslparser.OAuth)
}

// Every message goes round.
func TestMessagesOfSASLGoRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &sasl.Plain{
			AuthzID: optional(t, saslText()), AuthcID: saslText().Draw(t, "authcid"), Password: asSecret(saslText()).Draw(t, "password"),
		}
		messageGoesRound(t, "plain-message", m, m.Append, saslparser.Plain)
	})
	rapid.Check(t, func(t *rapid.T) {
		trace := rapid.OneOf(rapid.SampledFrom([]string{"", "sirhc", "joe@example.org", "a\x00b"}), saslText()).
			Filter(func(s string) bool { return strings.Count(s, "@") == 0 || s == "joe@example.org" })
		m := &sasl.Anonymous{Trace: trace.Draw(t, "trace")}
		messageGoesRound(t, "anonymous-message", m, m.Append, saslparser.Anonymous)
	})
	rapid.Check(t, func(t *rapid.T) {
		m := &sasl.External{AuthzID: optional(t, saslText())}
		messageGoesRound(t, "external-initial-resp", m, m.Append, saslparser.External)
	})
	rapid.Check(t, func(t *rapid.T) {
		m := &sasl.OAuth{Header: sasl.GS2Header{
			NonStandard: rapid.Bool().Draw(t, "nonstandard"), Binding: enum[sasl.ChannelBinding](3).Draw(t, "binding"), AuthzID: optional(t, saslText()),
		}}
		if m.Header.Binding == sasl.BindingUsed {
			m.Header.BindingName = rapid.StringMatching(`[A-Za-z0-9.-]{1,20}`).Draw(t, "name")
		}
		m.Pairs = list(rapid.Custom(func(t *rapid.T) sasl.KeyValue {
			return sasl.KeyValue{
				Key: rapid.StringMatching(`[A-Za-z]{1,8}`).Draw(t, "key"), Value: asSecret(rapid.StringMatching(`[ -~\t\r\n]{0,40}`)).Draw(t, "value"),
			}
		})).Draw(t, "pairs")
		oauthGoesRound(t, m)
	})
	oauthGoesRound(t, &sasl.OAuthFailed{})
}

func TestFieldsOfOAuth(t *testing.T) {
	m, err := saslparser.OAuth([]byte("n,a=joe=2Cuser=3D,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9d==\x01\x01"))
	require.NoError(t, err)
	o := m.(*sasl.OAuth)
	require.Equal(t, sasl.GS2Header{AuthzID: "joe,user="}, o.Header)
	for key, want := range map[string]sasl.Secret{sasl.KeyAuth: "Bearer vF9d==", sasl.KeyHost: "server.example.com", sasl.KeyPort: "143"} {
		got, ok := o.Value(key)
		require.True(t, ok, key)
		require.Equal(t, want, got, key)
	}
	_, ok := o.Value("mthd")
	require.False(t, ok)
	require.NotContains(t, fmt.Sprintf("%+v %#v", *o, *o), "vF9d")
}

// What is no message, in either direction, and that no error repeats a secret.
func TestMessagesOfSASLRefused(t *testing.T) {
	for _, msg := range []string{"", "\x00", "\x00a\x00", "\x00\x00b", "a\x00b", "a\x00b\x00c\x00", "\x00a\x00hunter2\xff", "a\x00b\x00c\x00hunter2"} {
		_, err := saslparser.Plain([]byte(msg))
		require.Error(t, err, "%q", msg)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for _, msg := range []string{
		"", "n,,", "n,,\x01", "n,a=,\x01\x01", "n,a==,\x01\x01", "p=,,\x01\x01", "x,,\x01\x01", "n,,\x01k=v\x01", "n,,\x01=v\x01\x01", "n,,\x01k=\x02\x01\x01", "\x01\x01",
	} {
		_, err := saslparser.OAuth([]byte(msg))
		require.Error(t, err, "%q", msg)
		var syntax *saslparser.Error
		require.True(t, errors.As(err, &syntax))
	}
	_, err := saslparser.External([]byte("a\x00"))
	require.Error(t, err)
	for _, trace := range []string{"@", "a@", "@b", "a@b@c", "\xff"} {
		_, err := saslparser.Anonymous([]byte(trace))
		require.Error(t, err, trace)
		_, err = (&sasl.Anonymous{Trace: trace}).Append(nil)
		require.Error(t, err, trace)
	}
	for _, m := range []*sasl.Plain{{}, {AuthcID: "a"}, {Password: "hunter2"}, {AuthcID: "a", Password: "hunter2\x00"}, {AuthcID: "a", Password: "hunter2\xff"}} {
		out, err := m.Append([]byte("x"))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
		require.Equal(t, "x", string(out))
	}
	for _, m := range []sasl.OAuthMessage{
		nil, &sasl.OAuth{Pairs: []sasl.KeyValue{{Key: "a1"}}}, &sasl.OAuth{Pairs: []sasl.KeyValue{{Key: "a", Value: "\x01"}}},
		&sasl.OAuth{Header: sasl.GS2Header{Binding: sasl.BindingUsed}}, &sasl.OAuth{Header: sasl.GS2Header{AuthzID: "\xff"}},
	} {
		_, err := sasl.AppendOAuth(nil, m)
		require.Error(t, err, "%#v", m)
	}
}

// anyMessageGoesRound parses a message of each mechanism; what parses has to go round. It
// gives the entries that have taken it.
func anyMessageGoesRound(t require.TestingT, msg []byte) map[string]bool {
	taken := map[string]bool{}
	if m, err := saslparser.Plain(msg); err == nil {
		taken["plain-message"] = true
		messageGoesRound(t, "plain-message", m, m.Append, saslparser.Plain)
	}
	if m, err := saslparser.Anonymous(msg); err == nil {
		taken["anonymous-message"] = true
		messageGoesRound(t, "anonymous-message", m, m.Append, saslparser.Anonymous)
	}
	if m, err := saslparser.External(msg); err == nil {
		taken["external-initial-resp"] = true
		messageGoesRound(t, "external-initial-resp", m, m.Append, saslparser.External)
	}
	if m, err := saslparser.OAuth(msg); err == nil {
		taken["client-resp"] = true
		oauthGoesRound(t, m)
	}
	return taken
}

// The examples of the RFCs go round.
func TestExamplesOfSASLGoRound(t *testing.T) {
	for _, rfc := range []string{"4422", "4505", "4616", "7628"} {
		for _, e := range exampleTable(t, "sasl/rfc"+rfc+".tsv", "") {
			require.Equal(t, e.valid, anyMessageGoesRound(t, []byte(e.text))[e.entry], "%q", e.text)
		}
	}
}

// FuzzSASL parses any message.
func FuzzSASL(f *testing.F) {
	for _, seed := range []string{"", "a\x00b\x00c", "\x01", "F,p=tls-unique,a=j=2C,\x01auth=Bearer x\x01\x01", "joe@example.org"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, msg []byte) { anyMessageGoesRound(t, msg) })
}
