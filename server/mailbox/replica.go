package mailbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// replica is the state of an account that all its sessions share.
//
// Two locks, always taken in this order: write is held while a change is computed and committed to the store, never while
// the JMAP server is asked; mu is held for moments, by readers too.
type replica struct {
	id       jmap.ID
	key      store.Key
	store    store.Store
	log      *slog.Logger
	words    *keywords
	tree     atomic.Pointer[tree]
	own      bool         // the user's own account, of which a push stream tells
	getLimit atomic.Int64 // how many objects the server was found to give in one call; 0: as many as it says
	setLimit atomic.Int64 // how many it was found to change in one call; 0: as many as it says

	manyBoxes atomic.Bool // the server does not give all mailboxes at once
	pace      pace

	writing atomic.Int32 // writes under way: what a hint tells meanwhile, they most likely bring along
	turn    sync.RWMutex // writes share it, also while the JMAP server is asked; an expunge that they overtook has it alone

	life context.Context
	stop context.CancelFunc

	write   sync.Mutex
	head    store.Head
	records map[string]store.Mailbox
	emails  map[string]*email      // by id: those in mailboxes that are loaded or being loaded
	watched map[*touched]struct{}  // who wants to know the ids that changes touch
	awaited map[*arrivals]struct{} // who wants to know the UIDs that are given out
	unsaved bool                   // head has states that are not in the store
	clock   func() time.Time       // for UIDVALIDITY

	numberPart int  // how many messages are numbered in one commit
	leftover   bool // the store had Emails to forget

	flights flights
	follow  follower
	trials  trials

	mu        sync.Mutex
	boxes     map[string]*box // by id
	pulse     pulse
	claimed   map[*box]struct{} // mailboxes whose recentBase is to be stored with the next commit
	respelled bool              // the spellings of keywords are to be stored with the next commit
}

// touched collects the ids that changes name while a request is on its way, whose answer may be older than they are.
type touched map[string]struct{}

func newReplica(s store.Store, key store.Key, id jmap.ID, o Options) *replica {
	r := &replica{
		id: id, key: key, store: s, log: o.Logger, clock: time.Now, numberPart: numberPart,
		records: map[string]store.Mailbox{}, emails: map[string]*email{}, boxes: map[string]*box{},
		watched: map[*touched]struct{}{}, awaited: map[*arrivals]struct{}{}, claimed: map[*box]struct{}{},
	}
	r.life, r.stop = context.WithCancel(context.Background())
	r.follow.init(r, o)
	r.tree.Store(&tree{})
	return r
}

// end stops what the replica does by itself, and stores what was left for the next commit. Were that lost, a little would be asked
// of the server again.
func (r *replica) end() {
	r.stop()
	r.write.Lock()
	defer r.write.Unlock()
	last := r.begin()
	last.final = true
	if err := last.commit(); err != nil {
		r.log.Warn("storing an account at its end", "account", r.id, "error", err)
	}
}

// outlive returns a context with the values of ctx that ends with the replica.
func (r *replica) outlive(ctx context.Context) context.Context {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(r.life, cancel)
	return own
}

// read fills the replica from the store. It may be used again when another process has changed the store.
func (r *replica) read(ctx context.Context) error {
	head, records, err := r.store.Account(ctx, r.key)
	if err != nil {
		return fmt.Errorf("reading account %s: %w", r.id, err)
	}
	r.head = head
	if r.words == nil {
		r.words = newKeywords(head.Spelling)
	}
	clear(r.records)
	clear(r.emails)
	for _, record := range records {
		r.records[record.ID] = record
	}
	for _, record := range records {
		r.box(record.ID).loading.Store(record.Loading)
	}
	homeless := ""
	err = r.store.Emails(ctx, r.key, func(rec store.Email) bool {
		if len(rec.Mailboxes) == 0 {
			homeless = rec.ID
			return false
		}
		r.leftover = r.leftover || !r.follows(&rec)
		e := emailOf(rec, r.words, r.box)
		r.emails[e.id()] = e
		return true
	})
	if err == nil && homeless != "" {
		err = fmt.Errorf("%w: Email %q is in no mailbox", store.ErrDamaged, homeless)
	}
	if err != nil {
		return fmt.Errorf("reading the messages of account %s: %w", r.id, err)
	}
	for _, record := range records {
		if !record.Loaded {
			continue
		}
		if err := r.readRows(ctx, record); err != nil {
			return fmt.Errorf("reading mailbox %s: %w", record.ID, err)
		}
	}
	r.mu.Lock()
	for id, b := range r.boxes {
		if _, ok := r.records[id]; !ok && b.state.Load() != nil {
			b.state.Store(goneState(b.state.Load()))
		}
		b.wake()
	}
	r.mu.Unlock()
	t, _ := layout(r.tree.Load(), r.records, r.box)
	r.tree.Store(t)
	return nil
}

func (r *replica) readRows(ctx context.Context, record store.Mailbox) error {
	b := r.box(record.ID)
	var rows []row
	var missing error
	err := r.store.Rows(ctx, r.key, record.ID, func(rec store.Row) bool {
		e := r.emails[rec.EmailID]
		if e == nil {
			missing = fmt.Errorf("%w: UID %d has no Email", store.ErrDamaged, rec.UID)
			return false
		}
		e.number(b, rec.UID)
		rows = append(rows, row{email: e, modseq: rec.ModSeq, uid: rec.UID, deleted: rec.Deleted})
		return true
	})
	if err == nil {
		err = missing
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	b.recentBase = max(b.recentBase, record.RecentBase)
	r.mu.Unlock()
	b.state.Store(&boxState{
		table: tableOf(rows), uidValidity: record.UIDValidity, uidNext: record.UIDNext, modseq: record.ModSeq,
	})
	return nil
}

// box returns the mailbox of an id, making it when the id is new.
func (r *replica) box(id string) *box {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, ok := r.boxes[id]
	if !ok {
		b = &box{id: jmap.ID(id), views: map[*View]struct{}{}}
		r.boxes[id] = b
	}
	return b
}

// info makes what the package shows of a mailbox.
func (r *replica) info(n *node) *Box {
	record := &n.record
	info := &Box{
		ID: n.box.id, Path: n.path, Role: record.Role, ParentID: jmap.ID(record.ParentID), Subscribed: record.Subscribed,
		HasChildren: n.children, Rights: unpackRights(record.Rights), TotalEmails: int(record.TotalEmails),
	}
	if state := n.box.state.Load(); state != nil {
		r.mu.Lock()
		base := n.box.recentBase
		r.mu.Unlock()
		info.Loaded, info.Counters = true, state.counters(base)
	}
	return info
}

func goneState(s *boxState) *boxState {
	return &boxState{table: emptyTable, uidValidity: s.uidValidity, uidNext: s.uidNext, modseq: s.modseq + 1, gone: true}
}
