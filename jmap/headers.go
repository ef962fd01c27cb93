package jmap

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// HeaderBlock is the header of an Email, put together from its fields as the server gives them in Raw form (RFC 8621 section
// 4.1.2.1). What is no field, such as a line without a colon, is not in it, and white space at the ends of lines may be missing.
type HeaderBlock struct {
	Email, Blob proto.ID
	Octets      []byte // with the blank line
	Size        int64  // of the whole message in octets
}

// HeaderBlocks gets the headers of many Emails in few requests, with Email/get (RFC 8621 section 4.2): for servers that do not have
// Blob/get, which gives the octets. Emails that the server does not have are left out, and so are those whose header may be another one
// in the message: where octets were replaced because they are no UTF-8, where nothing stands as it does in a message, or where there
// is no field at all.
//
// The errors are those of Do.
func (s *Session) HeaderBlocks(ctx context.Context, account proto.ID, emails []proto.ID) ([]HeaderBlock, error) {
	var blocks []HeaderBlock
	for most := min(MaxBlobs, s.Limits().MaxObjectsInGet); len(emails) > 0; {
		n := min(most, len(emails))
		answer, err := Call(ctx, s, &proto.EmailGet{
			AccountID: account, IDs: emails[:n], Properties: []string{"id", "blobId", "size", "headers"},
		})
		var refused *proto.MethodError
		switch {
		case refusesSize(err), errors.As(err, &refused) && refused.Type == proto.MethodErrorRequestTooLarge:
			if most = n / 2; most == 0 {
				return blocks, nil
			}
			continue
		case errors.As(err, &refused) && refused.Type != proto.MethodErrorServerUnavailable:
			return blocks, nil
		case refused != nil:
			return nil, &UnavailableError{Op: "calling Email/get", Detail: refused.Description, Err: refused}
		case err != nil:
			return nil, err
		}
		for _, email := range answer.List {
			if octets, ok := headerBlock(email.Headers); ok {
				blocks = append(blocks, HeaderBlock{Email: email.ID, Blob: email.BlobID, Octets: octets, Size: int64(min(email.Size, 1<<53))})
			}
		}
		emails = emails[n:]
	}
	return blocks, nil
}

// headerBlock is false where the fields may be others in the message.
func headerBlock(fields []proto.EmailHeader) ([]byte, bool) {
	var block bytes.Buffer
	spaced := false // as nearly all fields are behind their colon
	for _, f := range fields {
		if !isFieldName(f.Name) || !isRaw(f.Value) {
			return nil, false
		}
		spaced = spaced || strings.HasPrefix(f.Value, " ")
		block.WriteString(f.Name)
		block.WriteByte(':')
		block.WriteString(f.Value)
		block.WriteString("\r\n")
	}
	block.WriteString("\r\n")
	return block.Bytes(), spaced
}

// isFieldName holds for what RFC 5322 section 3.6.8 allows.
func isFieldName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' })
}

// isRaw is false where octets were replaced, and where a line does not go on a field.
func isRaw(value string) bool {
	if strings.ContainsRune(value, utf8.RuneError) || strings.ContainsRune(value, 0) {
		return false
	}
	lines := strings.Split(value, "\n")
	return !slices.ContainsFunc(lines[1:], func(line string) bool { return line == "" || line[0] != ' ' && line[0] != '\t' }) &&
		!slices.ContainsFunc(lines[:len(lines)-1], func(line string) bool { return !strings.HasSuffix(line, "\r") }) &&
		strings.Count(value, "\r") == len(lines)-1
}
