// Package embedded is a JMAP mail server (RFC 8620, RFC 8621 and RFC 9404) that keeps its mail in a
// directory: metadata in one bolt file per account, messages as files named by their SHA-256.
//
// A Store is an http.Handler with the endpoints of RFC 8620: session, API, upload, download
// and event source, and with WebSockets for requests and push (RFC 8887). Transport gives an
// http.RoundTripper that calls the handler within the process, without sockets of any kind: there
// the event source does for push what a WebSocket would.
//
// What was acknowledged is on disk: a blob is synced and renamed into place before its upload
// is answered, and each method call that writes is one synced bolt transaction, which refers
// only to blobs that are in place. Writers of one account take turns; readers work on bolt's
// snapshots and never wait for them.
package embedded
