// Package clients tests the program as its users meet it: the built binary,
// real mail clients (Python's imaplib, mbsync), kill -9 and bad input. It holds
// tests only.
package clients
