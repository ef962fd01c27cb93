// Package jmap is the JSON Meta Application Protocol as Go types: RFC 8620 (core) and RFC 8621 (mail).
//
// A Request is filled with typed calls, and its Response read through the handles they give:
//
//	var q jmap.Request
//	query := jmap.Add(&q, &jmap.EmailQuery{AccountID: id, Filter: &jmap.EmailFilterCondition{InMailbox: inbox}})
//	get := jmap.Add(&q, &jmap.EmailGet{AccountID: id, IDsRef: query.Ref("/ids")})
//	…
//	emails, err := get.Response(&response)
//
// Records, such as Email, may be there in part. Has tells which properties were there when the record
// was decoded. A property is written when its bit is in Has or its value is not zero, so a bit in Has
// makes a zero value or a null explicit. Invalid names the properties whose value had the wrong type, and
// Extra keeps those that the RFCs do not define.
//
// Arguments of calls are written when they must be given, or when they differ from their default. A
// decoded call has in Extra the arguments that its method does not have.
package jmap
