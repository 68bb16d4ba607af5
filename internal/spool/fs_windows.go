package spool

// syncDir does nothing: Windows has no sync for directories, and NTFS keeps
// names in its journal.
func syncDir(string) error { return nil }
