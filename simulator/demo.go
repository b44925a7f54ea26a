package simulator

import (
	"time"

	"cloudip_exporter/simulator/estate"
)

// DemoOptions say how the demo's world runs. The zero value of each is useful.
type DemoOptions struct {
	Seed  uint64
	Start time.Time        // when the world begins; default now
	Speed float64          // world seconds in a second; default 1
	Now   func() time.Time // default time.Now

	// Troubles lets the APIs themselves fail at times: refusals, throttling, an
	// identity service that rejects. Without it only the estates move.
	Troubles bool
}

// NewDemo makes three clouds that move: subnets fill (one to exhaustion within
// an hour), idle ports leak and are reclaimed, servers come and go, an address
// group breaks and recovers, a bare-metal server loses its address and gets it
// back. Everything is periodic, so that alerts fire and resolve.
func NewDemo(d DemoOptions) *All {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Start.IsZero() {
		d.Start = d.Now()
	}
	if d.Speed == 0 {
		d.Speed = 1
	}
	one := func(provider, name, region string) *Cloud {
		c := New(Options{Provider: provider, Name: name, Region: region, Prefix: "/" + provider, Seed: d.Seed, Now: d.Now, Plain: true})
		c.estate = estate.NewDemo(c.opts.shape())
		c.auth = newAuthority(c.opts, c.estate)
		c.world = &world{cloud: c, start: d.Start, speed: d.Speed}
		c.world.cast()
		if d.Troubles {
			c.troubles = troublesOf(c)
		}
		return c
	}
	return &All{
		HuaweiCloud: one(HuaweiCloud, "huawei-eu", "eu-west-101"),
		OTC:         one(OTC, "otc-prod", "eu-de"),
		OpenStack:   one(OpenStack, "openstack-lab", "RegionOne"),
	}
}
