package mime

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseAddresses(t *testing.T) {
	box := func(name, local, domain string) Address {
		return Address{Name: name, Display: name, Local: local, Domain: domain}
	}
	start := func(name string) Address { return Address{Kind: GroupStart, Name: name, Display: name} }
	end := Address{Kind: GroupEnd}
	cases := []struct {
		in   string
		want []Address
	}{
		{"", nil},
		{" , ,; ", nil},
		{"a@b.example", []Address{box("", "a", "b.example")}},
		{"John Q. Public <jq@x.example>, b@y", []Address{box("John Q. Public", "jq", "x.example"), box("", "b", "y")}},
		{`"Doe, Jane" <"j d"@x>`, []Address{box("Doe, Jane", "j d", "x")}},
		{"a@b (Al Bee)", []Address{{Local: "a", Domain: "b", Comment: "Al Bee"}}},
		{"<@r1.example,@r2.example:u@d.example>", []Address{{Route: "@r1.example,@r2.example", Local: "u", Domain: "d.example"}}},
		{"Friends: a@b, C <c@d>;, e@f", []Address{start("Friends"), box("", "a", "b"), box("C", "c", "d"), end, box("", "e", "f")}},
		{"undisclosed-recipients:;", []Address{start("undisclosed-recipients"), end}},
		{"Open: a@b", []Address{start("Open"), box("", "a", "b"), end}},
		{"local", []Address{box("", "local", "")}},
		{"x@y <x@y>", []Address{box("x@y", "x", "y")}},
		{"A <a@b, c@d", []Address{box("A", "a", "b"), box("", "c", "d")}},
		{"u @ d . example", []Address{box("", "u", "d.example")}},
		{"u@[192.0.2.1]", []Address{box("", "u", "[192.0.2.1]")}},
		{"u@[IPv6:2001:db8::1], z@q", []Address{box("", "u", "[IPv6:2001:db8::1]"), box("", "z", "q")}},
		{`"open <a@b>`, []Address{box("open", "a", "b")}},
		{"Fold\r\n ed <a@b>", []Address{box("Fold ed", "a", "b")}},
		{"a@b\r\n", []Address{box("", "a", "b")}},
	}
	for _, c := range cases {
		require.Equal(t, c.want, ParseAddresses([]byte(c.in)), c.in)
	}
}

func TestAddressNamesAreDecoded(t *testing.T) {
	a := ParseAddresses([]byte("=?utf-8?Q?J=C3=B8?= =?utf-8?q?rn?= B <j@x>, \"=?utf-8?q?no?=\" <k@x>, l@x (=?iso-8859-1?q?K=F6?=)"))
	require.Equal(t, "Jørn B", a[0].DisplayName())
	require.Equal(t, "=?utf-8?Q?J=C3=B8?= =?utf-8?q?rn?= B", a[0].Name)
	require.Equal(t, "=?utf-8?q?no?=", a[1].DisplayName())
	require.Equal(t, "Kö", a[2].DisplayName())
}

func TestEmailQuotesLocalPart(t *testing.T) {
	require.Equal(t, `"a b"@c`, ParseAddresses([]byte(`"a b"@c`))[0].Email())
	require.Equal(t, "a.b@c", ParseAddresses([]byte(`a.b@c`))[0].Email())
	require.Equal(t, "a", ParseAddresses([]byte(`a`))[0].Email())
}

// TestGroupsExample is the example of RFC 8621 section 4.1.2.4.
func TestGroupsExample(t *testing.T) {
	groups := ParseGroups([]byte("\"  James Smythe\" <james@example.com>, Friends:\r\n" +
		"  jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\r\n  <john@example.com>;"))
	require.Len(t, groups, 2)
	require.False(t, groups[0].Named)
	require.Equal(t, "James Smythe", groups[0].Addresses[0].DisplayName())
	require.Equal(t, "  James Smythe", groups[0].Addresses[0].Name)
	require.Equal(t, "Friends", groups[1].Name)
	require.Equal(t, "", groups[1].Addresses[0].DisplayName())
	require.Equal(t, "John Smîth", groups[1].Addresses[1].DisplayName())
	require.Equal(t, "john@example.com", groups[1].Addresses[1].Email())
}

func TestParseDate(t *testing.T) {
	cases := map[string]string{
		"Mon, 23 Nov 2026 04:46:01 +0100":          "2026-11-23T04:46:01+01:00",
		" 23 Nov 26 04:46 EST":                     "2026-11-23T04:46:00-05:00",
		"23 Nov 1999 (a comment) 4:46:01 GMT (UT)": "1999-11-23T04:46:01Z",
		"Fri, 21 Nov 97 09:55:06 -0600":            "1997-11-21T09:55:06-06:00",
		"23-Nov-2026 04:46:01 -0330":               "2026-11-23T04:46:01-03:30",
		"Mon Nov 23 04:46:01 2026":                 "2026-11-23T04:46:01Z",
		"Mon Nov 23 04:46:01 CET 2026":             "2026-11-23T04:46:01+01:00",
		"23 November 2026":                         "2026-11-23T00:00:00Z",
		"23 Nov 2026 25:99:01 XYZ":                 "2026-11-23T00:00:00Z",
		"23 Nov 2026 23:59:60 +00:30":              "2026-11-23T23:59:59+00:30",
		"1 Jan 101 00:00:00 +0000":                 "2001-01-01T00:00:00Z",
	}
	for in, want := range cases {
		got, err := ParseDate([]byte(in))
		require.NoError(t, err, in)
		require.Equal(t, want, got.Format("2006-01-02T15:04:05Z07:00"), in)
	}
	for _, bad := range []string{"", "yesterday", "31 Feb 2026 00:00:00 +0000", "Nov", "40 Nov 2026"} {
		_, err := ParseDate([]byte(bad))
		require.ErrorIs(t, err, ErrDate, bad)
	}
}

func TestParseMessageIDs(t *testing.T) {
	require.Equal(t, []string{"a@b", "c@d"}, ParseMessageIDs([]byte(" <a@b>(x <no@no>)\r\n\t<c@d>")))
	require.Equal(t, []string{"ab@c"}, ParseMessageIDs([]byte("Your message of \"Mon <x@y>\" <ab\r\n @c>")))
	require.Nil(t, ParseMessageIDs([]byte("plain")))
	require.Equal(t, []string{"b@c"}, ParseMessageIDs([]byte("<a <b@c>")))
	require.Equal(t, []string{"mailto:x@y", "https://z/"}, ParseURLs([]byte("<mailto:x@y> (or), <https://z/>")))
}

func TestParams(t *testing.T) {
	cases := []struct{ in, name, want string }{
		{`a/b; name="x y"`, "name", "x y"},
		{`a/b; name=x y.pdf`, "name", "x y.pdf"},
		{`a/b; charset=iso-8859-1 format=flowed; name=x`, "charset", "iso-8859-1"},
		{`a/b; name*=utf-8''na%C3%AFve.txt`, "name", "naïve.txt"},
		{`a/b; name*0*=iso-8859-1'de'%FCber; name*1=" all"; name*2*=%E9`, "name", "über allé"},
		{`a/b; name*1=b; name*0=a`, "name", "ab"},
		{`a/b; name*0=a; name*2=c`, "name", "a"},
		{`a/b; NAME = "q\"uote" (comment)`, "name", `q"uote`},
		{`a/b;; ; name=x`, "name", "x"},
		{`a/b; name="unclosed; charset=x`, "charset", "x"},
	}
	for _, c := range cases {
		_, params := parseParameterised([]byte(c.in), true)
		got, ok := params.Get(c.name)
		require.True(t, ok, c.in)
		require.Equal(t, c.want, got, c.in)
	}
}

func TestBaseSubject(t *testing.T) {
	cases := []struct {
		in, base string
		reply    bool
	}{
		{"hello", "hello", false},
		{"Re: hello", "hello", true},
		{"RE[2] : [list] Fwd: hello (fwd)", "hello", true},
		{"[list] hello", "hello", false},
		{"[list]", "[list]", false},
		{"[list] re: hello", "hello", true},
		{"[fwd: Re: hello]", "hello", true},
		{"Re:", "", true},
		{"", "", false},
		{"  a \t b  ", "a b", false},
		{"Regards", "Regards", false},
		{"[a][b] c", "c", false},
	}
	for _, c := range cases {
		base, reply := BaseSubject(c.in)
		require.Equal(t, c.base, base, c.in)
		require.Equal(t, c.reply, reply, c.in)
	}
}

func TestText(t *testing.T) {
	cases := map[string]string{
		" plain":                                 "plain",
		" =?utf-8?b?4pyT?= done":                 "✓ done",
		"=?utf-8?q?a?= =?utf-8?q?b?=":            "ab",
		"=?utf-8?q?=E2=9C?=\r\n =?UTF-8?q?=93?=": "✓",
		"=?utf-8?q?a?= x =?utf-8?q?b?=":          "a x b",
		"x=?utf-8?q?a?=":                         "x=?utf-8?q?a?=",
		"=?no-such?q?a?=":                        "=?no-such?q?a?=",
		"=?utf-8*en?q?a_b?=":                     "a b",
		"=?koi8-r?B?8NLJ18XU?=":                  "Привет",
		"=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=":     "日本語",
		"=?gb18030?B?xOO6ww==?=":                 "你好",
		"=?windows-1252?q?=80=20=93x=94?=":       "€ “x”",
		"=?utf-8?q?a=00=0Ab?=":                   "ab",
		"caf\xe9":                                "caf\uFFFD",
		"e\u0301":                                "é",
		"=?utf-7?q?+AOk-?=":                      "é",
		"=?ansi_x3.4-1968?q?hi?=":                "hi",
		"fold\r\n\ted":                           "fold\ted",
	}
	for in, want := range cases {
		require.Equal(t, want, Text([]byte(in)), in)
	}
}
