package simulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cloudip_exporter/simulator/estate"
)

// Providers that can be simulated, as written in Options.Provider.
const (
	HuaweiCloud = estate.HuaweiCloud
	OTC         = estate.OTC
	OpenStack   = estate.OpenStack
)

// Options say what is simulated. The zero value of each field is useful.
type Options struct {
	Provider string // HuaweiCloud, OTC or OpenStack (default)
	Name     string // name of the cloud in ConfigYAML; default "sim-" and the provider
	Region   string // default cn-north-4, eu-de, RegionOne
	Prefix   string // path under which the cloud is mounted, such as "/otc"
	Seed     uint64 // same seed, same estate

	// Sizes of the estate: VPC subnets of the region's project, or Neutron
	// subnets of the whole OpenStack, and likewise. They are reached by adding to
	// the odd cases, which are always there unless Plain is set.
	Subnets, Ports, Servers, AddressGroups int

	PublicIPs int // of the region's project, on Huawei Cloud and OTC

	Plain bool    // no odd cases, no further projects: the given sizes exactly
	Skew  float64 // share of the added ports that lie in one network, 0 to 1

	TokenTTL time.Duration    // default 24 h, on OpenStack 1 h
	PageMax  int              // most items of a page; default what the API has (OpenStack: no limit)
	Now      func() time.Time // default time.Now
	Latency  time.Duration    // of every answer other than identity's

	AppCredentialLife time.Duration // how long an application credential's tokens live, if it ends before them

	PortQuota         int  // ports that may exist when one is made by POST; 0 is no limit
	CachePages        bool // keep encoded port pages: for estates that do not change
	IgnoreFields      bool // send ports whole, whatever fields= asks for, as some gateways do
	NoMetadataToken   bool // the metadata service is of the old kind, without PUT token
	NoAgency          bool // the metadata service has no temporary keys to give
	NoQuirkDuplicates bool // leave out the port that shows on two pages
}

// Cloud is one simulated cloud. It is an http.Handler, safe for concurrent use.
type Cloud struct {
	opts   Options
	routes []route
	auth   *authority

	mu     sync.RWMutex // guards estate
	estate *estate.State

	seen     atomic.Uint64 // requests so far
	pages    pageCache
	world    *world // moves the estate; nil when it stands still
	troubles []*trouble
}

// New makes a cloud. The same options make the same estate.
func New(o Options) *Cloud {
	o = withDefaults(o)
	c := &Cloud{opts: o}
	c.estate = estate.New(o.shape())
	c.auth = newAuthority(o, c.estate)
	c.routes = routesOf(o.Provider)
	return c
}

func withDefaults(o Options) Options {
	if o.Provider == "" {
		o.Provider = OpenStack
	}
	if o.Name == "" {
		o.Name = "sim-" + o.Provider
	}
	if o.Region == "" {
		o.Region = map[string]string{HuaweiCloud: "cn-north-4", OTC: "eu-de", OpenStack: "RegionOne"}[o.Provider]
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = 24 * time.Hour
		if o.Provider == OpenStack {
			o.TokenTTL = time.Hour
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func (o Options) shape() estate.Shape {
	return estate.Shape{
		Provider: o.Provider, Region: o.Region, Seed: o.Seed, Plain: o.Plain, Skew: o.Skew,
		Subnets: o.Subnets, Ports: o.Ports, Servers: o.Servers, AddressGroups: o.AddressGroups, PublicIPs: o.PublicIPs,
	}
}

// Provider is the simulated provider.
func (c *Cloud) Provider() string { return c.opts.Provider }

// huawei reports whether the cloud speaks Huawei Cloud's APIs, as OTC does too.
func (c *Cloud) huawei() bool { return c.opts.Provider != OpenStack }

// Answer is an answer before it is sent. Headers may be nil.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte

	// Names of who asked and for which project, once the login was accepted.
	User, Project string
}

// Write sends the whole answer.
func (a Answer) Write(w http.ResponseWriter) {
	reply{status: a.Status, header: a.Header, body: a.Body}.write(w)
}

func (r reply) answer() Answer { return Answer{Status: r.status, Header: r.header, Body: r.body} }

// ServeHTTP answers one request of any service of the cloud.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Read at once: only then does the server notice a client that goes away.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.Answer(r).Write(w)
}

// Answer is the cloud's answer to a request.
func (c *Cloud) Answer(r *http.Request) Answer {
	for _, t := range c.troubles {
		if bad := t.answer(c.PathOf(r), c.opts.Now()); bad != nil {
			return bad.answer()
		}
	}
	k, problem := c.newCall(r)
	if problem != nil {
		return problem.answer()
	}
	if c.opts.Latency > 0 && k.service != "iam" && k.service != "identity" {
		wait(r.Context(), c.opts.Latency)
	}
	if c.world != nil {
		c.world.advance(c.opts.Now())
	}
	done := k.serve()
	a := done.answer()
	if k.who != nil {
		a.User, a.Project = k.who.user.name, projectName(k.who.project)
	}
	return a
}

// PathOf returns the path of a request inside the cloud.
func (c *Cloud) PathOf(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, c.opts.Prefix) }

// Now is the time of the cloud's clock.
func (c *Cloud) Now() time.Time { return c.opts.Now() }

// Read calls f with the estate as it is now. f must not keep or change it.
func (c *Cloud) Read(f func(*estate.State)) {
	if c.world != nil {
		c.world.advance(c.opts.Now())
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	f(c.estate)
}

// Change calls f, which may change the estate.
func (c *Cloud) Change(f func(*estate.State)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c.estate)
}

// wait pauses, or less if the client goes.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
