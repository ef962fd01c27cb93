package mailbox

// EventKind says what an Event tells.
type EventKind uint8

// The kinds of Event, in the order in which Poll gives them.
const (
	EventExpunge EventKind = iota // the message at Seq is gone; numbers above it fall by one
	EventExists                   // the view has N messages; only when it grew
	EventRecent                   // N messages are recent in the view
	EventFlags                    // flags or mod-sequence of the message at Seq changed
)

// Event is one thing to tell the client, in the order given. Expunges come from the highest number down.
type Event struct {
	Kind EventKind
	Seq  uint32 // of EventExpunge and EventFlags: valid at this point of the sequence of events
	UID  uint32 // of EventExpunge and EventFlags
	N    int    // of EventExists and EventRecent
}
