package probe

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// blobGet asks for the octets of the upload by RFC 9404 section 4.2, or by the older method of the same name that Cyrus has.
func (p *prober) blobGet(ctx context.Context) (string, error) {
	urn, ok := p.announced("urn:ietf:params:jmap:blob", "https://cyrusimap.org/ns/jmap/blob")
	if !ok {
		return "", missing(Optional, "not announced", noBlobGet)
	}
	if lacking := p.lacks(aBlob); lacking != "" {
		return "", skipped(lacking)
	}
	const method = "Blob/get"
	arguments := map[string]any{"accountId": p.account, "ids": []proto.ID{p.blob}, "properties": []string{"data:asBase64"}}
	request := &proto.Request{MethodCalls: []proto.Invocation{{Name: method, Args: arguments, CallID: "c0"}}}
	response, err := p.session.Do(ctx, request)
	if err != nil {
		return "", err
	}
	answer, ok := response.Find(proto.Handle{Name: method, ID: "c0"})
	if !ok {
		return "", errors.New("Blob/get: no response")
	}
	var got struct {
		List []struct {
			Data string `json:"data:asBase64"`
		} `json:"list"`
	}
	if answer.Name == "error" {
		failure := &proto.MethodError{}
		if err := failure.UnmarshalJSON(answer.Raw); err != nil {
			return "", err
		}
		return "", named(method, failure)
	}
	if err := json.Unmarshal(answer.Raw, &got); err != nil {
		return "", fmt.Errorf("Blob/get: %w", err)
	}
	if len(got.List) != 1 {
		return "", fmt.Errorf("Blob/get: %d blobs in place of one", len(got.List))
	}
	data, err := base64.StdEncoding.DecodeString(got.List[0].Data)
	if err != nil {
		return "", fmt.Errorf("Blob/get: %w", err)
	}
	if detail := difference(p.message(), data); detail != "" {
		return "", errors.New("Blob/get: " + detail)
	}
	return urn, nil
}

const rangeSize = 100

func (p *prober) downloadRange(ctx context.Context) (string, error) {
	seen := &rangeAnswer{}
	data, err := p.read(context.WithValue(ctx, rangeKey{}, seen), p.blob)
	if err != nil {
		return "", err
	}
	if !seen.partial {
		return "", missing(Optional, "the whole blob came back", noRange)
	}
	if detail := difference(p.message()[:rangeSize], data); detail != "" {
		return "", errors.New(detail)
	}
	return fmt.Sprintf("the first %d octets", rangeSize), nil
}

type rangeKey struct{}

type rangeAnswer struct{ partial bool }

// partial asks for a range where the context wants one (RFC 9110 section 14.2), which the gateway's client never does.
type partial struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t partial) RoundTrip(request *http.Request) (*http.Response, error) {
	seen, wanted := request.Context().Value(rangeKey{}).(*rangeAnswer)
	if !wanted {
		return t.RoundTripper.RoundTrip(request)
	}
	request = request.Clone(request.Context())
	request.Header.Set("Range", fmt.Sprintf("bytes=0-%d", rangeSize-1))
	response, err := t.RoundTripper.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusPartialContent {
		seen.partial = true
		response.StatusCode = http.StatusOK // what the client takes for success
	}
	return response, err
}

// CloseIdleConnections passes the wish on.
func (t partial) CloseIdleConnections() {
	if inner, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		inner.CloseIdleConnections()
	}
}
