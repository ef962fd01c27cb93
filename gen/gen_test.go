package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/docs"
	"github.com/dragoman-mail/dragoman/gen/merge"
)

// maxDiffShown keeps the message of a stale tree readable.
const maxDiffShown = 4000

func TestGeneratedFilesAreFresh(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	var out bytes.Buffer
	err = checkTree(root, &out)
	require.NoError(t, err, out.String()[:min(out.Len(), maxDiffShown)])
}

func TestGenerateDependsOnTheGrammarOnly(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	grammar, transcripts := os.DirFS(filepath.Join(root, "grammar")), os.DirFS(filepath.Join(root, docs.TranscriptFolder))
	t.Chdir(t.TempDir())
	made, err := Generate(grammar, transcripts)
	require.NoError(t, err)
	for path, text := range made { // what another run has made, see TestGeneratedFilesAreFresh
		committed, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		require.True(t, bytes.Equal(text, committed), path)
	}
}

// A grammar of which nothing is made is an error.
func TestEveryFolderHasATarget(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	index, err := os.ReadFile(filepath.Join(root, "grammar", merge.IndexFile))
	require.NoError(t, err)
	fsys := fstest.MapFS{merge.IndexFile: {Data: index}}
	require.NoError(t, checkFolders(fsys))
	fsys["other/"+merge.OverlayFile] = &fstest.MapFile{}
	require.EqualError(t, checkFolders(fsys), "grammar/other: no target of gen/emit is made of it")
}

func TestWriteAndCompare(t *testing.T) {
	root := t.TempDir()
	dir := generatedRoots[0]
	want := map[string][]byte{dir + "/a.go": []byte("one\ntwo\n"), dir + "/b.go": []byte("b\n")}
	var out bytes.Buffer
	require.ErrorIs(t, compareFiles(root, want, &out), errStale)
	require.Contains(t, out.String(), "--- /dev/null\n+++ b/"+dir+"/a.go\n@@ -0,0 +1,2 @@\n+one\n+two\n")

	require.NoError(t, writeFiles(root, want, io.Discard))
	out.Reset()
	require.NoError(t, compareFiles(root, want, &out))
	require.Empty(t, out.String())

	orphan := filepath.Join(root, dir, "c.go")
	require.NoError(t, os.WriteFile(orphan, []byte("c\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(root, dir, "a.go"), []byte("one\n2\n"), 0o600))
	require.ErrorIs(t, compareFiles(root, want, &out), errStale)
	require.Contains(t, out.String(), "@@ -1,2 +1,2 @@\n one\n-2\n+two\n")
	require.Contains(t, out.String(), "+++ /dev/null\n@@ -1,1 +0,0 @@\n-c\n")

	out.Reset()
	require.NoError(t, writeFiles(root, want, &out))
	require.Equal(t, "remove "+dir+"/c.go\nwrite "+dir+"/a.go\n", out.String())
	require.NoFileExists(t, orphan)
}

func TestDiffShowsContextAround(t *testing.T) {
	have := "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	want := strings.Replace(have, "5\n", "five\n", 1)
	require.Equal(t, "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
		diff("x", []byte(have), []byte(want)))
	require.Empty(t, diff("x", []byte(have), []byte(have)))
}

func TestRunReports(t *testing.T) {
	var out, errOut bytes.Buffer
	require.Zero(t, run([]string{"-report"}, &out, &errOut))
	require.Contains(t, out.String(), "rfc9051.abnf")
	require.Contains(t, out.String(), "flag-fetch: obsolete_flag_recent")
	require.Equal(t, 2, run([]string{"-nonsense"}, &out, &errOut))
}
