package wire

import (
	"bytes"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// SplitResponse cuts the first whole response off what a server sent: the line, its literals stripped, and the literals. size is how many
// octets it took, 0 when the response is not whole yet.
func SplitResponse(data []byte) (line []byte, lits []imap.Literal, size int) {
	for {
		end := bytes.Index(data[size:], []byte("\r\n"))
		if end < 0 {
			return nil, nil, 0
		}
		piece := data[size : size+end+2]
		line = append(line, piece...)
		size += len(piece)
		lit, _, ok := marker(piece)
		if !ok {
			return line, lits, size
		}
		if lit.Size > int64(len(data)-size) {
			return nil, nil, 0
		}
		lit.Data = data[size : size+int(lit.Size)]
		lits = append(lits, lit)
		size += int(lit.Size)
	}
}
