package embedded

import "encoding/binary"

// The buckets of an account's bolt file.
var (
	bucketEmails   = []byte("email")    // number -> emailRow
	bucketHeaders  = []byte("header")   // number -> Email in JSON, what /get gives without the blob
	bucketByDate   = []byte("date")     // receivedAt, number
	bucketByBox    = []byte("box")      // mailbox, receivedAt, number
	bucketBoxes    = []byte("mailbox")  // number -> mailboxRow
	bucketThreads  = []byte("thread")   // number -> numbers of its Emails, oldest first
	bucketRefs     = []byte("ref")      // hash of message id and subject -> thread, count
	bucketBlobs    = []byte("blob")     // digest -> how many Emails have it
	bucketEmailLog = []byte("logEmail") // sequence number -> change
	bucketBoxLog   = []byte("logMailbox")
	bucketThrLog   = []byte("logThread")
)

var accountBuckets = [][]byte{
	bucketEmails, bucketHeaders, bucketByDate, bucketByBox, bucketBoxes, bucketThreads, bucketRefs,
	bucketBlobs, bucketEmailLog, bucketBoxLog, bucketThrLog,
}

func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func numberOf(key []byte) uint64 { return binary.BigEndian.Uint64(key) }

// timeKey sorts like the time, also before 1970.
func timeKey(b []byte, seconds int64) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(seconds)^1<<63)
}

func dateKey(seconds int64, email uint64) []byte {
	return binary.BigEndian.AppendUint64(timeKey(make([]byte, 0, 16), seconds), email)
}

func boxKey(mailbox uint64, seconds int64, email uint64) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 24), mailbox)
	return binary.BigEndian.AppendUint64(timeKey(b, seconds), email)
}

// indexEntry reads the end of a key of either index.
func indexEntry(key []byte) (seconds int64, email uint64) {
	key = key[len(key)-16:]
	return int64(binary.BigEndian.Uint64(key) ^ 1<<63), binary.BigEndian.Uint64(key[8:])
}
