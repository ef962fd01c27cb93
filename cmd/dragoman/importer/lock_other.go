//go:build !unix

package importer

import "os"

// lock does nothing where there is no flock: two imports at once are up to the user there.
func lock(*os.File) error { return nil }
