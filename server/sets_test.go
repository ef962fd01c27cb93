package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

func TestSetOfKeepsOrder(t *testing.T) {
	for _, c := range []struct {
		numbers []uint32
		want    []imap.SeqRange
	}{
		{nil, nil},
		{[]uint32{4}, []imap.SeqRange{{Start: 4, Stop: 4}}},
		{[]uint32{1, 2, 3, 7, 6, 5}, []imap.SeqRange{{Start: 1, Stop: 3}, {Start: 7, Stop: 7}, {Start: 6, Stop: 6}, {Start: 5, Stop: 5}}},
		{[]uint32{9, 2, 3}, []imap.SeqRange{{Start: 9, Stop: 9}, {Start: 2, Stop: 3}}},
	} {
		require.Equal(t, c.want, setOf(c.numbers).Ranges)
	}
}
