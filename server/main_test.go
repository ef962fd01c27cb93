package server_test

import (
	"os"
	"testing"

	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
)

func TestMain(m *testing.M) { os.Exit(cyrustest.Main(m)) }
