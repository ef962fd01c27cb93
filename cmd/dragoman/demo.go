package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/delivery"
	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
)

// The account of somebody who only wants to see what this is.
const demo = "demo"

// demoMarker is a file that says that the sample mail was delivered: it must not come back after somebody has deleted it.
const demoMarker = "demo-mail-delivered"

// fillDemo puts sample mail into the account demo, once. An account of that name with another password
// belongs to somebody and is left alone.
func (b *backend) fillDemo(ctx context.Context, data string) error {
	session, err := b.client.Login(ctx, jmap.Credentials{User: demo, Password: demo})
	if errors.Is(err, jmap.ErrUnauthorized) {
		return nil
	}
	if err != nil {
		return err
	}
	b.demo = true
	marker := filepath.Join(data, demoMarker)
	if _, err := os.Stat(marker); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := deliverSamples(ctx, session); err != nil {
		return fmt.Errorf("delivering the sample mail: %w", err)
	}
	return os.WriteFile(marker, nil, 0o600)
}

// deliverSamples does nothing when the account has mail: a process that died before it wrote the marker has delivered all of it, or none.
func deliverSamples(ctx context.Context, session *jmap.Session) error {
	account, ok := session.MailAccount()
	if !ok {
		return errors.New("the user has no mail account")
	}
	one := uint64(1)
	found, err := jmap.Call(ctx, session, &proto.EmailQuery{AccountID: account, Limit: &one})
	if err != nil || len(found.IDs) > 0 {
		return err
	}
	samples, err := delivery.Samples()
	if err != nil {
		return err
	}
	return delivery.Deliver(ctx, session, samples)
}
