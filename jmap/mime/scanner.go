package mime

import "bytes"

const (
	defaultType = "text/plain"
	digestType  = "message/rfc822"
)

// scanner walks once over the octets. The boundaries of all multiparts around the
// current position are on its stack, so that a part also ends where an outer
// multipart goes on: a missing end mark costs nothing and nothing is read twice.
type scanner struct {
	data   []byte
	pos    int
	stack  [][]byte
	hit    delimiter
	parts  int
	capped bool
}

// delimiter is the boundary line that ended the last part; its level is the index
// of the boundary on the stack, or -1 at the end of the octets.
type delimiter struct {
	level   int
	closing bool
	start   int
}

// entity reads a header and a body, up to the next delimiter of any level.
func (s *scanner) entity(parent *Part, fallback string, depth int) *Part {
	s.parts++
	p := &Part{data: s.data, Parent: parent}
	var ended bool
	p.Header, ended = s.header()
	p.describe(fallback)
	p.Body.Start = p.Header.End
	switch {
	case ended:
	case p.Type == "multipart":
		s.container(p, depth, s.multipart)
	case p.isEmbedded():
		s.container(p, depth, s.message)
	default:
		s.seek()
	}
	if s.hit.level >= 0 && s.hit.start == p.Header.End {
		s.empty(p)
	}
	p.Body.End = max(s.partEnd(), p.lastOctet())
	return p
}

// empty makes p a part without a body, whose header runs up to the delimiter: the line
// break before that, even if it is the blank line, belongs to the delimiter (RFC 2046
// section 5.1.1).
func (s *scanner) empty(p *Part) {
	end := max(p.Header.Start, s.partEnd())
	p.Header.End, p.Body.Start = end, end
	switch {
	case p.Type == "multipart":
		p.Children = nil
		p.adopt(s.bare(end, end))
	case p.isEmbedded():
		p.Message = s.bare(end, end)
		p.Message.Parent, p.Message.Number = p, 1
	}
}

// container reads the children of p, unless it is nested too deep.
func (s *scanner) container(p *Part, depth int, read func(*Part, int)) {
	if depth >= MaxDepth || s.parts >= MaxParts {
		s.capped = true
		p.Type, p.Subtype, p.Params = "application", "octet-stream", nil
		s.seek()
		return
	}
	read(p, depth)
}

func (s *scanner) message(p *Part, depth int) {
	p.Message = s.entity(p, defaultType, depth+1)
	p.Message.Number = 1
}

// multipart reads the parts of p. A multipart without parts gets one, so that it
// can be shown in IMAP's grammar, which has no empty multipart: all its text if
// there was no boundary line at all, else an empty one.
func (s *scanner) multipart(p *Part, depth int) {
	boundary, _ := p.Params.Get("boundary")
	level := len(s.stack)
	s.stack = append(s.stack, []byte(boundary))
	s.seek()
	found := s.hit.level == level
	for s.hit.level == level && !s.hit.closing {
		if s.parts >= MaxParts {
			s.capped = true
			s.stack = s.stack[:level]
			p.adopt(s.opaque())
			return
		}
		p.adopt(s.entity(p, p.childType(), depth+1))
	}
	s.stack = s.stack[:level]
	if s.hit.level == level {
		s.seek()
	}
	if len(p.Children) > 0 {
		return
	}
	end := p.Body.Start
	if !found {
		end = max(s.partEnd(), end)
	}
	p.adopt(s.bare(p.Body.Start, end))
}

// bare makes a part of plain text that has no header.
func (s *scanner) bare(start, end int) *Part {
	s.parts++
	return &Part{
		data: s.data, Header: Span{start, start}, Body: Span{start, end},
		Type: "text", Subtype: "plain", Encoding: "7bit",
	}
}

// opaque reads a part without looking for a header in it.
func (s *scanner) opaque() *Part {
	p := &Part{data: s.data, Type: "application", Subtype: "octet-stream", Encoding: "8bit"}
	p.Header = Span{s.pos, s.pos}
	s.seek()
	p.Body = Span{p.Header.End, max(s.partEnd(), p.Header.End)}
	return p
}

// header reads up to the blank line, which is part of the header. A block in which
// no line is a field is no header but the beginning of a body. ended says that a
// delimiter came before the blank line, so that there is no body.
func (s *scanner) header() (span Span, ended bool) {
	start, fields := s.pos, false
	for s.pos < len(s.data) {
		end := lineEnd(s.data, s.pos)
		line := s.data[s.pos:end]
		if isBlankLine(line) {
			if !fields && s.pos > start {
				s.pos = start
				return Span{start, start}, false
			}
			s.pos = end
			return Span{start, end}, false
		}
		if level, closing := s.match(s.pos); level >= 0 {
			if !fields {
				s.pos = start
				return Span{start, start}, false
			}
			s.hit = delimiter{level, closing, s.pos}
			s.pos = end
			return Span{start, s.hit.start}, true
		}
		fields = fields || fieldName(line) >= 0
		s.pos = end
	}
	if !fields {
		s.pos = start
		return Span{start, start}, false
	}
	return Span{start, s.pos}, false
}

// seek moves behind the next delimiter line; pos must be at the start of a line.
func (s *scanner) seek() {
	for len(s.stack) > 0 && s.pos < len(s.data) {
		if level, closing := s.match(s.pos); level >= 0 {
			s.hit = delimiter{level, closing, s.pos}
			s.pos = lineEnd(s.data, s.pos)
			return
		}
		i := bytes.Index(s.data[s.pos:], []byte("\n--"))
		if i < 0 {
			break
		}
		s.pos += i + 1
	}
	s.pos = len(s.data)
	s.hit = delimiter{level: -1}
}

// match looks for a delimiter at the start of a line. The longest boundary wins,
// as one boundary may begin with another; text behind it does not matter (RFC 2046
// section 5.1.1).
func (s *scanner) match(pos int) (level int, closing bool) {
	if !bytes.HasPrefix(s.data[pos:], []byte("--")) {
		return -1, false
	}
	line := s.data[pos+2:]
	level = -1
	for i := len(s.stack) - 1; i >= 0; i-- {
		longer := level < 0 || len(s.stack[i]) > len(s.stack[level])
		if longer && bytes.HasPrefix(line, s.stack[i]) {
			level = i
		}
	}
	if level < 0 {
		return -1, false
	}
	return level, bytes.HasPrefix(line[len(s.stack[level]):], []byte("--"))
}

// partEnd is where the part before the last delimiter ends: the line break before
// the delimiter belongs to the delimiter.
func (s *scanner) partEnd() int {
	if s.hit.level < 0 {
		return len(s.data)
	}
	return s.hit.start - eolLen(s.data[:s.hit.start])
}
