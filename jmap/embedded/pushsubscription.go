package embedded

import "github.com/dragoman-mail/dragoman/generated/jmap"

// pushSubscriptionGet finds nothing, as pushSubscriptionSet makes none (RFC 8620 section 7.2.1).
func pushSubscriptionGet(b *batch, q *jmap.PushSubscriptionGet) (jmap.Method, error) {
	if err := b.checkGet(len(q.IDs)); err != nil {
		return nil, err
	}
	if _, others := jmap.ParsePushSubscriptionProperties(q.Properties); len(others) > 0 {
		return nil, unknownProperties(others)
	}
	return &jmap.PushSubscriptionGetResponse{List: []*jmap.PushSubscription{}, NotFound: append([]jmap.ID{}, q.IDs...)}, nil
}

// pushSubscriptionSet refuses subscriptions: this server pushes over event streams only, and
// posts to no URL.
func pushSubscriptionSet(b *batch, q *jmap.PushSubscriptionSet) (jmap.Method, error) {
	if err := b.checkSet(len(q.Create) + len(q.Update) + len(q.Destroy)); err != nil {
		return nil, err
	}
	response := new(jmap.PushSubscriptionSetResponse)
	for key := range q.Create {
		put(&response.NotCreated, key, *setError(jmap.SetErrorForbidden, "this server does not push to URLs; use the event source"))
	}
	for key := range q.Update {
		put(&response.NotUpdated, key, *setError(jmap.SetErrorNotFound, "there is no such subscription"))
	}
	for _, key := range q.Destroy {
		put(&response.NotDestroyed, key, *setError(jmap.SetErrorNotFound, "there is no such subscription"))
	}
	return response, nil
}
