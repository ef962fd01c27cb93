package mime

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestJoined(t *testing.T) {
	for in, want := range map[string]Params{
		`a/b; name=x; charset*=us-ascii''utf-8`:                      {{"name", "x"}, {"charset*", "us-ascii''utf-8"}},
		`a/b; x=1; name*1="b c"; name*0="a"; y=2`:                    {{"x", "1"}, {"name", "ab c"}, {"y", "2"}},
		`a/b; name=old; name*0=ne; name*1=w`:                         {{"name", "new"}},
		`a/b; name*0*=utf-8'de'%C3%84; name*1="b c.png"; name=plain`: {{"name*", "utf-8'de'%C3%84b%20c.png"}, {"name", "plain"}},
		`a/b; name*0="it's "; name*1*=%C3%B6`:                        {{"name*", "''it%27s%20%C3%B6"}},
		`a/b; name*0=a; name*2=c`:                                    {{"name", "a"}, {"name*2", "c"}},
		`a/b; name*1=b`:                                              {{"name*1", "b"}},
		`a/b; name=x; name*1=b`:                                      {{"name", "x"}, {"name*1", "b"}},
		`a/b; name*=utf-8''whole; name*0=a`:                          {{"name*", "utf-8''whole"}, {"name*0", "a"}},
		`a/b; name*x=1; *0=y`:                                        {{"name*x", "1"}, {"", "y"}},
	} {
		_, params := parseParameterised([]byte(in), true)
		got := params.Joined()
		require.Equal(t, want, got, in)
		value, ok := params.Get("name")
		again, okAgain := got.Get("name")
		require.Equal(t, ok, okAgain, in)
		require.Equal(t, value, again, in)
	}
}

func TestJoiningManyPiecesIsLinear(t *testing.T) {
	var ps Params
	for i := range MaxParams {
		ps = append(ps, Param{fmt.Sprintf("x*%d", MaxParams-1-i), "y"})
	}
	within(t, 30*time.Second, func() {
		for range 1000 {
			ps.Joined()
		}
	})
}
