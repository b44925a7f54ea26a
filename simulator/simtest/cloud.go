// Package simtest is what tests do with a simulated cloud: it scripts faults,
// records requests, changes the estate behind the client's back, and counts
// what a watcher must publish (Truth). The program itself never imports it.
package simtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"cloudip_exporter/simulator"
)

// maxBody is the largest request that is read.
const maxBody = 12 << 20

// Cloud is a simulated cloud with faults and a record of its requests. It is an
// http.Handler, safe for concurrent use.
type Cloud struct {
	*simulator.Cloud

	faults faults
	log    requestLog
}

// New makes a cloud. The same options make the same estate.
func New(o simulator.Options) *Cloud { return Of(simulator.New(o)) }

// Of adds faults and a record to a cloud that is there.
func Of(c *simulator.Cloud) *Cloud { return &Cloud{Cloud: c} }

// ServeHTTP records the request, and plays the faults that hit it around the
// cloud's own answer.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := c.log.begin(r, c.Now())
	// Read at once: only then does the server notice a client that goes away.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	plan := c.faults.match(r, c.PathOf(r), c.Now())
	status := plan.serve(w, r, func() simulator.Answer {
		a := c.Answer(r)
		c.log.login(entry, a.User, a.Project)
		return a
	})
	c.log.end(entry, status)
}

// huawei reports whether the cloud speaks Huawei Cloud's APIs, as OTC does too.
func (c *Cloud) huawei() bool { return c.Provider() != simulator.OpenStack }

// encode writes JSON with <, > and & as they are, as the real clouds do.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("simtest: own data cannot be encoded: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
