package embedded

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// blobs runs Blob/get and returns the records by id, and what was not found.
func (c *client) blobs(args string, ids ...string) (map[string]map[string]any, []any) {
	c.t.Helper()
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = fmt.Sprintf("%q", id)
	}
	result := c.ok("Blob/get", `"ids":[`+strings.Join(quoted, ",")+`]`+comma(args))
	records := map[string]map[string]any{}
	for _, r := range result["list"].([]any) {
		record := r.(map[string]any)
		records[record["id"].(string)] = record
	}
	return records, result["notFound"].([]any)
}

// The examples of RFC 9404 section 4.2.2.
func TestBlobGetRangesAndEncodings(t *testing.T) {
	c := newClient(t, Limits{})
	b1, b2 := c.upload("The quick brown fox jumped over the \x81\x81 dog."), c.upload("hello world")
	whole := "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wZWQgb3ZlciB0aGUggYEgZG9nLg=="
	for _, test := range []struct {
		name, args string
		b1, b2     map[string]any
	}{
		{"G1", "", map[string]any{"isEncodingProblem": true, "data:asBase64": whole, "size": 43.0}, map[string]any{"data:asText": "hello world", "size": 11.0}},
		{"G2", `"properties":["data:asText","size"]`, map[string]any{"isEncodingProblem": true, "data:asText": nil, "size": 43.0}, map[string]any{"data:asText": "hello world", "size": 11.0}},
		{"G3", `"properties":["data:asBase64","size"]`, map[string]any{"data:asBase64": whole, "size": 43.0}, map[string]any{"data:asBase64": "aGVsbG8gd29ybGQ=", "size": 11.0}},
		{"G4", `"offset":0,"length":5`, map[string]any{"data:asText": "The q", "size": 43.0}, map[string]any{"data:asText": "hello", "size": 11.0}},
		{"G5", `"offset":20,"length":100`, map[string]any{"isTruncated": true, "isEncodingProblem": true, "data:asBase64": "anVtcGVkIG92ZXIgdGhlIIGBIGRvZy4=", "size": 43.0}, map[string]any{"isTruncated": true, "data:asText": "", "size": 11.0}},
		{"size only", `"properties":["size"],"offset":43`, map[string]any{"size": 43.0}, map[string]any{"isTruncated": true, "size": 11.0}},
		{"up to the end", `"properties":["data:asBase64"],"offset":11,"length":0`, map[string]any{"data:asBase64": ""}, map[string]any{"data:asBase64": ""}},
		{"far off", `"properties":["data:asBase64"],"offset":9007199254740991,"length":9007199254740991`, map[string]any{"isTruncated": true, "data:asBase64": ""}, map[string]any{"isTruncated": true, "data:asBase64": ""}},
		{"digest", `"properties":["digest:sha"],"offset":4,"length":9`, map[string]any{"digest:sha": "QiRAPtfyX8K6tm1iOAtZ87Xj3Ww="}, map[string]any{"isTruncated": true, "digest:sha": "4GtIO+gYVrv/0H6lQYYhMTMn6uc="}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, missing := c.blobs(test.args, b1, "bnone", b2, b1)
			require.Equal(t, []any{"bnone"}, missing)
			require.Len(t, got, 2)
			for id, want := range map[string]map[string]any{b1: test.b1, b2: test.b2} {
				want["id"] = id
				if test.name == "digest" && id == b2 {
					delete(want, "digest:sha")
					delete(got[id], "digest:sha")
				}
				require.Equal(t, want, got[id])
			}
		})
	}
	require.Equal(t, "invalidArguments", c.fails("Blob/get", `"ids":["x"],"properties":["digest:md5"]`))
	require.Equal(t, "invalidArguments", c.fails("Blob/get", `"ids":["x"],"properties":["isTruncated"]`))
	require.Equal(t, "invalidArguments", c.fails("Blob/get", `"ids":null`))
}

func TestBlobGetOfLargeFilesAndParts(t *testing.T) {
	c := newClient(t, Limits{MaxSizeRead: 5 << 20})
	large := "Subject: large\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte(strings.Repeat("abc", 1<<20)))
	id := c.importMail(large, c.mailbox("inbox"), "")
	blob := c.email(id, `["blobId"]`)["blobId"].(string)
	part := c.email(id, `["textBody"]`)["textBody"].([]any)[0].(map[string]any)["blobId"].(string)
	got, _ := c.blobs(`"properties":["data","size"],"offset":9,"length":5`, blob)
	require.Equal(t, map[string]any{"id": blob, "data:asText": "large", "size": float64(len(large))}, got[blob])
	for range 10 { // it is known to be intact, and not read again from end to end
		got, _ = c.blobs(`"properties":["data"],"offset":9,"length":5`, blob)
		require.Equal(t, "large", got[blob]["data:asText"])
	}
	got, _ = c.blobs(`"properties":["data","size"],"offset":3,"length":4`, part)
	require.Equal(t, map[string]any{"id": part, "data:asText": "abca", "size": float64(3 << 20)}, got[part])
	require.Equal(t, []string{"Blob/get", "requestTooLarge"}, c.names(
		`["Blob/get",{"accountId":"$A","ids":["`+part+`"],"length":1},"0"]`,
		`["Blob/get",{"accountId":"$A","ids":["`+part+`"],"length":1},"1"]`), "what is read for a part counts")
}

// A file that is lost or damaged is neither left out nor called missing.
func TestBlobGetOfDamagedFiles(t *testing.T) {
	c := newClient(t, Limits{})
	whole := c.upload("whole")
	id := c.importMail(message("s", "a@example.org", "x"), c.mailbox("inbox"), "")
	blob := c.email(id, `["blobId"]`)["blobId"].(string)
	name, _ := parseBlobID(jmap.ID(blob))
	path := c.store.accounts[c.account].blobs.path(name.digest)
	require.NoError(t, os.WriteFile(path, []byte("something else"), 0o600))
	require.Equal(t, "serverFail", c.fails("Blob/get", `"ids":["`+whole+`","`+blob+`"]`))
	require.NoError(t, os.Remove(path))
	require.Equal(t, "serverFail", c.fails("Blob/get", `"ids":["`+whole+`","`+blob+`"]`))
}

func TestBlobGetIsBounded(t *testing.T) {
	c := newClient(t, Limits{MaxSizeResponse: 10_000, MaxObjectsInGet: 3})
	a, b := c.upload(strings.Repeat("a", 4000)), c.upload(strings.Repeat("\xff", 6000))
	require.Equal(t, []string{"Blob/get", "requestTooLarge", "requestTooLarge"}, c.names(
		`["Blob/get",{"accountId":"$A","ids":["`+a+`"]},"0"]`,
		`["Blob/get",{"accountId":"$A","ids":["`+b+`"]},"1"]`,
		`["Blob/get",{"accountId":"$A","ids":["1","2","3","4"]},"2"]`))
}

func TestBlobUpload(t *testing.T) {
	c := newClient(t, Limits{MaxSizeUpload: 1000})
	// The example of RFC 9404 section 4.1.2.
	r := c.raw(`["Blob/upload",{"accountId":"$A","create":{"b4":{"data":[{"data:asText":"The quick brown fox jumped over the lazy dog."}]}}},"S4"],
		["Blob/upload",{"accountId":"$A","create":{"cat":{"type":"text/plain","data":[{"data:asText":"How"},{"blobId":"#b4","length":7,"offset":3},
			{"data:asText":"was t"},{"blobId":"#b4","length":1,"offset":1},{"data:asBase64":"YXQ/"}]}}},"CAT"],
		["Blob/get",{"accountId":"$A","properties":["data:asText","size"],"ids":["#cat"]},"G4"]`)
	made := plain(t, r.MethodResponses[1].Raw)["created"].(map[string]any)["cat"].(map[string]any)
	require.Equal(t, map[string]any{"id": made["id"], "type": "text/plain", "size": 19.0}, made)
	got := plain(t, r.MethodResponses[2].Raw)["list"].([]any)[0]
	require.Equal(t, map[string]any{"id": made["id"], "data:asText": "How quick was that?", "size": 19.0}, got)
	require.Equal(t, c.upload("How quick was that?"), made["id"])

	blob := c.upload("0123456789")
	kilo := `{"data:asText":"` + strings.Repeat("x", 600) + `"}`
	for name, o := range map[string]string{
		"none":         `{}`,
		"two kinds":    `{"data":[{"data:asText":"a","blobId":"` + blob + `"}]}`,
		"no kind":      `{"data":[{}]}`,
		"not base64":   `{"data":[{"data:asBase64":"a"}]}`,
		"line breaks":  `{"data":[{"data:asBase64":"YXQ/\r\n"}]}`,
		"trailing":     `{"data":[{"data:asBase64":"YX=="}]}`,
		"no blob":      `{"data":[{"blobId":"bnone"}]}`,
		"no creation":  `{"data":[{"blobId":"#none"}]}`,
		"beyond":       `{"data":[{"blobId":"` + blob + `","offset":5,"length":6}]}`,
		"far beyond":   `{"data":[{"blobId":"` + blob + `","offset":11}]}`,
		"unknown":      `{"data":[{"data:asText":"a","x":1}]}`,
		"wrong type":   `{"data":[{"data:asText":1}]}`,
		"unknown too":  `{"data":[],"x":1}`,
		"too many":     `{"data":[` + strings.TrimSuffix(strings.Repeat(`{"data:asText":""},`, maxDataSources+1), ",") + `]}`,
		"too large ":   `{"data":[` + kilo + `,` + kilo + `]}`,
		"source: null": `{"data":[null]}`,
	} {
		t.Run(name, func(t *testing.T) {
			result := c.ok("Blob/upload", `"create":{"ok":{"data":[]},"k":`+o+`}`)
			require.Contains(t, result["created"], "ok")
			kind := result["notCreated"].(map[string]any)["k"].(map[string]any)["type"]
			if strings.HasPrefix(name, "too large") {
				require.Equal(t, "tooLarge", kind)
			} else {
				require.Equal(t, "invalidProperties", kind)
			}
		})
	}
	left, err := os.ReadDir(c.store.accounts[c.account].blobs.tmp)
	require.NoError(t, err)
	require.Empty(t, left)
}

// A message is uploaded and imported in one request.
func TestBlobUploadThenImport(t *testing.T) {
	c := newClient(t, Limits{})
	octets := base64.StdEncoding.EncodeToString([]byte("Subject: caf\xe9\r\n\r\n\x00\xff"))
	r := c.raw(`["Blob/upload",{"accountId":"$A","create":{"m":{"data":[{"data:asBase64":"` + octets + `"}]}}},"0"],
		["Email/import",{"accountId":"$A","emails":{"k":{"blobId":"#m","mailboxIds":{"` + c.mailbox("inbox") + `":true}}}},"1"]`)
	email := plain(t, r.MethodResponses[1].Raw)["created"].(map[string]any)["k"].(map[string]any)
	got, _ := c.blobs(`"properties":["data:asBase64"]`, email["blobId"].(string))
	require.Equal(t, octets, got[email["blobId"].(string)]["data:asBase64"])
}

func TestBlobLookup(t *testing.T) {
	c := newClient(t, Limits{})
	inbox, archive := c.mailbox("inbox"), c.mailbox("archive")
	text := message("s", "a@example.org", "x")
	first, second := c.importMail(text, inbox, ""), c.importMail(text, archive, "")
	blob := c.email(first, `["blobId"]`)["blobId"].(string)
	thread := c.email(first, `["threadId"]`)["threadId"]
	unused := c.upload("unused")
	result := c.ok("Blob/lookup", `"typeNames":["Mailbox","Thread","Email"],"ids":["`+blob+`","`+unused+`","nothing"]`)
	list := result["list"].([]any)
	require.Len(t, list, 3)
	matched := list[0].(map[string]any)["matchedIds"].(map[string]any)
	require.ElementsMatch(t, []any{inbox, archive}, matched["Mailbox"])
	require.ElementsMatch(t, []any{first, second}, matched["Email"])
	require.Contains(t, matched["Thread"], thread)
	for _, none := range list[1:] {
		require.Equal(t, map[string]any{"Mailbox": []any{}, "Thread": []any{}, "Email": []any{}}, none.(map[string]any)["matchedIds"])
	}
	require.Equal(t, "unknownDataType", c.fails("Blob/lookup", `"typeNames":["Calendar"],"ids":[]`))
}
