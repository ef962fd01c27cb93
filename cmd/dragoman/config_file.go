package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

const maxConfig = 1 << 20

// readConfig sets the flags that a TOML file names and the command line does not, and returns the backends that it has tables of.
func readConfig(path string, flags *flag.FlagSet) ([]*backendTable, error) {
	file, err := parseConfig(path)
	if err != nil {
		return nil, err
	}
	given := map[string]bool{"config": true}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var tables []*backendTable
	for _, key := range file.keys() {
		f := flags.Lookup(cmp.Or(configAliases[key], key))
		switch {
		case key == "backend":
			if tables, err = file.backends(); err != nil {
				return nil, err
			}
		case f == nil:
			err = errors.New("no such option")
		case key == "config":
			err = errors.New("not allowed in the file itself")
		case given[f.Name]:
			continue
		default:
			err = setFlag(f, file.values[key])
		}
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", file.at(key), key, err)
		}
	}
	return tables, nil
}

// configAliases are other names of options: what may be repeated reads better in the plural.
var configAliases = map[string]string{"jmap-urls": "jmap-url"}

// configFile is a TOML file.
type configFile struct {
	path   string
	values map[string]any
	lines  map[string]int
}

func parseConfig(path string) (*configFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(text) > maxConfig {
		return nil, fmt.Errorf("%s: longer than %d octets", path, maxConfig)
	}
	file := &configFile{path: path}
	if _, err := toml.Decode(string(text), &file.values); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("%s:%d: %s", path, syntax.Position.Line, syntax.Message)
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file.lines = keyLines(string(text))
	return file, nil
}

// keys returns the top-level keys in the order of the file, so that the first mistake is named first.
func (c *configFile) keys() []string {
	return slices.SortedFunc(maps.Keys(c.values), func(a, b string) int { return c.lines[a] - c.lines[b] })
}

// at says where a key stands.
func (c *configFile) at(key string) string { return fmt.Sprintf("%s:%d: ", c.path, c.lines[key]) }

// backends reads the [[backend]] tables.
func (c *configFile) backends() ([]*backendTable, error) {
	values, ok := c.values["backend"].([]map[string]any)
	if !ok {
		return nil, fmt.Errorf("%sbackend: must be tables, each with [[backend]] above it", c.at("backend"))
	}
	var tables []*backendTable
	for i, table := range values {
		read, err := newBackendTable(table, func(key string) string {
			at := fmt.Sprintf("backend.%d", i)
			if within := at + "." + key; c.lines[within] != 0 {
				at = within
			}
			return c.at(at)
		})
		if err != nil {
			return nil, err
		}
		tables = append(tables, read)
	}
	return tables, checkTables(tables)
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

// keyLines finds the line of each key of a valid TOML text, by its path: "data", "backend.0", "backend.0.name". It is the first line of
// what makes the shortest beginning of the text that is valid and has the key.
func keyLines(text string) map[string]int {
	lines := map[string]int{}
	begun, valid := 1, "" // the line after the last valid beginning, and that
	for i, line := range strings.SplitAfter(text, "\n") {
		valid += line
		var values map[string]any
		if _, err := toml.Decode(valid, &values); err != nil {
			continue
		}
		for _, path := range pathsOf("", values) {
			if lines[path] == 0 {
				lines[path] = begun
			}
		}
		begun = i + 2
	}
	return lines
}

// pathsOf lists the paths of all keys below a value.
func pathsOf(prefix string, value any) (paths []string) {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			path := prefix + key
			paths = append(append(paths, path), pathsOf(path+".", below)...)
		}
	case []map[string]any:
		for i, below := range v {
			path := prefix + strconv.Itoa(i)
			paths = append(append(paths, path), pathsOf(path+".", below)...)
		}
	}
	return paths
}
