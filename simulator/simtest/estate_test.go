package simtest

import "cloudip_exporter/simulator/estate"

// estate is the estate as it is now; tests that change it do so alone.
func (c *Cloud) estate() (now *estate.State) {
	c.Read(func(e *estate.State) { now = e })
	return now
}
