// Command dragoman is an IMAP server in front of a JMAP server, and the tools around it.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
