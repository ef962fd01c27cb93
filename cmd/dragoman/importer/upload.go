package importer

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// upload sends the octets of the messages that have no blob yet, a few at a time.
func (r *run) upload(batch []*item) error {
	group, ctx := errgroup.WithContext(r.ctx)
	group.SetLimit(min(mostUploads, r.Session.Limits().MaxConcurrentUpload))
	for _, it := range batch {
		if it.Blob == "" {
			group.Go(func() error { return r.uploadOne(ctx, it) })
		}
	}
	return group.Wait()
}

// uploadOne returns an error only when the whole import has to end.
func (r *run) uploadOne(ctx context.Context, it *item) error {
	it.uploads++
	for {
		err := r.tryUpload(ctx, it)
		var limit *jmapclient.LimitError
		switch {
		case err == nil:
			r.backoff.success()
			return nil
		case errors.As(err, &limit) && limit.Limit == "maxSizeUpload":
			it.rejected = "larger than the server accepts"
			return nil
		case transient(err):
			if err := r.wait(ctx, err); err != nil {
				return err
			}
		case errors.Is(err, errFile):
			it.rejected = err.Error()
			return nil
		default:
			return err
		}
	}
}

// errFile marks failures that are those of one file.
var errFile = errors.New("reading the file")

func (r *run) tryUpload(ctx context.Context, it *item) error {
	content, err := it.message.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", errFile, err)
	}
	defer content.Close()
	source := &watched{from: content}
	uploaded, err := r.Session.Upload(ctx, r.account, "message/rfc822", source, it.Size)
	switch {
	case source.err != nil:
		return fmt.Errorf("%w: %w", errFile, source.err)
	case source.read > it.Size, source.ended && source.read < it.Size:
		return fmt.Errorf("%w: it changed during the import", errFile)
	case err != nil:
		return err
	}
	it.Blob = uploaded.BlobID
	return nil
}
