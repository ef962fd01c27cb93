package jmap

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDates(t *testing.T) {
	var d Date
	require.NoError(t, json.Unmarshal([]byte(`"2014-10-30T14:12:00+08:00"`), &d))
	require.Equal(t, "2014-10-30T14:12:00+08:00", d.String())
	var u UTCDate
	require.NoError(t, json.Unmarshal([]byte(`"2014-10-30T06:12:00.789Z"`), &u))
	require.True(t, u.Truncate(time.Second).Equal(d.Time))
	text, err := json.Marshal(u)
	require.NoError(t, err)
	require.Equal(t, `"2014-10-30T06:12:00Z"`, string(text))

	for _, wrong := range []string{`"2014-10-30T14:12:00+08:00"`, `"2014-10-30"`, `""`, `null`, `5`, `"2014-13-30T06:12:00Z"`} {
		require.Error(t, json.Unmarshal([]byte(wrong), &u), wrong)
	}
}

// Years beyond four digits do not exist in the syntax of RFC 3339.
func TestDatesStayInRange(t *testing.T) {
	require.Equal(t, "9999-12-31T23:59:59Z", NewUTCDate(time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)).String())
	require.Equal(t, "0000-01-01T00:00:00Z", NewUTCDate(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)).String())
	text, err := json.Marshal(UTCDate{})
	require.NoError(t, err)
	require.Equal(t, "null", string(text))
}
