package server_test

var applications = map[string]func(args []string) int{}
