package config

// intakeKeys are those of what is on its way into the database, and of what is
// let in at once.
func intakeKeys() []key {
	return []key{
		{name: "queue.capacity", initial: 100_000,
			allowed: "1000 to 10000000 samples",
			set:     func(s *Settings, v any) error { return integer(&s.Queue.Capacity, v, 1000, 10_000_000) }},
		{name: "spool.path", initial: "",
			allowed: "an absolute path of a folder; empty = one of its own for each database",
			set:     func(s *Settings, v any) error { return folder(&s.Spool.Path, v) }},
		{name: "spool.max_bytes", initial: "1GiB",
			allowed: "a size such as 1GiB or 500MB, at least 1MiB; 0 = no spool",
			set:     func(s *Settings, v any) error { return size(&s.Spool.MaxBytes, v, leastSpool) }},
		{name: "ack", initial: AckAuto,
			allowed: "auto, disk or db",
			set:     func(s *Settings, v any) error { return oneOf(&s.Ack, v, AckAuto, AckDisk, AckDB) }},
		{name: "limits.connections", initial: 10_000,
			allowed: "16 to 1000000",
			set:     func(s *Settings, v any) error { return integer(&s.Limits.Connections, v, 16, 1_000_000) }},
		{name: "limits.questions", initial: 8,
			allowed: "1 to 1000",
			set:     func(s *Settings, v any) error { return integer(&s.Limits.Questions, v, 1, 1000) }},
	}
}

// leastSpool is the smallest spool that is one: a few posts of the largest size.
const leastSpool = 1 << 20
