package server

import "github.com/prometheus/client_golang/prometheus"

// metrics are the server's counters. No label holds what a client chose.
type metrics struct {
	commands    *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	requests    *prometheus.CounterVec
	connections prometheus.Gauge
	accepted    prometheus.Counter
	idling      prometheus.Gauge
	logins      *prometheus.CounterVec
	panics      prometheus.Counter
	octets      prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dragoman_imap_commands_total", Help: "IMAP commands answered."}, []string{"command", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dragoman_imap_command_seconds", Help: "Time from the first octet of a command to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9)}, []string{"command"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dragoman_jmap_requests_total", Help: "JMAP requests that IMAP commands caused."}, []string{"kind", "result"}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "dragoman_imap_connections", Help: "Connections of IMAP clients."}),
		accepted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dragoman_imap_connections_total", Help: "Connections accepted from IMAP clients."}),
		idling: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "dragoman_imap_idling", Help: "Sessions in IDLE."}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dragoman_imap_logins_total", Help: "Logins tried."}, []string{"result"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dragoman_imap_panics_total", Help: "Commands that ended in a panic. Each is a bug."}),
		octets: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dragoman_imap_sent_bytes_total", Help: "Octets sent to IMAP clients whose connection has ended."}),
	}
	if registerer == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.commands, m.seconds, m.requests, m.connections, m.accepted, m.idling, m.logins, m.panics, m.octets,
	} {
		if err := registerer.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) opened() {
	m.accepted.Inc()
	m.connections.Inc()
}

func (m *metrics) closed()             { m.connections.Dec() }
func (m *metrics) panicked()           { m.panics.Inc() }
func (m *metrics) wrote(n int64)       { m.octets.Add(float64(n)) }
func (m *metrics) login(result string) { m.logins.WithLabelValues(result).Inc() }

func (m *metrics) command(seen Observation) {
	name := seen.Command
	if name == "" {
		name = "unreadable"
	}
	m.commands.WithLabelValues(name, seen.Result).Inc()
	m.seconds.WithLabelValues(name).Observe(seen.Duration.Seconds())
	for _, exchange := range seen.Exchanges {
		result := "ok"
		if exchange.Err != nil {
			result = "failed"
		}
		m.requests.WithLabelValues(exchange.Kind.String(), result).Inc()
	}
}
