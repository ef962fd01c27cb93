package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const maxConfig = 1 << 20

// readConfig sets the flags that a TOML file names and the command line does not.
func readConfig(path string, flags *flag.FlagSet) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(text) > maxConfig {
		return fmt.Errorf("%s: longer than %d octets", path, maxConfig)
	}
	var values map[string]any
	if _, err := toml.Decode(string(text), &values); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return fmt.Errorf("%s:%d: %s", path, syntax.Position.Line, syntax.Message)
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	given := map[string]bool{"config": true}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	// In the order of the file, so that the first mistake is named first.
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	lines := keyLines(string(text))
	slices.SortFunc(keys, func(a, b string) int { return lines[a] - lines[b] })
	for _, key := range keys {
		f := flags.Lookup(key)
		switch {
		case f == nil:
			err = errors.New("no such option")
		case key == "config":
			err = errors.New("not allowed in the file itself")
		case given[key]:
			continue
		default:
			err = setFlag(f, values[key])
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", path, lines[key], key, err)
		}
	}
	return nil
}

// setFlag gives a flag a value of a TOML file.
func setFlag(f *flag.Flag, value any) error {
	_, repeated := f.Value.(*list)
	toggle, _ := f.Value.(interface{ IsBoolFlag() bool })
	isBool := toggle != nil && toggle.IsBoolFlag()
	switch v := value.(type) {
	case string:
		if !isBool {
			return f.Value.Set(v)
		}
	case bool:
		if isBool {
			return f.Value.Set(fmt.Sprint(v))
		}
	case []any:
		if repeated {
			return setAll(f, v)
		}
	}
	switch {
	case isBool:
		return errors.New("must be true or false")
	case repeated:
		return errors.New("must be an array of strings")
	}
	return errors.New("must be a string")
}

func setAll(f *flag.Flag, values []any) error {
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return errors.New("must be an array of strings")
		}
		if err := f.Value.Set(text); err != nil {
			return err
		}
	}
	return nil
}

// keyLines finds the line of each top-level key of a valid TOML text: the first line of the shortest beginning of the text that
// is valid and has the key.
func keyLines(text string) map[string]int {
	lines := map[string]int{}
	begun, valid := 1, "" // the line after the last valid beginning, and that
	for i, line := range strings.SplitAfter(text, "\n") {
		valid += line
		var values map[string]any
		if _, err := toml.Decode(valid, &values); err != nil {
			continue
		}
		for key := range values {
			if lines[key] == 0 {
				lines[key] = begun
			}
		}
		begun = i + 2
	}
	return lines
}
