package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// batch is one API request while its methods run.
type batch struct {
	ctx       context.Context
	store     *Store
	user      *user
	using     map[string]bool
	created   map[jmap.ID]jmap.ID // creation ids to ids
	responses []jmap.Invocation
	size      int   // octets of the responses so far
	spent     int64 // octets that were read so far
	// implicit is a call that the running method wants made right after it.
	implicit jmap.Method
}

// method runs a call with its arguments in JSON.
type method func(*batch, json.RawMessage) (jmap.Method, error)

// call runs a method call and adds its response or error.
func (b *batch) call(call jmap.Invocation) {
	b.implicit = nil
	response, err := b.dispatch(call)
	if err != nil {
		response = b.methodError(call.Name, err)
	}
	b.respond(call, response)
	if b.implicit != nil && err == nil {
		next := jmap.Invocation{Name: b.implicit.Method(), Raw: rawMethod(b.implicit), CallID: call.CallID}
		b.call(next)
	}
}

func rawMethod(m jmap.Method) json.RawMessage {
	text, err := m.MarshalJSON()
	if err != nil {
		return json.RawMessage("{}")
	}
	return text
}

// respond keeps the response in JSON, for later references to it.
func (b *batch) respond(call jmap.Invocation, response jmap.Method) {
	raw, err := response.MarshalJSON()
	if err == nil && len(raw) > b.room() && response.Method() != "error" && !changes(call.Name) {
		err = errTooMuch("the response would be too large")
	}
	if err != nil {
		response = b.methodError(call.Name, err)
		raw = rawMethod(response)
	}
	b.size += len(raw)
	b.responses = append(b.responses, jmap.Invocation{Name: response.Method(), Raw: raw, CallID: call.CallID})
}

// changes says whether a method has changed something by the time that it answers. Its answer is not much larger than the call.
func changes(method string) bool {
	_, verb, _ := strings.Cut(method, "/")
	return verb == "set" || verb == "import" || verb == "copy" || verb == "upload"
}

func (b *batch) dispatch(call jmap.Invocation) (response jmap.Method, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	run, known := methods[call.Name]
	if capability, _ := jmap.MethodCapability(call.Name); !known || !b.using[capability] {
		return nil, methodError(jmap.MethodErrorUnknownMethod, "")
	}
	if err := b.ctx.Err(); err != nil {
		return nil, methodError(jmap.MethodErrorServerUnavailable, "the request was given up")
	}
	args, err := b.resolve(call.Raw)
	if err != nil {
		return nil, err
	}
	created := b.created
	if changes(call.Name) {
		b.created = maps.Clone(created)
	}
	if response, err = run(b, args); err != nil {
		b.created = created // what was made was taken back, and its ids are given out again
	}
	return response, err
}

// resolve puts values in the place of result references (RFC 8620 section 3.7).
func (b *batch) resolve(args json.RawMessage) (json.RawMessage, error) {
	if !bytes.Contains(args, []byte(`"#`)) {
		return args, nil
	}
	plain, refs, err := jmap.SplitReferences(args)
	if err != nil {
		return nil, methodError(jmap.MethodErrorInvalidArguments, err.Error())
	}
	if len(refs) == 0 {
		return args, nil
	}
	if len(refs) > maxReferences {
		return nil, invalidArguments("more than %d result references", maxReferences)
	}
	size := int64(len(args))
	for name, ref := range refs {
		if plain[name], err = b.result(ref); err != nil {
			return nil, err
		}
		if size += int64(len(plain[name])); size > b.store.limits.MaxSizeRequest {
			return nil, errTooMuch("what the result references stand for is larger than maxSizeRequest")
		}
	}
	args = (&jmap.CoreEcho{Extra: plain}).AppendJSON(make([]byte, 0, size+16))
	if containers(args) > maxContainers {
		return nil, errTooMuch("what the result references stand for has too many objects")
	}
	return args, nil
}

func (b *batch) result(ref jmap.ResultReference) (json.RawMessage, error) {
	for _, response := range b.responses {
		if response.CallID != ref.ResultOf {
			continue
		}
		if response.Name != ref.Name {
			return nil, badReference("call %q was answered by %s", ref.ResultOf, response.Name)
		}
		cost := int64(len(response.Raw))
		if stepsInto(ref.Path) {
			if cost > maxStepped {
				return nil, errTooMuch("the response that a result reference leads into is too large")
			}
			cost *= steppedWeight
		}
		if err := b.spend(cost); err != nil {
			return nil, err
		}
		value, err := jmap.EvaluatePointer(response.Raw, ref.Path)
		if err != nil {
			return nil, badReference("%v", err)
		}
		return value, nil
	}
	return nil, badReference("there is no response to call %q", ref.ResultOf)
}

func badReference(format string, args ...any) error {
	return methodError(jmap.MethodErrorInvalidResultReference, fmt.Sprintf(format, args...))
}

// methodError is what a method that cannot run answers.
func methodError(kind jmap.MethodErrorType, description string) *jmap.MethodError {
	return &jmap.MethodError{Type: kind, Description: description}
}

func invalidArguments(format string, args ...any) *jmap.MethodError {
	return methodError(jmap.MethodErrorInvalidArguments, fmt.Sprintf(format, args...))
}

// methodError shows a client its own errors, and of ours only that there was one.
func (b *batch) methodError(name string, err error) *jmap.MethodError {
	if e := new(jmap.MethodError); errors.As(err, &e) {
		return e
	}
	if b.ctx.Err() != nil && errors.Is(err, b.ctx.Err()) {
		return methodError(jmap.MethodErrorServerUnavailable, "the request was given up")
	}
	b.store.log.Error("running a method", "method", name, "user", b.user.Name, "err", err)
	return methodError(jmap.MethodErrorServerFail, "internal error, see the server's log")
}

// typed decodes the arguments of a method.
func typed[A any, P interface {
	*A
	jmap.Method
	json.Unmarshaler
}](run func(*batch, P) (jmap.Method, error)) method {
	return func(b *batch, raw json.RawMessage) (jmap.Method, error) {
		args := P(new(A))
		if err := args.UnmarshalJSON(raw); err != nil {
			return nil, invalidArguments("%v", err)
		}
		if name := unknownArgument(args); name != "" {
			return nil, invalidArguments("unknown argument %q", name)
		}
		return run(b, args)
	}
}

func unknownArgument(args any) string {
	extra, ok := reflect.ValueOf(args).Elem().FieldByName("Extra").Interface().(map[string]json.RawMessage)
	if ok {
		for name := range extra {
			return name
		}
	}
	return ""
}

// account checks the accountId of a method.
func (b *batch) account(id jmap.ID) (*account, error) {
	if a := b.store.accountFor(b.user, string(id)); a != nil {
		return a, nil
	}
	return nil, methodError(jmap.MethodErrorAccountNotFound, "")
}

// id replaces a reference to a record made earlier in the request (RFC 8620 section 5.3).
func (b *batch) id(id jmap.ID) jmap.ID {
	if len(id) > 0 && id[0] == '#' {
		if made, ok := b.created[id[1:]]; ok {
			return made
		}
	}
	return id
}
