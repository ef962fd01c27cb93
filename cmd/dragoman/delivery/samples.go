package delivery

import "github.com/dragoman-mail/dragoman/testdata/mail"

// Samples is the sample mail that newcomers find.
func Samples() ([]Message, error) {
	samples, err := mail.Samples()
	if err != nil {
		return nil, err
	}
	messages := make([]Message, len(samples))
	for i, s := range samples {
		messages[i] = Message{Mailbox: s.Mailbox, Flags: s.Flags, Received: s.Date, Octets: s.Octets}
	}
	return messages, nil
}
