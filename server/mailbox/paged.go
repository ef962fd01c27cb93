package mailbox

import (
	"context"
	"sync"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// paged asks about ids page by page and takes the answers in their order. While one page is taken the next is asked for. It returns the
// first error, when nothing is under way any more.
func paged[T any](
	ctx context.Context, ids []jmap.ID, size func() int,
	ask func(ctx context.Context, ids []jmap.ID) (T, error), take func(asked []jmap.ID, answer T) error,
) error {
	type page struct {
		asked  []jmap.ID
		answer T
		err    error
	}
	pages := make(chan page)
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asking.Go(func() {
		defer close(pages)
		for len(ids) > 0 && ctx.Err() == nil {
			p := page{asked: ids[:min(len(ids), size())]}
			p.answer, p.err = ask(ctx, p.asked)
			select {
			case pages <- p:
			case <-ctx.Done():
			}
			if p.err != nil {
				return
			}
			ids = ids[len(p.asked):]
		}
	})
	for p := range pages {
		if p.err != nil {
			return p.err
		}
		if err := take(p.asked, p.answer); err != nil {
			return err
		}
	}
	return ctx.Err()
}
