package mailfile

import (
	"bytes"
	"regexp"
	"strconv"
	"time"
)

var fromPrefix = []byte("From ")

// fromDate matches the date of a separator, as the C function asctime writes it, with the time zones that some programs
// put before or after the year.
var fromDate = regexp.MustCompile(`\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d{1,2}) +(\d{1,2}:\d{2}(?::\d{2})?)` +
	`(?: +([A-Z]{1,5}|[+-]\d{4}))?(?: +[A-Z]{1,5})? +(\d{4})(?: +([+-]\d{4}))?`)

// parseFromLine returns the date in a separator line. A time zone given as a name is disregarded: names mean different
// things in different places.
func parseFromLine(line []byte) (time.Time, bool) {
	if !bytes.HasPrefix(line, fromPrefix) {
		return time.Time{}, false
	}
	found := fromDate.FindSubmatch(line)
	if found == nil {
		return time.Time{}, false
	}
	clock, zone := string(found[3]), "+0000"
	if bytes.Count(found[3], []byte(":")) == 1 {
		clock += ":00"
	}
	for _, given := range [][]byte{found[4], found[6]} {
		if len(given) == 5 && (given[0] == '+' || given[0] == '-') {
			zone = string(given)
		}
	}
	day, _ := strconv.Atoi(string(found[2]))
	text := string(found[1]) + " " + strconv.Itoa(day) + " " + clock + " " + zone + " " + string(found[5])
	date, err := time.Parse("Jan 2 15:04:05 -0700 2006", text)
	return date.UTC(), err == nil
}
