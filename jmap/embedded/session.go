package embedded

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// capabilities are those that a request may use.
var capabilities = []string{jmap.CapabilityCore, jmap.CapabilityMail, jmap.CapabilityBlob, jmap.CapabilityWebSocket}

// serveSession answers with the Session object (RFC 8620 section 2).
func (s *Store) serveSession(w http.ResponseWriter, r *http.Request, u *user) {
	base := s.base(r)
	session := s.session(u, base)
	if base != "" && !isInProcess(r) {
		session.Capabilities[jmap.CapabilityWebSocket] = rawJSON(jmap.WebSocketCapability{URL: socketBase(base) + pathSocket, SupportsPush: true})
	}
	writeJSON(w, "application/json", http.StatusOK, session.AppendJSON(nil))
}

// base is what stands before the paths of the endpoints.
func (s *Store) base(r *http.Request) string {
	if s.baseURL != "" {
		return s.baseURL
	}
	if r.Host == "" {
		return ""
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	if r.URL.Scheme != "" {
		scheme = r.URL.Scheme
	}
	return scheme + "://" + r.Host
}

func (s *Store) session(u *user, base string) *jmap.Session {
	inAccount := map[string]json.RawMessage{
		jmap.CapabilityMail: rawJSON(s.mailCapability()), jmap.CapabilityBlob: rawJSON(s.blobCapability()),
	}
	empty := json.RawMessage("{}")
	session := &jmap.Session{
		Capabilities: map[string]json.RawMessage{
			jmap.CapabilityCore: rawJSON(s.coreCapability()), jmap.CapabilityMail: empty, jmap.CapabilityBlob: empty,
		},
		Accounts:        map[jmap.ID]jmap.Account{},
		PrimaryAccounts: map[string]jmap.ID{jmap.CapabilityMail: jmap.ID(u.Account), jmap.CapabilityBlob: jmap.ID(u.Account)},
		Username:        u.Name,
		APIURL:          base + pathAPI,
		DownloadURL:     base + pathDownload + "{accountId}/{blobId}/{name}?accept={type}",
		UploadURL:       base + pathUpload + "{accountId}/",
		EventSourceURL:  base + pathEventSource + "?types={types}&closeafter={closeafter}&ping={ping}",
		State:           s.sessionState(),
	}
	for _, a := range s.accountsOf(u) {
		session.Accounts[jmap.ID(a.id)] = jmap.Account{
			Name: a.owner, IsPersonal: a.id == u.Account, AccountCapabilities: inAccount,
		}
	}
	return session
}

// accountsOf lists the accounts that a user may use, their own first.
func (s *Store) accountsOf(u *user) []*account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []*account
	for _, id := range append([]string{u.Account}, u.Shared...) {
		if a := s.accounts[id]; a != nil && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

func (s *Store) sessionState() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return strconv.FormatUint(s.state, 10)
}

func (s *Store) coreCapability() *jmap.CoreCapability {
	l := &s.limits
	return &jmap.CoreCapability{
		MaxSizeUpload: uint64(l.MaxSizeUpload), MaxConcurrentUpload: uint64(l.MaxConcurrentUpload),
		MaxSizeRequest: uint64(l.MaxSizeRequest), MaxConcurrentRequests: uint64(l.MaxConcurrentRequests),
		MaxCallsInRequest: uint64(l.MaxCallsInRequest),
		MaxObjectsInGet:   uint64(l.MaxObjectsInGet), MaxObjectsInSet: uint64(l.MaxObjectsInSet),
		CollationAlgorithms: collations,
	}
}

func (s *Store) mailCapability() *jmap.MailCapability {
	l := &s.limits
	perEmail, depth := uint64(l.MaxMailboxesPerEmail), uint64(l.MaxMailboxDepth)
	return &jmap.MailCapability{
		MaxMailboxesPerEmail: &perEmail, MaxMailboxDepth: &depth,
		MaxSizeMailboxName:         uint64(l.MaxSizeMailboxName),
		MaxSizeAttachmentsPerEmail: uint64(l.MaxSizeAttachmentsPerEmail),
		EmailQuerySortOptions:      emailSortOptions,
		MayCreateTopLevelMailbox:   true,
	}
}

func (s *Store) blobCapability() *jmap.BlobCapability {
	size := uint64(s.limits.MaxSizeUpload)
	return &jmap.BlobCapability{
		MaxSizeBlobSet: &size, MaxDataSources: maxDataSources,
		SupportedTypeNames: lookupTypes, SupportedDigestAlgorithms: digestAlgorithms,
	}
}

func rawJSON(v interface{ AppendJSON([]byte) []byte }) json.RawMessage { return v.AppendJSON(nil) }
