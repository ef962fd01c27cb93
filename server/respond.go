package server

import "github.com/dragoman-mail/dragoman/generated/imap"

// flushSize is how many octets of whole responses may wait for the end of the command.
const flushSize = 32 << 10

// send writes one response. The octets leave when enough have gathered, at the end of the command or when the
// server waits for the client. An error means that the client is gone: handlers return it as it is.
func (s *session) send(r imap.Response) error {
	if err := s.encoder.Encode(r); err != nil {
		return err
	}
	if s.encoder.Buffered() >= flushSize {
		return s.encoder.Flush()
	}
	return nil
}

// untagged writes an untagged status response.
func (s *session) untagged(status imap.CondStatus, code imap.RespCode, text string) error {
	return s.send(&imap.Cond{Status: status, Code: code, Text: text})
}

// continueWith asks the client to go on, and sends all that was written before it.
func (s *session) continueWith(c imap.Continue) error {
	if err := s.send(&c); err != nil {
		return err
	}
	return s.encoder.Flush()
}
