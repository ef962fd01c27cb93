package probe_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
)

// fault is what a server does otherwise than the embedded store that it has behind it.
type fault struct {
	session func(info map[string]any)
	fail    map[string]string       // method-level errors, in place of doing anything
	answer  func(method string) any // in place of doing anything, unless nil
	before  func(method string, arguments map[string]any)
	after   func(method string, arguments map[string]any)
	http    func(w http.ResponseWriter, r *http.Request) bool // whether it has answered
}

// fake is such a server.
type fake struct {
	*httptest.Server
	fault fault
	store http.Handler

	mu    sync.Mutex
	calls []string
}

func newFake(t *testing.T, f fault) *fake {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	require.NoError(t, store.AddAccount("ann", "secret"))
	s := &fake{fault: f, store: store}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close(); store.Close() })
	return s
}

func (f *fake) called() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.calls, " ")
}

// ServeHTTP implements http.Handler.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.fault.http != nil && f.fault.http(w, r):
	case r.Method == http.MethodPost && r.Header.Get("Content-Type") == "application/json":
		f.api(w, r)
	case r.Method == http.MethodGet && f.fault.session != nil && !strings.Contains(r.URL.RawQuery, "="):
		f.change(w, r, f.fault.session)
	default:
		f.store.ServeHTTP(w, r)
	}
}

// change passes a JSON answer on, changed.
func (f *fake) change(w http.ResponseWriter, r *http.Request, change func(map[string]any)) {
	recorder := httptest.NewRecorder()
	f.store.ServeHTTP(recorder, r)
	var answer map[string]any
	if json.Unmarshal(recorder.Body.Bytes(), &answer) != nil {
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		w.Write(recorder.Body.Bytes())
		return
	}
	change(answer)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(recorder.Code)
	json.NewEncoder(w).Encode(answer)
}

func (f *fake) api(w http.ResponseWriter, r *http.Request) {
	var request map[string]any
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		panic(err)
	}
	var passed, made []any
	for _, call := range request["methodCalls"].([]any) {
		parts := call.([]any)
		method := parts[0].(string)
		f.mu.Lock()
		f.calls = append(f.calls, method)
		f.mu.Unlock()
		if kind, ok := f.fault.fail[method]; ok {
			made = append(made, []any{"error", map[string]any{"type": kind, "description": "it has\n\x1b[1msecret reasons"}, parts[2]})
			continue
		}
		if f.fault.answer != nil {
			if answer := f.fault.answer(method); answer != nil {
				made = append(made, []any{method, answer, parts[2]})
				continue
			}
		}
		if f.fault.before != nil {
			f.fault.before(method, parts[1].(map[string]any))
		}
		passed = append(passed, call)
	}
	request["using"] = []string{proto.CapabilityCore, proto.CapabilityMail} // what the store knows
	request["methodCalls"] = append([]any{}, passed...)
	body, err := json.Marshal(request)
	if err != nil {
		panic(err)
	}
	inner := r.Clone(r.Context())
	inner.Body, inner.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	f.change(w, inner, func(answer map[string]any) {
		responses, _ := answer["methodResponses"].([]any)
		for _, response := range responses {
			parts := response.([]any)
			if f.fault.after != nil {
				f.fault.after(parts[0].(string), parts[1].(map[string]any))
			}
		}
		answer["methodResponses"] = append(responses, made...)
	})
}
