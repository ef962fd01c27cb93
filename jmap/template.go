package jmap

import (
	"fmt"
	"strings"
)

// expand replaces each {name} of a URI template of level 1 (RFC 6570 section 3.2.2) with the percent-encoded value of
// the variable. A variable that is not in vars expands to nothing; names are compared without regard to case, because
// Apache James writes {closeAfter}.
func expand(template string, vars map[string]string) (string, error) {
	var out strings.Builder
	for {
		open := strings.IndexByte(template, '{')
		if open < 0 {
			out.WriteString(template)
			return out.String(), nil
		}
		end := strings.IndexByte(template[open:], '}')
		if end < 0 {
			return "", fmt.Errorf("expanding URI template: no } after %q", template[open:])
		}
		name := template[open+1 : open+end]
		if !variableName(name) {
			return "", fmt.Errorf("expanding URI template: {%s} is not a level 1 expression", name)
		}
		out.WriteString(template[:open])
		encode(&out, variable(vars, name))
		template = template[open+end+1:]
	}
}

func variable(vars map[string]string, name string) string {
	if value, ok := vars[name]; ok {
		return value
	}
	for key, value := range vars {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

func variableName(name string) bool {
	for i := 0; i < len(name); i++ {
		if !unreserved(name[i]) && name[i] != '%' {
			return false
		}
	}
	return name != ""
}

// encode keeps the unreserved characters of RFC 3986 section 2.3 and percent-encodes every other octet.
func encode(out *strings.Builder, value string) {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(value); i++ {
		if c := value[i]; unreserved(c) {
			out.WriteByte(c)
		} else {
			out.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
