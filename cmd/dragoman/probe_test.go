package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/probe"
)

func TestProbe(t *testing.T) {
	t.Setenv("DRAGOMAN_PASSWORD", "secret")
	url, session := mailServer(t)
	status, out, errs := try("probe", "--jmap-url", url, "--user", "ann")
	require.Equal(t, exitOK, status, out)
	require.Empty(t, errs)
	require.Regexp(t, `(?m)^ok +Email/import +Email `, out)
	require.Contains(t, out, " 0 broken, 0 skipped: the gateway works there\n")
	require.NotContains(t, out, "secret")
	require.Zero(t, count(t, session))

	status, out, errs = try("probe", "--json", "--jmap-url", url, "--user", "ann:secret")
	require.Equal(t, exitOK, status, out)
	require.Empty(t, errs)
	require.NotContains(t, out, "secret")
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	var report probe.Report
	require.NoError(t, decoder.Decode(&report))
	require.Equal(t, probe.Optional, report.Severity)
	require.Greater(t, len(report.Checks), 30)
}

func TestProbeExitStatus(t *testing.T) {
	down := httptest.NewServer(http.NotFoundHandler())
	defer down.Close()
	status, out, errs := try("probe", "--jmap-url", down.URL, "--user", "ann:hidden-word")
	require.Equal(t, 2, status)
	require.Empty(t, errs)
	require.Regexp(t, `(?m)^broken +session +.*HTTP 404.* => fatal: no user can log in$`, out)
	require.Contains(t, out, "the gateway cannot work there\n")
	require.NotContains(t, out, "hidden-word")
}
