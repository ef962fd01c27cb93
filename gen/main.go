// Command gen generates all code below generated/ from grammar/.
//
//	go run ./gen           write what has changed, remove what is no longer made
//	go run ./gen -check    print a diff of what is stale, and exit 1 if anything is
//	go run ./gen -report   print what the merge of the RFCs has done
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dragoman-mail/dragoman/gen/emit"
	"github.com/dragoman-mail/dragoman/gen/merge"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "print a diff of what is stale instead of writing")
	report := flags.Bool("report", false, "print what the merge has done instead of writing")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	root, err := moduleRoot()
	if err == nil {
		switch {
		case *report:
			err = printReport(root, stdout)
		case *check:
			err = checkTree(root, stdout)
		default:
			err = writeTree(root, stdout)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "gen:", err)
		return 1
	}
	return 0
}

// moduleRoot returns the folder of go.mod, upwards from the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod here or above")
		}
		dir = parent
	}
}

func printReport(root string, w io.Writer) error {
	for _, target := range emit.Targets {
		_, rep, err := merge.LoadFolder(os.DirFS(filepath.Join(root, "grammar")), target.Folder)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "== %s\n%s", target.Title, rep)
	}
	return nil
}
