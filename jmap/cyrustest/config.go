package cyrustest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	bin    = "/usr/lib/cyrus/bin/"
	master = bin + "master"
)

// imapdConf is for {dir} and {realm}: JMAP with all that Cyrus has of it, and IMAP, over mail that only this process sees.
// autocreate_quota, in KiB, is what makes an INBOX at the first login.
const imapdConf = `configdirectory: {dir}/lib
proc_path: {dir}/proc
mboxname_lockpath: {dir}/lock
defaultpartition: default
partition-default: {dir}/spool
defaultsearchtier: t1
t1searchpartition-default: {dir}/search
search_engine: xapian
altnamespace: yes
unixhierarchysep: yes
virtdomains: no
defaultdomain: {realm}
autocreate_quota: 10000000
admins: cyrus
httpmodules: jmap
conversations: yes
conversations_db: twoskip
jmap_nonstandard_extensions: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {dir}/sasldb2
sasl_mech_list: PLAIN
allowplaintext: yes
syslog_prefix: dragoman-test
lmtpsocket: {dir}/socket/lmtp
idlesocket: {dir}/socket/idle
notifysocket: {dir}/socket/notify
`

const cyrusConf = `START {
  recover cmd="{bin}ctl_cyrusdb -C {dir}/imapd.conf -r"
  idled cmd="{bin}idled -C {dir}/imapd.conf"
}
SERVICES {
  imap cmd="{bin}imapd -C {dir}/imapd.conf" listen="{imap}" prefork=1 maxchild=100
  http cmd="{bin}httpd -C {dir}/imapd.conf" listen="{http}" prefork=1 maxchild=100
}
`

// configure writes what Cyrus reads, and chooses its ports.
func (s *Server) configure(settings []string) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	s.realm = host
	http, err := freeAddr()
	if err != nil {
		return err
	}
	if s.Addr, err = freeAddr(); err != nil {
		return err
	}
	s.URL = "http://" + http
	fill := strings.NewReplacer("{dir}", s.Dir, "{bin}", bin, "{realm}", host, "{imap}", s.Addr, "{http}", http)
	for _, folder := range []string{"lib", "spool", "search", "proc", "lock", "socket"} {
		if err := os.Mkdir(filepath.Join(s.Dir, folder), 0o755); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{
		"imapd.conf": fill.Replace(withSettings(imapdConf, settings)),
		"cyrus.conf": fill.Replace(cyrusConf),
	} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	// The first password makes the file, which Cyrus must be able to read.
	first := exec.Command("saslpasswd2", "-p", "-c", "-f", filepath.Join(s.Dir, "sasldb2"), "-u", s.realm, "cyrus")
	first.Stdin = strings.NewReader("secret")
	if out, err := first.CombinedOutput(); err != nil {
		return fmt.Errorf("saslpasswd2: %w: %s", err, out)
	}
	if err := os.Chmod(s.Dir, 0o755); err != nil {
		return err
	}
	if out, err := exec.Command("chown", "-R", "cyrus:mail", s.Dir).CombinedOutput(); err != nil {
		return fmt.Errorf("chown: %w: %s", err, out)
	}
	return nil
}

// withSettings replaces lines of the same name: Cyrus refuses a file that says something twice.
func withSettings(conf string, settings []string) string {
	lines := strings.SplitAfter(conf, "\n")
	for _, setting := range settings {
		name, _, _ := strings.Cut(setting, ":")
		for i, line := range lines {
			if strings.HasPrefix(line, name+":") {
				lines[i] = ""
			}
		}
		lines = append(lines, setting+"\n")
	}
	return strings.Join(lines, "")
}

// freeAddr returns an address that was free a moment ago.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
