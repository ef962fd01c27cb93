// Package jmap is a JMAP client: it finds the session resource (RFC 8620 section 2), sends batches of
// method calls (section 3), streams blobs up and down (section 6) and listens for state changes
// (section 7.3), over WebSockets too (RFC 8887), within the limits that the server announces.
//
// Session.Blobs gets octets of many blobs at once where the server has Blob/get (RFC 9404 section 4.2). Session.AddBlob puts the octets of
// a small blob into the request that uses it, where there is Blob/upload (section 4.1). Blob/set, which Cyrus 3.6 has in its place, is not
// used: what it makes is gone when the request is over, and when a message has octets above 127 in its header, then the blob has
// another id than the Email that is imported from it, unlike after an upload, so that an import whose answer is lost could not be found.
//
// The types of requests and responses are those of generated/jmap.
//
//	client, err := jmap.New(jmap.Config{URL: "https://mail.example.org"})
//	session, err := client.Login(ctx, jmap.Credentials{User: "ann", Password: "…"})
//	response, err := session.Do(ctx, request)
//
// # Requests
//
// proto.Add puts a method call into a request; its result gives the answer out of the response, and Ref makes a result reference of it (RFC 8620
// section 3.7). Do sends the request, Call one of a single method. Session.Limits has what the server takes: Do refuses a request over
// maxCallsInRequest or maxSizeRequest, and how many objects a /get or a /set names is the caller's to keep within MaxObjectsInGet
// and MaxObjectsInSet. Not more requests run at once than the server allows the user (maxConcurrentRequests), over all
// sessions of a Client; the others wait. Upload and Download stream, and count as requests.
//
// # Finding and reaching the server
//
// Config.URL may be the bare domain of the users, whose SRV records are then looked up. Config.URLs has further endpoints of the same server.
// A Session goes to another endpoint when its own cannot be reached; it fetches the session object there and asks nothing when that names another user or
// account (ErrOtherAccount). RetryPolicy says what is repeated and how often, BreakerPolicy when a host is left alone for a while. Never is
// anything done twice: what writes is sent again only when nothing of it was sent, or when the server says that it did nothing. (A blob may be
// uploaded twice; one that nothing refers to goes away by itself, RFC 8620 section 6.)
// Credentials go to configured hosts, to Config.TrustedHosts, and by SRV records to hosts within the domain only.
//
// # Push
//
// Session.Watch picks the way of push by itself: a WebSocket where the server announces push over one, else the event stream, and
// ErrNoPush where neither works. Requests go over HTTP all the same. RFC 8887 would let them share the WebSocket, to spare the server the
// authentication of each: on loopback, against the embedded store, that takes 34 µs instead of 57 µs for Core/echo, 50 µs instead of 67 µs for
// the two /changes of a sync, and makes no difference for a query with its Emails; Cyrus needs 2 ms and more for either. HTTP pays for it with
// redirects, Retry-After, a status for each request, answers that arrive while a large one is on its way, and parallel connections.
//
// # Errors
//
// Errors fall into few classes, told apart with errors.Is and errors.As: ErrUnauthorized (the credentials),
// ErrUnavailable (the server or the way to it), *LimitError (a limit; wait or send less), ErrNotFound (a
// blob that is gone), ErrNoPush (no push here) and *proto.RequestError of generated/jmap (the server refused
// the request as a whole).
//
// A Client and a Session may be used by many goroutines at once.
package jmap
