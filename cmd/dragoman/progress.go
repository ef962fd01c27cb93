package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar on a terminal, and nothing elsewhere.
type progress struct {
	w   io.Writer
	bar *progressbar.ProgressBar // nil: no terminal
}

func newProgress(w io.Writer, total int64) *progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &progress{w: w}
	}
	return &progress{w: w, bar: progressbar.NewOptions64(max(total, 1),
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("importing"), progressbar.OptionShowBytes(true),
		progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100_000_000),
	)}
}

func (p *progress) add(octets int64) {
	if p.bar != nil {
		_ = p.bar.Add64(octets)
	}
}

// notice says what the user should know while it goes on.
func (p *progress) notice(text string) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, "dragoman import:", text)
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
