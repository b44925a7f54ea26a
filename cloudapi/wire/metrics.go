package wire

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters of the requests to clouds. All carry the labels
// cloud and project.
type Metrics struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	retries   *prometheus.CounterVec
	throttled *prometheus.CounterVec
	logins    *prometheus.CounterVec
	failures  *prometheus.CounterVec
	expiry    *prometheus.GaugeVec
	rate      *prometheus.GaugeVec

	series targetSeries
}

// durationBuckets are the bounds of cloudip_api_request_duration_seconds, without +Inf.
func durationBuckets() []float64 { return []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30} }

// NewMetrics makes the metrics and registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append([]string{"cloud", "project"}, labels...))
	}
	m := &Metrics{
		requests: counter("cloudip_api_requests_total",
			"Requests to the cloud's APIs, every attempt; code is the HTTP status or a class of failure.", "service", "operation", "code"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "cloudip_api_request_duration_seconds",
			Help:                            "Time of one attempt of a request to the cloud's APIs, until its body was read.",
			Buckets:                         durationBuckets(),
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"cloud", "project", "service", "operation"}),
		retries: counter("cloudip_api_retries_total",
			"Requests to the cloud's APIs that were tried again, by reason.", "service", "reason"),
		throttled: counter("cloudip_api_throttled_total",
			"Answers 429 of the cloud's APIs: requests refused for their rate.", "service"),
		logins: counter("cloudip_auth_logins_total",
			"Successful logins and renewals of temporary credentials."),
		failures: counter("cloudip_auth_failures_total",
			"Failed logins, failed renewals of temporary credentials, and signed requests that were refused with 401."),
		expiry: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "cloudip_credential_expiry_timestamp_seconds",
			Help: "When the token or the temporary credential in use ends, as the cloud says, in seconds since 1970; it is renewed before.",
		}, []string{"cloud", "project"}),
		rate: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "cloudip_api_rate_limit",
			Help: "Requests a second that the credential now allows itself: limits.requests_per_second (+Inf for none), less after answers 429 and 503, and given back with time.",
		}, []string{"cloud", "project"}),
	}
	reg.MustRegister(m.requests, m.duration, m.retries, m.throttled, m.logins, m.failures, m.expiry, m.rate)
	return m
}

// Forget drops all series of a project that is watched no longer.
func (m *Metrics) Forget(cloud, project string) {
	labels := prometheus.Labels{"cloud": cloud, "project": project}
	m.requests.DeletePartialMatch(labels)
	m.duration.DeletePartialMatch(labels)
	m.retries.DeletePartialMatch(labels)
	m.throttled.DeletePartialMatch(labels)
	m.logins.DeletePartialMatch(labels)
	m.failures.DeletePartialMatch(labels)
	m.expiry.DeletePartialMatch(labels)
	m.rate.DeletePartialMatch(labels)
	m.series.forget(cloud, project)
}

func (m *Metrics) counter(v *prometheus.CounterVec, cloud, project string, more ...string) prometheus.Counter {
	c := v.WithLabelValues(append([]string{cloud, project}, more...)...)
	m.series.add(cloud, project, c)
	return c
}

func (m *Metrics) gauge(v *prometheus.GaugeVec, cloud, project string) prometheus.Gauge {
	g := v.WithLabelValues(cloud, project)
	m.series.add(cloud, project, g)
	return g
}

// Begin makes the series that should exist before anything happened.
func (m *Metrics) Begin(cloud, project string, services ...string) {
	m.counter(m.logins, cloud, project)
	m.counter(m.failures, cloud, project)
	for _, service := range services {
		m.counter(m.throttled, cloud, project, service)
	}
}

func (m *Metrics) request(x *Attempt, code string, took time.Duration) {
	cloud, project := x.labels()
	m.counter(m.requests, cloud, project, x.Service, x.Operation, code).Inc()
	duration := m.duration.WithLabelValues(cloud, project, x.Service, x.Operation)
	duration.Observe(took.Seconds())
	m.series.add(cloud, project, duration.(prometheus.Metric))
	if code == "429" {
		m.counter(m.throttled, cloud, project, x.Service).Inc()
	}
}

// allowed sets the rate that requests are now sent at. A project without name gets
// it by the next request: the first login has yet to name it.
func (m *Metrics) allowed(x *Attempt, perSecond float64) {
	cloud, project := x.labels()
	if project == "" {
		return
	}
	m.gauge(m.rate, cloud, project).Set(perSecond)
}

// Resent counts a request that is sent again with another credential.
func (m *Metrics) Resent(x *Attempt) { m.retry(x, reasonUnauthorized) }

func (m *Metrics) retry(x *Attempt, reason string) {
	cloud, project := x.labels()
	m.counter(m.retries, cloud, project, x.Service, reason).Inc()
}

// Login counts a login; expires is zero where the cloud reports none.
func (m *Metrics) Login(cloud, project string, expires time.Time) {
	m.counter(m.logins, cloud, project).Inc()
	m.Expires(cloud, project, expires)
}

// Expires sets when the credential in use ends; zero is not known.
func (m *Metrics) Expires(cloud, project string, at time.Time) {
	if at.IsZero() {
		return
	}
	m.gauge(m.expiry, cloud, project).Set(float64(at.Unix()) + float64(at.Nanosecond())/1e9)
}

// LoginFailed counts a failed login, a failed renewal, or a refused signature.
func (m *Metrics) LoginFailed(cloud, project string) {
	m.counter(m.failures, cloud, project).Inc()
}
