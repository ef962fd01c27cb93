package jmap

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeaderProperty(t *testing.T) {
	for name, want := range map[string]HeaderProperty{
		"header:subject":                   {Name: "subject"},
		"header:Resent-To:asAddresses:all": {Name: "Resent-To", Form: HeaderAddresses, All: true},
		"header:X:all":                     {Name: "X", All: true},
		"header:Message-ID:asMessageIds":   {Name: "Message-ID", Form: HeaderMessageIDs},
		"header:List-Post:asURLs":          {Name: "List-Post", Form: HeaderURLs},
		"header:To:asGroupedAddresses":     {Name: "To", Form: HeaderGroupedAddresses},
		"header:all:asRaw":                 {Name: "all", Form: "Raw"},
		"header:Resent-Date:asDate":        {Name: "Resent-Date", Form: HeaderDate},
		"header:Comments:asText:all":       {Name: "Comments", Form: HeaderText, All: true},
		"header:asText":                    {Name: "asText"},
	} {
		have, err := ParseHeaderProperty(name)
		require.NoError(t, err, name)
		require.Equal(t, want, have)
		require.Equal(t, name, have.String())
	}
	for _, name := range []string{"subject", "header", "header:", "header::all", "header:X:all:asText", "header:X:asNothing", "header:X:ALL", "header:X:asText:all:all", "header:é", "header:a b"} {
		_, err := ParseHeaderProperty(name)
		require.Error(t, err, name)
	}
}

func TestHeaderFields(t *testing.T) {
	var h HeaderFields
	require.NoError(t, h.Set("header:X:asText", "v"))
	require.NoError(t, h.Set("header:Y:asDate", nil))
	var s string
	ok, err := h.Get("header:X:asText", &s)
	require.True(t, ok)
	require.NoError(t, err)
	require.Equal(t, "v", s)
	d := new(Date)
	ok, err = h.Get("header:Y:asDate", &d)
	require.True(t, ok)
	require.NoError(t, err)
	require.Nil(t, d)
	ok, err = h.Get("header:Z", &s)
	require.False(t, ok)
	require.NoError(t, err)
	_, err = h.Get("header:X:asText", new(int))
	require.Error(t, err)
}
