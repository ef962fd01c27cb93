// Package faultproxy is a reverse proxy that stands between a JMAP client and a JMAP server in tests and fails in the ways in which
// servers, networks and the boxes between them do: connections that break before, in or after an answer, answers that are cut short, of
// another shape, from another host or nothing but an error page, errors of single methods, lists that lack what is there.
//
//	proxy, err := faultproxy.New("http://127.0.0.1:8080")
//	...
//	fault := proxy.Inject(faultproxy.Rule{Kind: faultproxy.Call, Method: "Email/import", Times: 1, Fault: faultproxy.Reset().Afterwards()})
//	... // the message is stored, and the client never hears of it
//	fault.Lift()
//
// It is a real server on loopback, for a reset is a matter of TCP. Faults that come before any connection is made, as a host that has no
// address, need Proxy.Transport on the side of the client. The package imports nothing of this module, so that the tests of any package
// may use it.
package faultproxy
