package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"

	"github.com/dragoman-mail/dragoman/jmap"
)

// remote says which JMAP server elsewhere is meant and how to talk to it.
type remote struct {
	urls             list // the endpoints of the server, the preferred one first
	trusted          list
	sameOrigin       bool
	ca               string // PEM files
	certificate, key string

	// where names an option for errors; nil means by its dashes. A table in the configuration file has other names for them.
	where func(option string) string
}

// flags adds the options but --jmap-url, whose text depends on the command.
func (r *remote) flags(flags *flag.FlagSet) {
	flags.Var(&r.trusted, "trusted-host", "further `HOST` that may see passwords, when the JMAP server's URLs or SRV records lead there; may be repeated")
	flags.BoolVar(&r.sameOrigin, "same-origin", false, "for a JMAP server that does not know its public name: keep to the host of --jmap-url")
	flags.StringVar(&r.ca, "jmap-ca", "", "PEM `FILE` with the authorities that sign the JMAP server's certificate, in place of the system's")
	flags.StringVar(&r.certificate, "jmap-cert", "", "PEM `FILE` with a client certificate to show to the JMAP server")
	flags.StringVar(&r.key, "jmap-key", "", "PEM `FILE` with the key of the client certificate")
}

// first is the endpoint that stands for the server.
func (r *remote) first() string {
	if len(r.urls.values) == 0 {
		return ""
	}
	return r.urls.values[0]
}

// orphan returns an option that was given although there is no server for it to be about.
func (r *remote) orphan() string {
	for option, given := range map[string]bool{
		"--trusted-host": len(r.trusted.values) > 0, "--same-origin": r.sameOrigin,
		"--jmap-ca": r.ca != "", "--jmap-cert": r.certificate != "", "--jmap-key": r.key != "",
	} {
		if given && len(r.urls.values) == 0 {
			return option
		}
	}
	return ""
}

// config reads the files. agent is the name by which the program calls itself.
func (r *remote) config(agent string) (jmap.Config, error) {
	files, err := r.tls()
	return jmap.Config{
		URLs: r.urls.values, TrustedHosts: r.trusted.values, SameOrigin: r.sameOrigin, TLS: files,
		UserAgent: agent + "/" + version(),
	}, err
}

// client is config's client.
func (r *remote) client(agent string) (*jmap.Client, error) {
	config, err := r.config(agent)
	if err != nil {
		return nil, err
	}
	client, err := jmap.New(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.at("jmap-url"), err)
	}
	return client, nil
}

func (r *remote) at(option string) string {
	if r.where == nil {
		return "--" + option
	}
	return r.where(option)
}

func (r *remote) tls() (*tls.Config, error) {
	config := &tls.Config{}
	if r.ca != "" {
		text, err := os.ReadFile(r.ca)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.at("jmap-ca"), err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s: %s: no certificate in it", r.at("jmap-ca"), r.ca)
		}
	}
	switch {
	case r.certificate == "" && r.key == "":
		return config, nil
	case r.key == "":
		return nil, fmt.Errorf("%s: it needs a key too", r.at("jmap-cert"))
	case r.certificate == "":
		return nil, fmt.Errorf("%s: it needs a certificate too", r.at("jmap-key"))
	}
	certificate, err := r.loadCertificate()
	if err != nil {
		return nil, err
	}
	config.Certificates = []tls.Certificate{certificate}
	return config, nil
}

// loadCertificate reads the files one by one, so that the one that is bad can be named.
func (r *remote) loadCertificate() (tls.Certificate, error) {
	certificate, err := os.ReadFile(r.certificate)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", r.at("jmap-cert"), err)
	}
	key, err := os.ReadFile(r.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", r.at("jmap-key"), err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %s with key %s: %w", r.at("jmap-cert"), r.certificate, r.key, err)
	}
	return pair, nil
}
