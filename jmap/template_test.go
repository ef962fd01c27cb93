package jmap

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExpand(t *testing.T) {
	vars := map[string]string{"accountId": "a/b c", "name": "Größe & {x}.eml", "closeafter": "no"}
	for template, want := range map[string]string{
		"":                                 "",
		"/x/{accountId}/{name}":            "/x/a%2Fb%20c/Gr%C3%B6%C3%9Fe%20%26%20%7Bx%7D.eml",
		"/e?closeAfter={closeAfter}&p={p}": "/e?closeAfter=no&p=",
	} {
		got, err := expand(template, vars)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, template := range []string{"/{accountId", "/{+accountId}", "/{a,b}", "/{}", "/{a{b}}"} {
		_, err := expand(template, vars)
		require.Error(t, err, template)
	}
}
