// Package jmap is a JMAP client: it finds the session resource (RFC 8620 section 2), sends batches of
// method calls (section 3), streams blobs up and down (section 6) and listens for state changes
// (section 7.3), within the limits that the server announces.
//
// The types of requests and responses are those of generated/jmap.
//
//	client, err := jmap.New(jmap.Config{URL: "https://mail.example.org"})
//	session, err := client.Login(ctx, jmap.Credentials{User: "ann", Password: "…"})
//	response, err := session.Do(ctx, request)
//
// Errors fall into few classes, told apart with errors.Is and errors.As: ErrUnauthorized (the credentials),
// ErrUnavailable (the server or the way to it), *LimitError (a limit; wait or send less), ErrNotFound (a
// blob that is gone), ErrNoPush (no event stream here) and *proto.RequestError of generated/jmap (the server refused
// the request as a whole).
//
// A Client and a Session may be used by many goroutines at once.
package jmap
