package jmap

import (
	"fmt"
	"log/slog"
	"net/http"
)

// Credentials authenticate a user: with a bearer token when there is one, else with a name and a password
// over HTTP Basic. They print as stars.
type Credentials struct {
	User     string
	Password string
	Bearer   string
}

const stars = "***"

// Format prints stars, whatever the verb.
func (Credentials) Format(state fmt.State, _ rune) { fmt.Fprint(state, stars) }

// LogValue logs stars.
func (Credentials) LogValue() slog.Value { return slog.StringValue(stars) }

func (c Credentials) authorize(request *http.Request) {
	if c.Bearer != "" {
		request.Header.Set("Authorization", "Bearer "+c.Bearer)
		return
	}
	request.SetBasicAuth(c.User, c.Password)
}
