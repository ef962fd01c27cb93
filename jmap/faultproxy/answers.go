package faultproxy

import (
	"encoding/json"
)

// MethodError has the method of the rule, or where that names none every method, answered with a method-level error
// (RFC 8620 section 3.6.2). Without Afterwards the server does not see those calls, but the others of the request.
func MethodError(kind string) Fault {
	return Fault{Name: kind, calls: func(x *exchange, after bool) {
		failing := func(name string) bool {
			method := x.injection.rule.Method
			return method == "" || method == name
		}
		x.edit(func(call invocation) bool { return after || !failing(call.name) }, func(answer *invocation, asked string) {
			if failing(asked) {
				answer.name, answer.arguments = "error", map[string]any{"type": kind, "description": "a fault"}
			}
		})
	}}
}

// EmptyLists empties every list of records and ids in answers, while the states in them stay: to a client that believes it, all mail is
// gone.
func EmptyLists() Fault {
	return answers("empty lists", func(_ string, arguments map[string]any) {
		for _, key := range listKeys {
			if _, is := arguments[key].([]any); is {
				arguments[key] = []any{}
			}
		}
		if state, ok := arguments["oldState"]; ok && arguments["hasMoreChanges"] != nil {
			arguments["newState"] = state
		}
		if arguments["total"] != nil {
			arguments["total"] = 0
		}
	})
}

// MissingEntries takes the first entry out of each list of records and of ids that a query found, and does not say that it is not found. What
// /changes names is left alone: a client has no way to know of a change that it is not told of.
func MissingEntries() Fault {
	return answers("missing entries", func(_ string, arguments map[string]any) {
		for _, key := range listKeys[:2] {
			if list, is := arguments[key].([]any); is && len(list) > 0 {
				arguments[key] = list[1:]
			}
		}
	})
}

// WrongAccount answers for an account that nobody asked about.
func WrongAccount() Fault {
	return answers("wrong account", func(_ string, arguments map[string]any) {
		if arguments["accountId"] != nil {
			arguments["accountId"] = "somebody-else"
		}
	})
}

// listKeys are the lists of /get, /query and /changes (RFC 8620 section 5).
var listKeys = []string{"list", "ids", "created", "updated", "destroyed"}

func answers(name string, change func(method string, arguments map[string]any)) Fault {
	return Fault{Name: name, after: true, calls: func(x *exchange, _ bool) {
		x.edit(func(invocation) bool { return true }, func(answer *invocation, _ string) {
			if answer.name != "error" {
				change(answer.name, answer.arguments)
			}
		})
	}}
}

// invocation is a call or a response (RFC 8620 section 3.2).
type invocation struct {
	name      string
	arguments map[string]any
	id        string
}

// edit passes on the calls that pass lets through, and gives each response, in the order of the calls, to change: with nothing in it
// where the call was kept back.
func (x *exchange) edit(pass func(invocation) bool, change func(answer *invocation, asked string)) {
	var request, response map[string]any
	if json.Unmarshal(x.body, &request) != nil {
		return
	}
	calls := invocationsOf(request["methodCalls"])
	var passed []any
	for _, call := range calls {
		if pass(call) {
			passed = append(passed, call.list())
		}
	}
	got := &answer{status: 200, header: made.header}
	if len(passed) > 0 {
		request["methodCalls"] = passed
		body, err := json.Marshal(request)
		if err != nil {
			return
		}
		if got, err = x.ask(body); err != nil || json.Unmarshal(got.body, &response) != nil {
			x.reset(nil)
			return
		}
	} else {
		response = map[string]any{"sessionState": "0"}
	}
	came := invocationsOf(response["methodResponses"])
	all := []any{}
	for _, call := range calls {
		if !pass(call) {
			kept := invocation{id: call.id}
			change(&kept, call.name)
			all = append(all, kept.list())
			continue
		}
		for _, one := range came {
			if one.id == call.id {
				change(&one, call.name)
				all = append(all, one.list())
			}
		}
	}
	response["methodResponses"] = all
	body, err := json.Marshal(response)
	if err != nil {
		return
	}
	x.write(&answer{status: got.status, header: got.header, body: body})
}

func (i invocation) list() []any { return []any{i.name, i.arguments, i.id} }

func invocationsOf(value any) []invocation {
	list, _ := value.([]any)
	var all []invocation
	for _, item := range list {
		parts, _ := item.([]any)
		if len(parts) != 3 {
			continue
		}
		var i invocation
		i.name, _ = parts[0].(string)
		i.arguments, _ = parts[1].(map[string]any)
		i.id, _ = parts[2].(string)
		all = append(all, i)
	}
	return all
}
