package emit_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

type commandMaker = func(*rapid.T) imap.Command

var commandMakers = []commandMaker{
	func(*rapid.T) imap.Command { return &imap.Capability{} },
	func(*rapid.T) imap.Command { return &imap.Noop{} },
	func(*rapid.T) imap.Command { return &imap.Logout{} },
	func(*rapid.T) imap.Command { return &imap.StartTLS{} },
	func(*rapid.T) imap.Command { return &imap.Check{} },
	func(*rapid.T) imap.Command { return &imap.Close{} },
	func(*rapid.T) imap.Command { return &imap.Unselect{} },
	func(*rapid.T) imap.Command { return &imap.Idle{} },
	func(*rapid.T) imap.Command { return &imap.Namespace{} },
	func(t *rapid.T) imap.Command {
		return &imap.Login{User: str().Draw(t, "user"), Password: imap.Secret(str().Draw(t, "password"))}
	},
	func(t *rapid.T) imap.Command {
		secret := rapid.Map(str(), func(s string) imap.Secret { return imap.Secret(s) })
		return &imap.Authenticate{Mechanism: atom().Draw(t, "mechanism"), Initial: orNil(secret).Draw(t, "initial")}
	},
	func(t *rapid.T) imap.Command { return &imap.ID{Params: idParams(t)} },
	func(t *rapid.T) imap.Command { return &imap.Enable{Capabilities: some(atom()).Draw(t, "capabilities")} },
	func(t *rapid.T) imap.Command { return &imap.Select{Mailbox: mailbox().Draw(t, "mailbox")} },
	func(t *rapid.T) imap.Command { return &imap.Examine{Mailbox: mailbox().Draw(t, "mailbox")} },
	func(t *rapid.T) imap.Command { return &imap.Create{Mailbox: mailbox().Draw(t, "mailbox")} },
	func(t *rapid.T) imap.Command { return &imap.Delete{Mailbox: mailbox().Draw(t, "mailbox")} },
	func(t *rapid.T) imap.Command { return &imap.Subscribe{Mailbox: mailbox().Draw(t, "mailbox")} },
	func(t *rapid.T) imap.Command { return &imap.Unsubscribe{Mailbox: mailbox().Draw(t, "mailbox")} },
	func(t *rapid.T) imap.Command {
		return &imap.Rename{From: mailbox().Draw(t, "from"), To: mailbox().Draw(t, "to")}
	},
	func(t *rapid.T) imap.Command {
		return &imap.LSub{Reference: mailbox().Draw(t, "reference"), Pattern: pattern().Draw(t, "pattern")}
	},
	listCommand,
	func(t *rapid.T) imap.Command {
		return &imap.Status{Mailbox: mailbox().Draw(t, "mailbox"), Items: some(enum[imap.StatusAtt](7)).Draw(t, "items")}
	},
	func(t *rapid.T) imap.Command {
		data, binary := []byte(str().Draw(t, "message")), rapid.Bool().Draw(t, "binary")
		if binary {
			data = append(data, 0)
		}
		return &imap.Append{
			Mailbox: mailbox().Draw(t, "mailbox"),
			Messages: []imap.AppendMessage{{
				Flags: list(flag()).Draw(t, "flags"), Date: orNil(dateTime()).Draw(t, "date"),
				Data: &imap.AppendLiteral{Message: imap.Literal{Size: int64(len(data)), Data: data, Binary: binary}},
			}},
		}
	},
	func(t *rapid.T) imap.Command {
		if rapid.Bool().Draw(t, "uid") {
			return &imap.Expunge{UID: true, Set: set(true).Draw(t, "set")}
		}
		return &imap.Expunge{}
	},
	func(t *rapid.T) imap.Command {
		return &imap.Copy{UID: rapid.Bool().Draw(t, "uid"), Set: set(true).Draw(t, "set"), Mailbox: mailbox().Draw(t, "mailbox")}
	},
	func(t *rapid.T) imap.Command {
		return &imap.Move{UID: rapid.Bool().Draw(t, "uid"), Set: set(true).Draw(t, "set"), Mailbox: mailbox().Draw(t, "mailbox")}
	},
	func(t *rapid.T) imap.Command {
		return &imap.Store{
			UID: rapid.Bool().Draw(t, "uid"), Set: set(true).Draw(t, "set"), Op: enum[imap.StoreOp](3).Draw(t, "op"),
			Silent: rapid.Bool().Draw(t, "silent"), Flags: list(flag()).Draw(t, "flags"),
		}
	},
	fetchCommand,
	searchCommand,
}

func pattern() *rapid.Generator[string] {
	return rapid.OneOf(str(), rapid.SampledFrom([]string{"*", "%", "INBOX/%", "inbox", "a*b%"}))
}

func listCommand(t *rapid.T) imap.Command {
	c := &imap.List{
		Reference: mailbox().Draw(t, "reference"), Patterns: some(pattern()).Draw(t, "patterns"),
		Selection: rapid.SampledFrom([][]imap.ListSelectOpt{nil, {}, {imap.ListSelectRemote}, {imap.ListSelectSubscribed, imap.ListSelectSpecialUse, imap.ListSelectRecursiveMatch}}).Draw(t, "selection"),
	}
	c.Multiple = len(c.Patterns) > 1 || rapid.Bool().Draw(t, "multiple")
	switch rapid.IntRange(0, 2).Draw(t, "return") {
	case 0:
		c.Return = []imap.ListReturnOpt{}
	case 1:
		c.Return = []imap.ListReturnOpt{
			enum[imap.ListReturnKeyword](3).Draw(t, "keyword"),
			&imap.ListReturnStatus{Items: some(enum[imap.StatusAtt](7)).Draw(t, "items")},
		}
	}
	return c
}

func partial() *rapid.Generator[imap.Partial] {
	return rapid.Custom(func(t *rapid.T) imap.Partial {
		return imap.Partial{Offset: rapid.Int64Range(0, 1<<63-1).Draw(t, "offset"), Count: rapid.Int64Range(1, 1<<63-1).Draw(t, "count")}
	})
}

func fetchCommand(t *rapid.T) imap.Command {
	c := &imap.Fetch{UID: rapid.Bool().Draw(t, "uid"), Set: set(true).Draw(t, "set")}
	if c.Macro = enum[imap.FetchMacro](4).Draw(t, "macro"); c.Macro != imap.FetchMacroNone {
		return c
	}
	part := list(rapid.Uint32Range(1, 99))
	c.Items = some(rapid.Custom(func(t *rapid.T) imap.FetchAtt {
		return either(t,
			func(t *rapid.T) imap.FetchAtt { return enum[imap.FetchKeyword](10).Draw(t, "keyword") },
			func(t *rapid.T) imap.FetchAtt {
				return &imap.FetchSection{Peek: rapid.Bool().Draw(t, "peek"), Section: section(t), Partial: orNil(partial()).Draw(t, "partial")}
			},
			func(t *rapid.T) imap.FetchAtt {
				return &imap.FetchBinary{Peek: rapid.Bool().Draw(t, "peek"), Part: part.Draw(t, "part"), Partial: orNil(partial()).Draw(t, "partial")}
			},
			func(t *rapid.T) imap.FetchAtt { return &imap.FetchBinarySize{Part: part.Draw(t, "part")} },
		)
	})).Draw(t, "items")
	return c
}

func searchCommand(t *rapid.T) imap.Command {
	c := &imap.Search{
		UID:    rapid.Bool().Draw(t, "uid"),
		Return: rapid.SampledFrom([][]imap.SearchReturnOpt{nil, {}, {imap.SearchReturnMin, imap.SearchReturnSave}}).Draw(t, "return"),
		Keys:   some(rapid.Custom(func(t *rapid.T) imap.SearchKey { return searchKey(t, 3) })).Draw(t, "keys"),
	}
	if rapid.Bool().Draw(t, "charset") {
		c.Charset = rapid.SampledFrom([]string{"UTF-8", "us ascii"}).Draw(t, "name")
	}
	return c
}

func searchKey(t *rapid.T, depth int) imap.SearchKey {
	makers := []func(*rapid.T) imap.SearchKey{
		func(t *rapid.T) imap.SearchKey { return enum[imap.SearchKeyword](14).Draw(t, "keyword") },
		func(t *rapid.T) imap.SearchKey {
			return &imap.SearchString{Field: enum[imap.SearchField](7).Draw(t, "field"), Value: str().Draw(t, "value")}
		},
		func(t *rapid.T) imap.SearchKey {
			return &imap.SearchHeader{Field: str().Draw(t, "field"), Value: str().Draw(t, "value")}
		},
		func(t *rapid.T) imap.SearchKey {
			return &imap.SearchDate{Field: enum[imap.SearchDateField](6).Draw(t, "field"), Date: date().Draw(t, "date")}
		},
		func(t *rapid.T) imap.SearchKey {
			return &imap.SearchFlag{Not: rapid.Bool().Draw(t, "not"), Flag: atom().Draw(t, "flag")}
		},
		func(t *rapid.T) imap.SearchKey {
			return &imap.SearchSize{Smaller: rapid.Bool().Draw(t, "smaller"), Size: rapid.Int64Range(0, 1<<63-1).Draw(t, "size")}
		},
		func(t *rapid.T) imap.SearchKey { return &imap.SearchUID{Set: set(true).Draw(t, "set")} },
		func(t *rapid.T) imap.SearchKey { return &imap.SearchSet{Set: set(true).Draw(t, "set")} },
	}
	if depth > 0 {
		makers = append(makers,
			func(t *rapid.T) imap.SearchKey { return &imap.SearchNot{Key: searchKey(t, depth-1)} },
			func(t *rapid.T) imap.SearchKey {
				return &imap.SearchOr{Left: searchKey(t, depth-1), Right: searchKey(t, depth-1)}
			},
			func(t *rapid.T) imap.SearchKey {
				return &imap.SearchAnd{Keys: some(rapid.Custom(func(t *rapid.T) imap.SearchKey { return searchKey(t, depth-1) })).Draw(t, "keys")}
			})
	}
	return either(t, makers...)
}

// Every command that can be said goes round.
func TestCommandsGoRound(t *testing.T) {
	for _, make := range commandMakers {
		rapid.Check(t, func(t *rapid.T) {
			c := make(t)
			tag := rapid.StringMatching(`[A-Za-z0-9.]{1,8}`).Draw(t, "tag")
			goRound(t, imap.TaggedCommand{Tag: tag, Command: c})
		})
	}
}
