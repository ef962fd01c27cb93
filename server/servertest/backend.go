package servertest

import (
	"net/http"

	"github.com/dragoman-mail/dragoman/jmap"
)

// Backend is a JMAP server that runs already.
type Backend struct {
	URL string
	// Accounts are its users by the names that clients of the test log in with. A client's password is the one that stands
	// there, or it is wrong.
	Accounts map[string]Account
}

// Account is a user of a Backend.
type Account struct {
	Password    string // what the client says
	Credentials jmap.Credentials
}

// renaming lets a test log in under a name of its own choice, such as the one that a golden transcript has, to whatever account was made for it.
type renaming struct {
	backend *Backend
	next    *http.Transport
}

func (r *renaming) RoundTrip(request *http.Request) (*http.Response, error) {
	name, password, _ := request.BasicAuth()
	if account, ok := r.backend.Accounts[name]; ok && account.Password == password {
		request = request.Clone(request.Context())
		request.SetBasicAuth(account.Credentials.User, account.Credentials.Password)
	}
	return r.next.RoundTrip(request)
}

// CloseIdleConnections passes the wish on: some servers spend a process on each connection.
func (r *renaming) CloseIdleConnections() { r.next.CloseIdleConnections() }
