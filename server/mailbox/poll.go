package mailbox

import "slices"

// Poll moves the view on to the newest state of the replica and returns what to tell the client. Without allowExpunge, messages that are
// gone stay in the view, with their last state.
func (v *View) Poll(allowExpunge bool) []Event {
	v.mu.Lock()
	defer v.mu.Unlock()
	select {
	case <-v.changed:
	default:
	}
	state := v.box.state.Load()
	if state == v.state && (v.table == state.table || !allowExpunge) && len(v.forced) == 0 {
		return nil
	}
	s := advance(v.table, state.table, !allowExpunge)
	v.table, v.state = s.table, state
	var events []Event
	for i := len(s.gone) - 1; i >= 0; i-- {
		events = append(events, Event{Kind: EventExpunge, Seq: uint32(s.gone[i].index) + 1, UID: s.gone[i].uid})
	}
	if s.added > 0 {
		events = append(events, Event{Kind: EventExists, N: v.table.length})
		events = v.pollRecent(events)
	}
	events = v.pollFlags(events, s.changed)
	if !allowExpunge && v.table != state.table {
		v.signal() // messages that are gone are still to be told
	}
	return events
}

// pollRecent claims what arrived and tells how many messages are recent, where any were added.
func (v *View) pollRecent(events []Event) []Event {
	r := v.account.replica
	before := v.countRecentLocked()
	r.mu.Lock()
	v.claim()
	r.mu.Unlock()
	if now := v.countRecentLocked(); now != before {
		events = append(events, Event{Kind: EventRecent, N: now})
	}
	return events
}

func (v *View) pollFlags(events []Event, changed []int) []Event {
	for uid := range v.forced {
		if index, ok := v.table.find(uid); ok {
			changed = append(changed, index)
		}
	}
	if len(v.forced) > 0 {
		clear(v.forced)
		slices.Sort(changed)
		changed = slices.Compact(changed)
	}
	for _, index := range changed {
		events = append(events, Event{Kind: EventFlags, Seq: uint32(index) + 1, UID: v.table.at(index).uid})
	}
	return events
}

// settle moves the view on for messages that this session changed: Poll does not tell them, except those that are not as the
// session expects.
func (v *View) settle(uids []uint32, expected func(*row) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	current := v.box.state.Load().table
	edit := v.table.edit()
	for _, uid := range uids {
		now, old := current.get(uid), edit.get(uid)
		if now == nil || old == nil || now.modseq == old.modseq {
			continue
		}
		if !expected(now) {
			v.forced[uid] = struct{}{}
		}
		*edit.change(uid) = *now
	}
	v.table = edit.done()
}
