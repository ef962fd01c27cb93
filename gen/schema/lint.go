package schema

func (s *schema) lint() error { return nil }
