package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSplitResponse(t *testing.T) {
	const text = "* 1 FETCH (BODY[] {7}\r\na\r\n{1}\r UID 3 BINARY[1] ~{0}\r\n)\r\n* OK x\r\n"
	data := []byte(text)
	for n := range len(text) - len("* OK x\r\n") {
		_, _, size := SplitResponse(data[:n])
		require.Zero(t, size, n)
	}
	line, lits, size := SplitResponse(data)
	require.Equal(t, "* 1 FETCH (BODY[] {7}\r\n UID 3 BINARY[1] ~{0}\r\n)\r\n", string(line))
	require.Len(t, lits, 2)
	require.Equal(t, "a\r\n{1}\r", string(lits[0].Data))
	require.True(t, lits[1].Binary)
	line, lits, _ = SplitResponse(data[size:])
	require.Equal(t, "* OK x\r\n", string(line))
	require.Empty(t, lits)
}
