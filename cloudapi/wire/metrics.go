package wire

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the counters of the requests to clouds. Those of a target stand
// together, so that a scrape of one does not go through those of thousands of others.
type Metrics struct {
	*counted
	left bool // guarded by mu
}

// counted is what all sessions count.
type counted struct {
	mu      sync.Mutex
	targets map[[2]string]*targetMetrics // by cloud and project
	sent    atomic.Int64
}

// Session returns the same metrics for one session with a cloud, which can leave.
func (m *Metrics) Session() *Metrics { return &Metrics{counted: m.counted} }

// Leave ends the counting of a session: a login that goes on would bring back what
// Forget drops, or count for the session that took its place.
func (m *Metrics) Leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = true
}

// Requests is how many requests were sent, every attempt.
func (m *Metrics) Requests() int64 { return m.sent.Load() }

// targetMetrics are the metrics of one target; all carry its labels cloud and project.
type targetMetrics struct {
	requests, retries, throttled, logins, failures *prometheus.CounterVec
	duration                                       *prometheus.HistogramVec
	expiry, rate                                   *prometheus.GaugeVec
}

// durationBuckets are the bounds of cloudip_api_request_duration_seconds, without +Inf.
func durationBuckets() []float64 { return []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30} }

// NewMetrics makes the metrics and registers them.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{counted: &counted{targets: make(map[[2]string]*targetMetrics)}}
	reg.MustRegister(m)
	return m
}

func newTargetMetrics(cloud, project string) *targetMetrics {
	of := prometheus.Labels{"cloud": cloud, "project": project}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: of}, labels)
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: of}, nil)
	}
	return &targetMetrics{
		requests: counter("cloudip_api_requests_total",
			"Requests, every attempt; code is the HTTP status or a class of failure.", "service", "operation", "code"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:                            "cloudip_api_request_duration_seconds",
			Help:                            "Time of one attempt, until its body was read.",
			ConstLabels:                     of,
			Buckets:                         durationBuckets(),
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"service", "operation"}),
		retries: counter("cloudip_api_retries_total",
			"Requests that were tried again.", "service", "reason"),
		throttled: counter("cloudip_api_throttled_total",
			"Answers 429: requests refused for their rate.", "service"),
		logins: counter("cloudip_auth_logins_total",
			"Successful logins and renewals of temporary credentials."),
		failures: counter("cloudip_auth_failures_total",
			"Failed logins and renewals, and signed requests that were refused with 401."),
		expiry: gauge("cloudip_credential_expiry_timestamp_seconds",
			"When the token or temporary credential in use ends; it is renewed before."),
		rate: gauge("cloudip_api_rate_limit",
			"Requests a second that the credential now allows itself: limits.requests_per_second (+Inf for none), less for a time after 429 and 503."),
	}
}

// Describe sends nothing: what there is differs from target to target.
func (t *targetMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the series of the target.
func (t *targetMetrics) Collect(ch chan<- prometheus.Metric) {
	for _, c := range t.vectors() {
		c.Collect(ch)
	}
}

func (t *targetMetrics) vectors() []prometheus.Collector {
	return []prometheus.Collector{t.requests, t.retries, t.throttled, t.logins, t.failures, t.duration, t.expiry, t.rate}
}

// Describe sends nothing, as that of a target.
func (m *Metrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the series of all targets.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	m.mu.Lock()
	targets := slices.Collect(maps.Values(m.targets))
	m.mu.Unlock()
	for _, t := range targets {
		t.Collect(ch)
	}
}

func (m *Metrics) of(cloud, project string) *targetMetrics {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left {
		return newTargetMetrics(cloud, project) // for nobody
	}
	t := m.targets[[2]string{cloud, project}]
	if t == nil {
		t = newTargetMetrics(cloud, project)
		m.targets[[2]string{cloud, project}] = t
	}
	return t
}

// Of gathers the series of one target alone.
func (m *Metrics) Of(cloud, project string) prometheus.Gatherer {
	reg := prometheus.NewRegistry()
	reg.MustRegister(m.of(cloud, project))
	return reg
}

// Forget drops all series of a project that is watched no longer.
func (m *Metrics) Forget(cloud, project string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.targets, [2]string{cloud, project})
}

// Series returns how many series an exposition of all targets has.
func (m *Metrics) Series() int { return series(m) }

// SeriesOf returns how many series an exposition of one target has.
func (m *Metrics) SeriesOf(cloud, project string) int { return series(m.of(cloud, project)) }

func series(of prometheus.Collector) (n int) {
	ch := make(chan prometheus.Metric, 1000)
	go func() {
		defer close(ch)
		of.Collect(ch)
	}()
	for m := range ch {
		n++
		if _, ok := m.(prometheus.Histogram); ok { // its buckets, +Inf, and the sum
			n += len(durationBuckets()) + 2
		}
	}
	return n
}

// Begin makes the series that should exist before anything happened.
func (m *Metrics) Begin(cloud, project string, services ...string) {
	t := m.of(cloud, project)
	t.logins.WithLabelValues()
	t.failures.WithLabelValues()
	for _, service := range services {
		t.throttled.WithLabelValues(service)
	}
}

func (m *Metrics) request(x *Attempt, code string, took time.Duration) {
	t := m.of(x.labels())
	m.sent.Add(1)
	t.requests.WithLabelValues(x.Service, x.Operation, code).Inc()
	t.duration.WithLabelValues(x.Service, x.Operation).Observe(took.Seconds())
	if code == "429" {
		t.throttled.WithLabelValues(x.Service).Inc()
	}
}

// allowed sets the rate that requests are now sent at. A project without name gets
// it by the next request: the first login has yet to name it.
func (m *Metrics) allowed(x *Attempt, perSecond float64) {
	if cloud, project := x.labels(); project != "" {
		m.of(cloud, project).rate.WithLabelValues().Set(perSecond)
	}
}

// Resent counts a request that is sent again with another credential.
func (m *Metrics) Resent(x *Attempt) { m.retry(x, reasonUnauthorized) }

func (m *Metrics) retry(x *Attempt, reason string) {
	m.of(x.labels()).retries.WithLabelValues(x.Service, reason).Inc()
}

// Login counts a login; expires is zero where the cloud reports none.
func (m *Metrics) Login(cloud, project string, expires time.Time) {
	m.of(cloud, project).logins.WithLabelValues().Inc()
	m.Expires(cloud, project, expires)
}

// Expires sets when the credential in use ends; zero is never, or not known.
func (m *Metrics) Expires(cloud, project string, at time.Time) {
	expiry := m.of(cloud, project).expiry
	if at.IsZero() {
		expiry.Reset() // that of a credential before it
		return
	}
	expiry.WithLabelValues().Set(float64(at.Unix()) + float64(at.Nanosecond())/1e9)
}

// LoginFailed counts a failed login, a failed renewal, or a refused signature.
func (m *Metrics) LoginFailed(cloud, project string) {
	m.of(cloud, project).failures.WithLabelValues().Inc()
}
