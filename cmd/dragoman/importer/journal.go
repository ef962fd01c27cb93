package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// Journal is the durable memory of an import: a file of JSON lines, only ever appended to. One run at a time can have
// it open.
type Journal struct {
	file     *os.File
	identity string
	done     map[string]proto.ID // by message key; the Email, empty when it is not known
	emails   map[proto.ID]bool   // every Email that is in done
	open     *intent             // a batch without an outcome
	batches  int
}

// record is one line; exactly one field is set.
type record struct {
	Import string   `json:"import,omitempty"` // what the journal is about, first line
	Begin  *intent  `json:"begin,omitempty"`
	End    *outcome `json:"end,omitempty"`
}

// intent is a batch that is about to be sent.
type intent struct {
	Batch int          `json:"batch"`
	State string       `json:"state"` // of the account's Emails, from before the batch
	Items []*journaled `json:"items"`
}

// journaled is a message as the journal has it.
type journaled struct {
	Key     string   `json:"key"`
	SHA256  string   `json:"sha256"`
	Size    int64    `json:"size"`
	Mailbox proto.ID `json:"mailbox"`
	Blob    proto.ID `json:"blob"`
}

// outcome says which messages of a batch are on the server now. The others are not.
type outcome struct {
	Batch int                 `json:"batch"`
	Done  map[string]proto.ID `json:"done"`
}

// journalStart is how every journal begins: no other file is written to.
var journalStart = []byte(`{"import":`)

// ErrJournalInUse says that another run has the journal open.
var ErrJournalInUse = errors.New("another import is using it")

// OpenJournal opens or makes a journal. identity says what is imported to where; a journal with another identity is
// refused. restart forgets what the journal has.
func OpenJournal(path, identity string, restart bool) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: file, identity: identity, done: map[string]proto.ID{}, emails: map[proto.ID]bool{}}
	if err := j.load(restart); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return j, nil
}

// Close closes the file and lets others have it.
func (j *Journal) Close() error { return j.file.Close() }

func (j *Journal) load(restart bool) error {
	if err := lock(j.file); err != nil {
		return ErrJournalInUse
	}
	text, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	if start := text[:min(len(text), len(journalStart))]; !bytes.HasPrefix(journalStart, start) {
		return errors.New("the file is no journal")
	}
	if restart {
		text = nil
	}
	// A line without its end was being written when the run died: nobody relied on it.
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	for number, line := range bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n")) {
		if len(whole) == 0 {
			break
		}
		if err := j.replay(number, line); err != nil {
			return fmt.Errorf("line %d: %w", number+1, err)
		}
	}
	if err := j.file.Truncate(int64(len(whole))); err != nil {
		return err
	}
	if _, err := j.file.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	if len(whole) == 0 {
		return j.write(record{Import: j.identity})
	}
	return nil
}

// forget begins the journal anew.
func (j *Journal) forget() error {
	if err := j.file.Truncate(0); err != nil {
		return err
	}
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	clear(j.done)
	clear(j.emails)
	j.open, j.batches = nil, 0
	return j.write(record{Import: j.identity})
}

func (j *Journal) replay(number int, line []byte) error {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	switch {
	case number == 0 && r.Import != j.identity:
		return fmt.Errorf("it belongs to another import: %s", r.Import)
	case r.Begin != nil:
		j.open, j.batches = r.Begin, r.Begin.Batch
	case r.End != nil:
		j.apply(r.End)
	}
	return nil
}

func (j *Journal) apply(o *outcome) {
	j.open = nil
	for key, email := range o.Done {
		j.done[key] = email
		if email != "" {
			j.emails[email] = true
		}
	}
}

// begin notes durably that a batch is about to be sent.
func (j *Journal) begin(state string, items []*item) error {
	j.batches++
	next := &intent{Batch: j.batches, State: state}
	for _, it := range items {
		next.Items = append(next.Items, &it.journaled)
	}
	j.open = next
	return j.write(record{Begin: next})
}

// end notes durably what became of the open batch.
func (j *Journal) end(done map[string]proto.ID) error {
	o := &outcome{Batch: j.batches, Done: done}
	j.apply(o)
	return j.write(record{End: o})
}

func (j *Journal) write(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}
