package mailbox

// draft
const (
	// FlagDeleted and FlagRecent are the flags that have no keyword in JMAP.
	FlagDeleted = `\Deleted`
	FlagRecent  = `\Recent`

	deletedKeyword = "$deleted"
	recentKeyword  = "$recent"
)

type keywordSet struct{ flags []string }

func (*keywordSet) has(string) bool { panic("draft") }
func foldFlag(string) string        { panic("draft") }
