package jmap

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	maxErrorBody = 64 << 10
	maxDetail    = 200
)

// statusError makes an error of a response whose status is not one of success, and closes it.
func statusError(op string, response *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	discard(response)
	problem := problemOf(body)
	retryAfter := retryAfterOf(response.Header, time.Now())
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Errorf("%s: %w", op, ErrUnauthorized)
	case status == http.StatusTooManyRequests:
		return &LimitError{Limit: problem.Limit, Detail: problem.Detail, RetryAfter: retryAfter}
	case concurrencyLimit(problem.Limit):
		return &LimitError{Limit: problem.Limit, Detail: problem.Detail, RetryAfter: max(retryAfter, 100*time.Millisecond)}
	case status < 500 && problem.Type != "":
		if problem.Status == 0 {
			problem.Status = status
		}
		return fmt.Errorf("%s: %w", op, problem)
	default:
		return &UnavailableError{
			Op: op, Status: status, Detail: detailOf(body), RetryAfter: retryAfter, unreached: isAway(status),
		}
	}
}

// isAway holds for the statuses by which a server or a proxy before it says that it cannot do anything now (RFC 9110 section 15.6).
func isAway(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// problemOf returns the problem details of RFC 8620 section 3.6.1, or empty ones.
func problemOf(body []byte) *proto.RequestError {
	problem := &proto.RequestError{}
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '{' || problem.UnmarshalJSON(trimmed) != nil {
		return &proto.RequestError{}
	}
	return problem
}

// concurrencyLimit holds for limits that pass by themselves in a moment.
func concurrencyLimit(limit string) bool {
	return limit == "maxConcurrentRequests" || limit == "maxConcurrentUpload"
}

// retryAfterOf reads the Retry-After field, seconds or a date (RFC 9110 section 10.2.3).
func retryAfterOf(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	const longest = 24 * time.Hour
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longest)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), longest)
	}
	return 0
}

// detailOf returns the beginning of a body as one line of text, without HTML tags.
func detailOf(body []byte) string {
	var text strings.Builder
	inTag, space := false, false
	for len(body) > 0 && text.Len() < maxDetail {
		r, n := utf8.DecodeRune(body)
		body = body[n:]
		switch {
		case r == '<':
			inTag, space = true, true
		case r == '>' && inTag:
			inTag = false
		case inTag:
		case unicode.IsSpace(r):
			space = true
		case unicode.IsPrint(r):
			if space && text.Len() > 0 {
				text.WriteByte(' ')
			}
			space = false
			text.WriteRune(r)
		}
	}
	return text.String()
}
