package mailbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// StoreFlags changes flags (RFC 9051 section 6.4.6). Nothing is sent where nothing changes, or only \Deleted.
func (a *Account) StoreFlags(ctx context.Context, view *View, request StoreRequest) (*StoreResult, error) {
	if view.readOnly {
		return nil, ErrReadOnly
	}
	flags, err := parseFlags(request.Flags)
	if err == nil && request.Op != StoreRemove {
		err = a.replica.learn(request.Flags)
	}
	if err != nil {
		return nil, err
	}
	p := a.planStore(view, request, flags)
	if p.needless() && !a.replica.inStep() { // that nothing is to be done may be an old truth
		if err := a.Sync(ctx); err != nil {
			return nil, err
		}
		p = a.planStore(view, request, flags)
	}
	if len(p.order) > 0 {
		err = a.setEmails(ctx, p.patches, p.order, setOptions{result: p.took, after: p.mark})
	}
	if err == nil {
		err = p.markRest(a.replica)
	}
	if err != nil {
		return nil, err
	}
	return p.finish(), nil
}

// storePlan is a STORE in progress.
type storePlan struct {
	view    *View
	op      StoreOp
	flags   flagChange
	silent  bool
	targets []target
	patches map[string]*jmap.EmailPatch // by Email id
	order   []string
	refused map[string]error // Emails that the server did not change
	taken   map[string]bool  // Emails that it did
	result  StoreResult
}

// flagChange is the flags of a STORE.
type flagChange struct {
	keywords []string // lower case, sorted
	deleted  bool
}

// parseFlags reads the flags of a command.
func parseFlags(flags []string) (flagChange, error) {
	var f flagChange
	for _, flag := range flags {
		folded, err := parseFlag(flag)
		if err != nil {
			return f, err
		}
		switch folded {
		case deletedKeyword:
			f.deleted = true
		case recentKeyword:
		default:
			f.keywords = append(f.keywords, folded)
		}
	}
	slices.Sort(f.keywords)
	f.keywords = slices.Compact(f.keywords)
	return f, nil
}

// learn remembers how a client writes flags that it is about to set.
func (r *replica) learn(flags []string) error {
	for _, flag := range flags {
		if strings.HasPrefix(flag, `\`) {
			continue
		}
		chosen, ok := r.words.learn(foldFlag(flag), flag)
		if !ok {
			r.pruneKeywords()
			chosen, ok = r.words.learn(foldFlag(flag), flag)
		}
		if !ok {
			return fmt.Errorf("%w: %d keywords are in use", ErrLimit, maxKeywords)
		}
		if chosen {
			r.respell()
		}
	}
	return nil
}

// pruneKeywords forgets the keywords that no Email has.
func (r *replica) pruneKeywords() {
	r.write.Lock()
	defer r.write.Unlock()
	used := map[*keywordSet]bool{}
	for _, e := range r.emails {
		used[e.keywords] = true
	}
	r.words.prune(used)
	r.respell()
}

// respell has the spellings stored with the next commit.
func (r *replica) respell() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.respelled = true
}

func (a *Account) planStore(v *View, q StoreRequest, flags flagChange) *storePlan {
	p := &storePlan{
		view: v, op: q.Op, flags: flags, silent: q.Silent, patches: map[string]*jmap.EmailPatch{}, refused: map[string]error{},
		taken: map[string]bool{},
	}
	current := v.box.state.Load().table
	for _, t := range a.targets(v, q.Seqs) {
		r := current.get(t.uid)
		switch {
		case t.email == nil || r == nil:
			p.result.Failed = append(p.result.Failed, Failure{Seq: t.seq, UID: t.uid, Err: ErrExpunged})
			continue
		case q.HasUnchangedSince && r.modseq > q.UnchangedSince:
			p.result.Modified = append(p.result.Modified, t.seq)
			continue
		}
		p.targets = append(p.targets, t)
		if patch := p.patch(t.email.keywords); len(patch.Patch) > 0 {
			p.patches[t.email.id()] = patch
			p.order = append(p.order, t.email.id())
		}
	}
	return p
}

// needless reports whether all keywords are as they shall be.
func (p *storePlan) needless() bool {
	return len(p.order) == 0 && len(p.targets) > 0 && (p.op == StoreReplace || len(p.flags.keywords) > 0)
}

// patch returns what has to change of an Email's keywords.
func (p *storePlan) patch(now *keywordSet) *jmap.EmailPatch {
	patch := jmap.NewEmailPatch()
	if p.op != StoreRemove {
		for _, keyword := range p.flags.keywords {
			if !now.has(keyword) {
				patch.SetKeyword(keyword, true)
			}
		}
	}
	for _, raw := range now.raw {
		if p.removes(foldFlag(raw)) {
			patch.SetKeyword(raw, false) // as the server writes it
		}
	}
	return patch
}

// removes reports whether the STORE takes a keyword away.
func (p *storePlan) removes(folded string) bool {
	if folded == recentKeyword {
		return false
	}
	if folded == deletedKeyword {
		return p.op == StoreRemove && p.flags.deleted || p.op == StoreReplace && !p.flags.deleted
	}
	_, named := slices.BinarySearch(p.flags.keywords, folded)
	return p.op == StoreRemove && named || p.op == StoreReplace && !named && validKeyword(folded)
}

// deleted returns what \Deleted becomes, and whether the STORE is about it.
func (p *storePlan) deleted() (value, changes bool) {
	switch p.op {
	case StoreAdd:
		return true, p.flags.deleted
	case StoreRemove:
		return false, p.flags.deleted
	}
	return p.flags.deleted, true
}

func (p *storePlan) took(id string, err error) {
	if err != nil {
		p.refused[id] = err
	} else {
		p.taken[id] = true
	}
}

// mark sets \Deleted of the messages whose keywords the server has changed, in the same commit.
func (p *storePlan) mark(c *change) error {
	return p.markWhere(c, func(id string) bool { return p.taken[id] })
}

// markRest sets \Deleted of those whose keywords stay.
func (p *storePlan) markRest(r *replica) error {
	value, changes := p.deleted()
	if !changes {
		return nil
	}
	current := p.view.box.state.Load().table
	if !slices.ContainsFunc(p.targets, func(t target) bool {
		row := current.get(t.uid)
		return row != nil && row.deleted != value && p.patches[t.email.id()] == nil
	}) {
		return nil
	}
	_, err := r.apply(&batch{after: func(c *change) error {
		return p.markWhere(c, func(id string) bool { return p.patches[id] == nil })
	}})
	return err
}

func (p *storePlan) markWhere(c *change, which func(id string) bool) error {
	value, changes := p.deleted()
	part := c.box(p.view.box)
	if !changes || part == nil {
		return nil
	}
	for _, t := range p.targets {
		if which(t.email.id()) {
			part.mark(t.uid, value)
		}
	}
	return nil
}

// finish sorts the messages by outcome and moves the view on.
func (p *storePlan) finish() *StoreResult {
	current := p.view.box.state.Load().table
	var stored []uint32
	before := map[uint32]*row{}
	t, _ := p.view.frozen()
	for _, m := range p.targets {
		switch err := p.refused[m.email.id()]; {
		case err != nil:
			p.result.Failed = append(p.result.Failed, Failure{Seq: m.seq, UID: m.uid, Err: err})
		case current.get(m.uid) == nil:
			p.result.Failed = append(p.result.Failed, Failure{Seq: m.seq, UID: m.uid, Err: ErrExpunged})
		default:
			p.result.Stored = append(p.result.Stored, m.seq)
			stored = append(stored, m.uid)
			before[m.uid] = t.get(m.uid)
		}
	}
	p.view.settle(stored, func(now *row) bool { return !p.silent || p.expects(before[now.uid], now) })
	return &p.result
}

// expects reports whether a message has the flags that a client works out for itself, which knows those it was told before.
func (p *storePlan) expects(before, now *row) bool {
	if before == nil {
		return false
	}
	deleted, changes := p.deleted()
	if !changes {
		deleted = before.isDeleted()
	}
	if now.isDeleted() != deleted {
		return false
	}
	want := map[string]bool{}
	for _, folded := range before.email.keywords.folded {
		if !p.removes(folded) {
			want[folded] = true
		}
	}
	if p.op != StoreRemove {
		for _, folded := range p.flags.keywords {
			want[folded] = true
		}
	}
	delete(want, deletedKeyword)
	n := 0
	for _, folded := range now.email.keywords.folded {
		if folded == deletedKeyword {
			continue
		}
		n++
		if !want[folded] {
			return false
		}
	}
	return n == len(want)
}
