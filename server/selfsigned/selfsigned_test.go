package selfsigned

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKeptUntilItExpires(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first, err := Load(dir, now)
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(dir, File))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	again, err := Load(dir, now.Add(24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, first.Certificate, again.Certificate)

	renewed, err := Load(dir, now.Add(lifetime-renewal/2))
	require.NoError(t, err)
	require.NotEqual(t, first.Certificate, renewed.Certificate)
}

func TestServesTLS(t *testing.T) {
	certificate, err := Load(t.TempDir(), time.Now())
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	client, server := net.Pipe()
	defer client.Close()
	go tls.Server(server, &tls.Config{Certificates: []tls.Certificate{certificate}}).Handshake()
	require.NoError(t, tls.Client(client, &tls.Config{RootCAs: roots, ServerName: "localhost"}).Handshake())
}

func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, File), []byte("nonsense"), 0o600))
	_, err := Load(dir, time.Now())
	require.ErrorContains(t, err, "delete it")
	_, err = Load(filepath.Join(dir, "missing"), time.Now())
	require.Error(t, err)
}
