package jmap

import (
	"net/http"
	"net/url"
	"sync/atomic"
)

// Client talks to one JMAP server for any number of users, over one pool of connections.
type Client struct {
	config    Config
	addresses []address
	services  services
	preferred atomic.Pointer[url.URL] // the endpoint that worked last, nil before
	breakers  breakers
	http      *http.Client
	gates     gates
	push      serverHealth
}

// New checks the configuration; it does not touch the network.
func New(config Config) (*Client, error) {
	addresses, err := config.addresses()
	if err != nil {
		return nil, err
	}
	config.applyDefaults()
	return &Client{
		config:    config,
		addresses: addresses,
		http: &http.Client{
			Transport:     config.HTTPTransport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }
