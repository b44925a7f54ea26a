package collector

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/config"
	"cloudip_exporter/provider"
	"cloudip_exporter/storage"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/golden"
)

// doc is what docs/metrics.md shows of a metric.
type doc struct {
	name, help string
	labels     []string // but cloud and project
	histogram  bool
}

// docsOf describes rows.
func docsOf(metrics ...Metric) (docs []doc) {
	for _, m := range metrics {
		labels := slices.Clone(m.Labels)
		if m.Tags {
			labels = append(labels, "tag_NAME")
		}
		docs = append(docs, doc{name: m.Name, help: m.Help, labels: labels})
	}
	return docs
}

// docsOfCollecting describes the metrics about the collecting itself.
func docsOfCollecting() []doc { return docsOf(append(statusMetrics(), droppedMetric())...) }

// TestRowsAreThoseOfTheContract holds names and labels in a file: they are a
// promise to dashboards and alerts. A changed line of it breaks users.
func TestRowsAreThoseOfTheContract(t *testing.T) {
	var got strings.Builder
	list := func(owner string, docs []doc) {
		for _, d := range docs {
			fmt.Fprintln(&got, owner, d.name, strings.Join(d.labels, " "))
		}
	}
	for _, c := range All() {
		list(c.Name, docsOf(c.Metrics...))
	}
	list("-", docsOfCollecting())
	golden.Check(t, "testdata/rows.txt", got.String())
}

func TestHelpIsASentence(t *testing.T) {
	all := append(allMetrics(config.Series{}), droppedMetric())
	for _, c := range All() {
		all = append(all, Metric{Name: c.Name, Help: c.Help})
	}
	for _, m := range all {
		if !strings.HasSuffix(m.Help, ".") || strings.ToUpper(m.Help[:1]) != m.Help[:1] || strings.Contains(m.Help, "\n") {
			t.Errorf("%s: help %q is no sentence", m.Name, m.Help)
		}
	}
}

func providersOf(c *Collector) []string {
	return provider.NamesWith(func(p *provider.Provider) bool { return p.Has(c.Needs...) })
}

func TestDocumentationListsEveryMetric(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(docsIntro)
	for _, c := range All() {
		fmt.Fprintf(&b, "\n## Collector `%s`\n\n%s", c.Name, c.Help)
		have := providersOf(&c)
		if len(have) == 0 {
			t.Errorf("no provider has what %s needs: %v", c.Name, c.Needs)
		}
		if len(have) < len(provider.All()) {
			fmt.Fprintf(&b, " Providers: %s.", strings.Join(have, ", "))
		}
		b.WriteString("\n\n")
		list(&b, docsOf(c.Metrics...))
	}
	b.WriteString("\n## About collecting\n\n")
	list(&b, docsOfCollecting())
	b.WriteString("\n## Requests to the clouds\n\n")
	list(&b, requestDocs(t))
	b.WriteString("\n## The program itself\n\n")
	list(&b, programDocs(t))
	b.WriteString(strings.Replace(docsEnd, "GIVENUP", "`"+strings.Join(perItem(), "`, `")+"`", 1))
	golden.Check(t, "../docs/metrics.md", b.String())
}

func list(b *bytes.Buffer, docs []doc) {
	for _, d := range docs {
		kind, labels := "", ""
		if d.histogram {
			kind = " (histogram)"
		}
		if len(d.labels) > 0 {
			labels = "{" + strings.Join(d.labels, ",") + "}"
		}
		fmt.Fprintf(b, "- `%s%s`%s: %s\n", d.name, labels, kind, d.help)
	}
}

// described returns what descriptions say of metrics. Those of durations are histograms.
func described(t *testing.T, describe func(chan<- *prometheus.Desc)) (docs []doc) {
	t.Helper()
	form := regexp.MustCompile(`fqName: "([^"]*)", help: "([^"]*)", .*variableLabels: \{([^}]*)\}`)
	descs := make(chan *prometheus.Desc, 20)
	describe(descs)
	close(descs)
	for desc := range descs {
		parts := form.FindStringSubmatch(desc.String())
		if parts == nil {
			t.Fatal("a metric cannot be described")
		}
		labels := strings.FieldsFunc(parts[3], func(r rune) bool { return r == ',' })
		docs = append(docs, doc{parts[1], parts[2], labels, strings.HasSuffix(parts[1], "_duration_seconds")})
	}
	return docs
}

// emptyCloud answers nothing, and its credential sends each request as if for the second time.
type emptyCloud struct{ *wire.Metrics }

func (c emptyCloud) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
}

func (c emptyCloud) Send(req *http.Request, next http.RoundTripper) (*http.Response, error) {
	c.Resent(wire.AttemptOf(req))
	return next.RoundTrip(req)
}

// requestDocs describes the metrics of a login and of a request.
func requestDocs(t *testing.T) []doc {
	cloud := emptyCloud{wire.NewMetrics(prometheus.NewRegistry())}
	cloud.Begin("c", "p", "vpc")
	cloud.Login("c", "p", time.Now())
	client := wire.Client{
		Service: "vpc", Base: &url.URL{Scheme: "https", Host: "vpc.test"}, Labels: func() (string, string) { return "c", "p" },
		HTTP: wire.NewTransport(cloud, time.Minute, new(wire.Limiters).Join("", config.Limits{}), cloud.Metrics).With(cloud),
	}
	check.OK(t, client.Read(t.Context(), wire.Call{Operation: "list_ports", Path: "/"}, func(io.Reader) error { return nil }))
	return described(t, func(descs chan<- *prometheus.Desc) { prometheus.DescribeByCollect(cloud, descs) })
}

func programDocs(t *testing.T) []doc {
	s := storage.Open(storage.Options{Memory: true}, slog.New(slog.DiscardHandler))
	defer s.Close(t.Context())
	docs := described(t, s.Describe)
	return append(docs, []doc{
		{name: "cloudip_config_last_reload_successful", help: "Whether the last attempt to read the configuration succeeded (1)."},
		{name: "cloudip_config_last_reload_success_timestamp_seconds", help: "When the configuration in force was read."},
		{name: "cloudip_build_info", labels: []string{"version", "revision", "branch", "build_date", "goversion", "goos", "goarch", "tags"}, help: "A metric with a constant '1' value labeled by version, revision, branch, goversion from which cloudip was built, and the goos and goarch for the build."},
		{name: "go_*, process_*, promhttp_*", help: "The Go runtime, the process and the metrics handler; not on `/probe`."},
	}...)
}

const docsIntro = `# Metrics

<!-- Generated from package collector. -->

Every series of a cloud has the labels ` + "`cloud` and `project`" + ` as well. All metrics are gauges but counters (` + "`_total`" + `) and histograms; times are in
seconds since 1970. Series carry ids. Names stand on ` + "`_info`" + ` series, whose value is 1; join them:

` + "```promql" + `
cloudip_subnet_addresses_used
  * on (cloud, project, subnet_id, ip_version) group_left (subnet_name, vpc_name) cloudip_subnet_info
` + "```" + `

` + "`subnet_id`" + ` is the id by which the cloud's console calls the subnet. ` + "`ip_version`" + ` is "4" or "6"; never add up the two. [counting.md](counting.md) says
what used, capacity and free mean, and lists the holders.
`

const docsEnd = `
## When there are too many series

Beyond ` + "`series.limit`" + ` series of ` + "`cloudip_*`" + ` in one response, whole families are left out in this order: GIVENUP,
then whole subnets: those without capacity, then the least used. Everything else always stays.
`
