package transcript

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const knownList = `What is known.
-- reasons --
once: it is kept once
slow: it depends

-- x --
C: a NOOP
C: g UV
+J: upload
? once

C: e UV
-S: e OK done
+S: e NO
? once slow

C: i BYE
+S: i OK done
?? slow

`

func knownOf(t *testing.T, text string) *Known {
	t.Helper()
	k, err := ParseKnown("list", []byte(text))
	require.NoError(t, err)
	return k
}

var found = []Difference{
	{Command: "C: a NOOP", Lines: []string{"+J: upload"}},
	{Command: "C: e UV", Lines: []string{"-S: e OK done", "+S: e NO"}},
	{Command: "C: g UV", Lines: []string{"+J: upload"}},
}

func TestDifferencesAreThoseOfTheList(t *testing.T) {
	k := knownOf(t, knownList)
	require.NoError(t, k.Check("x", found))
	require.NoError(t, k.Finish([]string{"x", "y"}))
	require.NoError(t, k.Check("x", append(found, Difference{Command: "C: i BYE", Lines: []string{"+S: i OK done"}})))
	require.ErrorContains(t, k.Check("x", found[1:]), "did not happen:\nC: a NOOP\n+J: upload")
	require.ErrorContains(t, k.Check("y", found[:1]), "not in list:\nC: a NOOP\n+J: upload")
	other := Difference{Command: "C: a NOOP", Lines: []string{"-J: upload"}}
	require.Error(t, k.Check("x", append([]Difference{other}, found[1:]...)))
	require.ErrorContains(t, k.Finish([]string{"y"}), `no transcript "x"`)

	require.ErrorContains(t, knownOf(t, knownList).Finish([]string{"x"}), `"once" is not needed`)
	unexplained := knownOf(t, strings.Replace(knownList, "? once\n", "?\n", 1))
	require.ErrorContains(t, unexplained.Check("x", found), "no reason is given for\nC: a NOOP")
	unexplained = knownOf(t, strings.Replace(knownList, "? once slow", "? twice", 1))
	require.ErrorContains(t, unexplained.Check("x", found), `"twice" is not explained`)
}

func TestReplaceKeepsReasons(t *testing.T) {
	name := filepath.Join(t.TempDir(), "list")
	require.NoError(t, os.WriteFile(name, []byte(knownList), 0o600))
	k, err := ReadKnown(name)
	require.NoError(t, err)
	k.Replace("x", found)
	require.NoError(t, k.Write())
	written, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, knownList, string(written))

	k.Replace("y", []Difference{{Command: "C: z NOOP", Lines: []string{"+J: upload"}}})
	require.NoError(t, k.Check("y", []Difference{{Command: "C: z NOOP", Lines: []string{"+J: upload"}}}), "the same lines, the same reason")
	k.Replace("y", []Difference{{Command: "C: z NOOP", Lines: []string{"+S: other"}}})
	require.ErrorContains(t, k.Check("y", []Difference{{Command: "C: z NOOP", Lines: []string{"+S: other"}}}), "no reason")
	k.Replace("x", []Difference{{Command: "C: e UV", Lines: []string{"-S: e OK done", "+S: e NO", "+J: upload"}}})
	require.Equal(t, "once slow", k.all["x"][0].why, "other requests, the same reason")
	k.Replace("x", nil)
	require.Len(t, k.all["x"], 1, "what comes and goes stays")
}

func TestAListThatCannotBeRead(t *testing.T) {
	for _, text := range []string{
		"-- reasons --\nno colon\n", "-- x --\n+S: a\n", "-- x --\nC: a\n? why\n", "-- x --\nC: a\n+S: a\nC: b\n? why\n", "-- x --\nother\n",
	} {
		_, err := ParseKnown("list", []byte(text))
		require.ErrorContains(t, err, "list", "%q", text)
	}
}

func TestDifferencesGoOnToTheEnd(t *testing.T) {
	changed := strings.NewReplacer("S: a OK done", "S: a OK other", "J: upload\nJ: Email/import Email/changes\nC: c", "J: upload\nC: c",
		"S: h OK done", "S: h OK done\nS: * 1 EXISTS").Replace(session)
	f, err := Parse("x.txtar", []byte(changed))
	require.NoError(t, err)
	differences, err := f.Differences(t.Context(), &parrot{})
	require.NoError(t, err)
	require.Equal(t, []Difference{
		{Command: "C: a NOOP", Lines: []string{"-S: a OK other", "+S: a OK done"}},
		{Command: "C: b APPEND {@note}", Lines: []string{"+J: Email/import Email/changes"}},
		{Command: "C: g UV", Lines: []string{"-S: * 1 EXISTS"}},
	}, differences)
}
