package mailbox

import (
	"maps"
	"slices"
	"strconv"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

func (f *fakeServer) emailGet(a *jmap.EmailGet) (jmap.Method, error) {
	if len(a.IDs) > f.limits.MaxObjectsInGet || f.getTakes > 0 && len(a.IDs) > f.getTakes {
		return nil, &jmap.MethodError{Type: jmap.MethodErrorRequestTooLarge}
	}
	out := &jmap.EmailGetResponse{AccountID: a.AccountID, State: f.state(), List: []*jmap.Email{}, NotFound: []jmap.ID{}}
	for _, id := range a.IDs {
		e, ok := f.emails[id]
		if !ok {
			out.NotFound = append(out.NotFound, id)
			continue
		}
		copied := *e
		copied.MailboxIDs, copied.Keywords = maps.Clone(e.MailboxIDs), maps.Clone(e.Keywords)
		copied.Has, _ = jmap.ParseEmailProperties(a.Properties)
		out.List = append(out.List, &copied)
	}
	return out, nil
}

// since lists what changed, one page of it.
func (f *fakeServer) since(state string, mailbox bool) (created, updated, destroyed []jmap.ID, next string, more bool, err error) {
	from, bad := strconv.Atoi(state)
	if bad != nil || from < f.floor || from > len(f.log) {
		return nil, nil, nil, "", false, &jmap.MethodError{Type: jmap.MethodErrorCannotCalculateChanges}
	}
	kinds := map[jmap.ID]string{}
	var order []jmap.ID
	at := from
	for ; at < len(f.log) && len(order) < f.changesPage; at++ {
		if c := f.log[at]; c.mailbox == mailbox {
			if kinds[c.id] == "" {
				order = append(order, c.id)
			}
			kinds[c.id] += string(c.kind)
		}
	}
	for _, id := range order {
		first, last := kinds[id][0], kinds[id][len(kinds[id])-1]
		switch {
		case last == 'd' && first != 'c':
			destroyed = append(destroyed, id)
		case last == 'd':
		case first == 'c':
			created = append(created, id)
		default:
			updated = append(updated, id)
		}
	}
	return created, updated, destroyed, strconv.Itoa(at), at < len(f.log), nil
}

func (f *fakeServer) emailChanges(a *jmap.EmailChanges) (jmap.Method, error) {
	out := &jmap.EmailChangesResponse{AccountID: a.AccountID, OldState: a.SinceState}
	var err error
	out.Created, out.Updated, out.Destroyed, out.NewState, out.HasMoreChanges, err = f.since(a.SinceState, false)
	return out, err
}

func (f *fakeServer) mailboxChanges(a *jmap.MailboxChanges) (jmap.Method, error) {
	out := &jmap.MailboxChangesResponse{AccountID: a.AccountID, OldState: a.SinceState}
	floor := f.floor
	f.floor = 0 // mailboxes can always be told
	var err error
	out.Created, out.Updated, out.Destroyed, out.NewState, out.HasMoreChanges, err = f.since(a.SinceState, true)
	f.floor = floor
	return out, err
}

func (f *fakeServer) emailQuery(a *jmap.EmailQuery) (jmap.Method, error) {
	in := a.Filter.(*jmap.EmailFilterCondition).InMailbox
	if f.mailboxes[in] == nil {
		return nil, &jmap.MethodError{Type: jmap.MethodErrorInvalidArguments}
	}
	var ids []jmap.ID
	for id, e := range f.emails {
		if e.MailboxIDs[in] && !f.unlisted[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids) // no order that anybody could rely on
	out := &jmap.EmailQueryResponse{AccountID: a.AccountID, QueryState: f.state(), IDs: []jmap.ID{}, Position: uint64(a.Position)}
	limit := f.queryPage
	if a.Limit != nil {
		limit = min(limit, int(*a.Limit))
	}
	used := uint64(limit)
	out.Limit = &used
	if from := int(a.Position); from < len(ids) {
		out.IDs = ids[from:min(len(ids), from+limit)]
	} else if f.pastIsZero {
		out.Position = 0
	}
	return out, nil
}

func (f *fakeServer) emailSet(a *jmap.EmailSet) (jmap.Method, error) {
	if a.IfInState != nil && *a.IfInState != f.state() {
		return nil, &jmap.MethodError{Type: jmap.MethodErrorStateMismatch}
	}
	if len(a.Update)+len(a.Destroy) > f.limits.MaxObjectsInSet || f.setTakes > 0 && len(a.Update)+len(a.Destroy) > f.setTakes {
		return nil, &jmap.MethodError{Type: jmap.MethodErrorRequestTooLarge}
	}
	out := &jmap.EmailSetResponse{
		AccountID: a.AccountID, Updated: map[jmap.ID]*jmap.Email{}, NotUpdated: map[jmap.ID]jmap.SetError{},
		NotDestroyed: map[jmap.ID]jmap.SetError{},
	}
	for id, patch := range a.Update {
		if e := f.emails[id]; e == nil {
			out.NotUpdated[id] = jmap.SetError{Type: jmap.SetErrorNotFound}
		} else if f.busy > 0 {
			f.busy--
			out.NotUpdated[id] = jmap.SetError{Type: jmap.SetErrorForbidden, Description: "Another process modified this, please try again."}
		} else if f.patch(e, patch) {
			out.Updated[id] = nil
		} else {
			out.NotUpdated[id] = jmap.SetError{Type: jmap.SetErrorInvalidProperties}
		}
	}
	for _, id := range a.Destroy {
		e := f.emails[id]
		if e == nil {
			out.NotDestroyed[id] = jmap.SetError{Type: jmap.SetErrorNotFound}
			continue
		}
		delete(f.emails, id)
		f.touch(id, 'd', e.MailboxIDs)
		out.Destroyed = append(out.Destroyed, id)
	}
	out.NewState = f.state()
	return out, nil
}

func (f *fakeServer) patch(e *jmap.Email, patch *jmap.EmailPatch) bool {
	mailboxes, keywords := maps.Clone(e.MailboxIDs), maps.Clone(e.Keywords)
	for path, value := range patch.Patch {
		property, keys := patch.Property(path)
		on := string(value) == "true"
		switch {
		case len(keys) != 1:
			return false
		case property == "mailboxIds" && on && f.mailboxes[jmap.ID(keys[0])] == nil:
			return false
		case property == "mailboxIds" && on:
			mailboxes[jmap.ID(keys[0])] = true
		case property == "mailboxIds":
			delete(mailboxes, jmap.ID(keys[0]))
		case on:
			keywords[keys[0]] = true
		default:
			delete(keywords, keys[0])
		}
	}
	if len(mailboxes) == 0 {
		return false
	}
	was := e.MailboxIDs
	e.MailboxIDs, e.Keywords = mailboxes, keywords
	f.touch(e.ID, 'u', was, mailboxes)
	return true
}

func (f *fakeServer) emailImport(a *jmap.EmailImport) (jmap.Method, error) {
	out := &jmap.EmailImportResponse{
		AccountID: a.AccountID, Created: map[jmap.ID]*jmap.Email{}, NotCreated: map[jmap.ID]jmap.SetError{},
	}
	for _, key := range slices.Sorted(maps.Keys(a.Emails)) {
		item := a.Emails[key]
		if f.blobLate > 0 {
			f.blobLate--
			out.NotCreated[key] = jmap.SetError{Type: jmap.SetErrorInvalidProperties, Properties: []string{"blobId"}}
			continue
		}
		if item.BlobID == "bad" {
			out.NotCreated[key] = jmap.SetError{Type: jmap.SetErrorInvalidEmail}
			continue
		}
		if slices.ContainsFunc(slices.Collect(maps.Keys(item.MailboxIDs)), func(id jmap.ID) bool { return f.mailboxes[id] == nil }) {
			out.NotCreated[key] = jmap.SetError{Type: jmap.SetErrorInvalidProperties, Properties: []string{"mailboxIds"}}
			continue
		}
		if existing := f.byBlob(item.BlobID); existing != "" && f.dedupe {
			if f.noExisting {
				existing = ""
			}
			out.NotCreated[key] = jmap.SetError{Type: jmap.SetErrorAlreadyExists, ExistingID: existing}
			continue
		}
		id := f.create(item.BlobID, item.ReceivedAt.Unix(), slices.Collect(maps.Keys(item.MailboxIDs))...)
		maps.Copy(f.emails[id].Keywords, item.Keywords)
		out.Created[key] = &jmap.Email{Has: jmap.EmailPropertyID, ID: id}
	}
	out.NewState = f.state()
	return out, nil
}

func (f *fakeServer) byBlob(blob jmap.ID) jmap.ID {
	for id, e := range f.emails {
		if e.BlobID == blob {
			return id
		}
	}
	return ""
}

func (f *fakeServer) mailboxGet(a *jmap.MailboxGet) (jmap.Method, error) {
	out := &jmap.MailboxGetResponse{AccountID: a.AccountID, State: f.state(), List: []*jmap.Mailbox{}, NotFound: []jmap.ID{}}
	ids := a.IDs
	if ids == nil {
		ids = slices.Sorted(maps.Keys(f.mailboxes))
	}
	if len(ids) > f.limits.MaxObjectsInGet {
		return nil, &jmap.MethodError{Type: jmap.MethodErrorRequestTooLarge}
	}
	for _, id := range ids {
		m, ok := f.mailboxes[id]
		if !ok {
			out.NotFound = append(out.NotFound, id)
			continue
		}
		copied := *m
		copied.TotalEmails = 0
		for _, e := range f.emails {
			if e.MailboxIDs[id] {
				copied.TotalEmails++
			}
		}
		out.List = append(out.List, &copied)
	}
	return out, nil
}

func (f *fakeServer) mailboxSet(a *jmap.MailboxSet, created map[jmap.ID]jmap.ID) (jmap.Method, error) {
	out := &jmap.MailboxSetResponse{
		AccountID: a.AccountID, Created: map[jmap.ID]*jmap.Mailbox{}, Updated: map[jmap.ID]*jmap.Mailbox{},
		NotDestroyed: map[jmap.ID]jmap.SetError{}, NotUpdated: map[jmap.ID]jmap.SetError{},
	}
	resolve := func(id *jmap.ID) jmap.ID {
		if id == nil {
			return ""
		}
		if key, ok := id.CreationID(); ok {
			return created[key]
		}
		return *id
	}
	for _, key := range slices.Sorted(maps.Keys(a.Create)) {
		m := a.Create[key]
		id := f.id("m")
		created[key] = id
		f.addMailbox(id, m.Name, resolve(m.ParentID), "")
		out.Created[key] = &jmap.Mailbox{Has: jmap.MailboxPropertyID, ID: id}
	}
	for id, patch := range a.Update {
		m := f.mailboxes[id]
		if m == nil {
			out.NotUpdated[id] = jmap.SetError{Type: jmap.SetErrorNotFound}
			continue
		}
		f.patchMailbox(m, patch, resolve)
		out.Updated[id] = nil
	}
	for _, id := range a.Destroy {
		if f.destroyFail > 0 {
			f.destroyFail--
			out.NotDestroyed[id] = jmap.SetError{Type: "serverFail", Description: "Mailbox already exists"}
			continue
		}
		f.destroyMailbox(id)
		out.Destroyed = append(out.Destroyed, id)
	}
	out.NewState = f.state()
	return out, nil
}

func (f *fakeServer) patchMailbox(m *jmap.Mailbox, patch *jmap.MailboxPatch, resolve func(*jmap.ID) jmap.ID) {
	for path, value := range patch.Patch {
		text, err := strconv.Unquote(string(value))
		switch {
		case path == "name":
			m.Name = text
		case path == "isSubscribed": // not in the changes, as with Cyrus
			m.IsSubscribed = string(value) == "true"
			return
		case path == "parentId" && err != nil:
			m.ParentID = nil
		case path == "parentId":
			id := jmap.ID(text)
			id = resolve(&id)
			m.ParentID = &id
		}
	}
	f.note(true, m.ID, 'u')
}

func (f *fakeServer) destroyMailbox(id jmap.ID) {
	delete(f.mailboxes, id)
	f.note(true, id, 'd')
	for _, e := range f.emails {
		if !e.MailboxIDs[id] {
			continue
		}
		delete(e.MailboxIDs, id)
		if len(e.MailboxIDs) == 0 {
			delete(f.emails, e.ID)
			f.touch(e.ID, 'd')
		} else {
			f.touch(e.ID, 'u')
		}
	}
}

func (f *fakeServer) mailboxQuery(a *jmap.MailboxQuery) (jmap.Method, error) {
	ids := slices.Sorted(maps.Keys(f.mailboxes))
	out := &jmap.MailboxQueryResponse{AccountID: a.AccountID, QueryState: f.state(), IDs: []jmap.ID{}, Position: uint64(a.Position)}
	limit := uint64(f.queryPage)
	out.Limit = &limit
	if from := int(a.Position); from < len(ids) {
		out.IDs = ids[from:min(len(ids), from+f.queryPage)]
	}
	return out, nil
}
