module github.com/dragoman-mail/dragoman

go 1.26.0

// The archived original dies under go test -race (checkptr: converted pointer
// straddles multiple allocations). bbolt is its maintained continuation with the
// same API; 1.4 and later cannot be imported under another path.
replace github.com/boltdb/bolt => go.etcd.io/bbolt v1.3.12

require (
	github.com/BurntSushi/toml v1.6.0 // indirect
	github.com/boltdb/bolt v1.3.1 // indirect
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/emersion/go-sasl v0.0.0-20241020182733-b788ff22d5a6 // indirect
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/mna/pigeon v1.3.0 // indirect
	github.com/prometheus/client_golang v1.25.0 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/schollz/progressbar/v3 v3.19.1 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/term v0.47.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

tool github.com/mna/pigeon
