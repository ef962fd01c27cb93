package probe

import "time"

// removing is the check that is never left out.
const removing = "scratch mailbox removed"

// What failures mean that more than one check can find.
const (
	noMail    = "no user can log in"
	noSync    = "mailboxes cannot be kept in step, so SELECT, STATUS and NOOP fail"
	noAppend  = "APPEND fails"
	noRoles   = "clients ask the user for these folders, or make their own"
	noRange   = "a partial FETCH of a message that is not cached reads all of it, as the gateway does anyway"
	noBlobGet = "messages are downloaded one by one, as the gateway does anyway"
	noReturn  = "messages come back different from what was stored: signatures and sizes may not fit"
)

// steps are the checks in their order: each may need what an earlier one found.
func steps() []step {
	all := []step{
		{name: "session", severity: Fatal, meaning: noMail, run: (*prober).login},
		{name: "capabilities core, mail", severity: Fatal, meaning: noMail, needs: aSession, run: (*prober).capabilities},
	}
	all = append(all, limitSteps()...)
	all = append(all, readingSteps...)
	all = append(all, storingSteps...)
	all = append(all, changingSteps...)
	all = append(all, capabilitySteps()...)
	return append(all, lastStep)
}

var readingSteps = []step{
	{name: "mail account", severity: Fatal, meaning: noMail, needs: aSession, run: (*prober).mailAccount},
	{name: "Mailbox/get", severity: Fatal, meaning: noSync, needs: anAccount, run: (*prober).mailboxes},
	{name: "mailbox roles", severity: Optional, meaning: noRoles, needs: anAccount, run: (*prober).roles},
	{name: "rights in INBOX", severity: Degraded, meaning: "what is writing may be refused", needs: anAccount, run: (*prober).rights},
	{name: "Email/get of the state", severity: Fatal, meaning: noSync, needs: anAccount, run: (*prober).state},
}

var storingSteps = []step{
	{name: "scratch mailbox", severity: Degraded, meaning: "CREATE fails; nothing that writes could be checked",
		needs: anAccount, detached: true, run: (*prober).makeScratch},
	{name: "scratch mailbox inside it", severity: Degraded, meaning: "CREATE of a mailbox inside another fails",
		needs: aScratch, detached: true, run: (*prober).makeCopy},
	{name: "Mailbox/changes", severity: Fatal, meaning: noSync, needs: anAccount, run: (*prober).mailboxChanges},
	{name: "upload", severity: Degraded, meaning: noAppend, needs: anAccount, run: (*prober).upload},
	{name: "download", severity: Fatal, meaning: "no message can be read", needs: aBlob, run: (*prober).download},
	{name: "download of a range", severity: Optional, meaning: noRange, needs: aBlob, run: (*prober).downloadRange},
	{name: "Email/import", severity: Degraded, meaning: noAppend, needs: aScratch | aBlob, run: (*prober).importEmail},
	{name: "Email/get", severity: Fatal, meaning: "messages cannot be listed", needs: anEmail, run: (*prober).properties},
	{name: "keywords and receivedAt", severity: Degraded, meaning: "APPEND loses flags or the date", needs: anEmail, run: (*prober).kept},
	{name: "octets of a message", severity: Degraded, meaning: noReturn, needs: anEmail, run: (*prober).octets},
	{name: "Email/query", severity: Fatal, meaning: "mailboxes cannot be listed", needs: anAccount, run: (*prober).query},
	{name: "result references", severity: Fatal, meaning: noSync, needs: anAccount, run: (*prober).references},
	{name: "Email/changes", severity: Fatal, meaning: noSync, needs: anAccount, run: (*prober).emailChanges},
}

var changingSteps = []step{
	{name: "Email/set keywords", severity: Degraded, meaning: "STORE fails", needs: anEmail, run: (*prober).keywords},
	{name: "Email/set ifInState", severity: Degraded, meaning: "EXPUNGE may destroy a message that somebody files elsewhere at that moment",
		needs: anEmail, run: (*prober).ifInState},
	{name: "Email/set mailboxIds: copy", severity: Degraded, meaning: "COPY fails", needs: anEmail, run: (*prober).copyEmail},
	{name: "Email/set mailboxIds: move", severity: Degraded, meaning: "MOVE fails, and EXPUNGE of what is in another mailbox, too",
		needs: anEmail, run: (*prober).moveEmail},
	{name: "Blob/get", severity: Optional, meaning: noBlobGet, needs: anAccount, run: (*prober).blobGet},
	{name: "push", severity: Degraded, meaning: latePush, needs: anEmail, longer: pushTime, run: (*prober).eventStream},
	{name: "push over a WebSocket", severity: Degraded, meaning: latePush, needs: anEmail, longer: pushTime, run: (*prober).socket},
	{name: "Email/set destroy", severity: Degraded, meaning: "EXPUNGE fails", needs: anEmail, run: (*prober).destroyEmail},
}

// pushTime is how long the events of two changes may take.
func pushTime(o Options) time.Duration { return 2 * o.PushWait }

var lastStep = step{name: removing, severity: Degraded, meaning: "delete it by hand", detached: true, run: (*prober).removeScratch}
