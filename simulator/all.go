package simulator

import (
	"net/http"
	"strings"
)

// All is one cloud of each provider under path prefixes: /huaweicloud, /otc
// and /openstack. It is an http.Handler.
type All struct {
	HuaweiCloud, OTC, OpenStack *Cloud
}

// NewAll makes the three with the same options; Provider, Name, Region and
// Prefix of the options do not count.
func NewAll(o Options) *All {
	one := func(provider string) *Cloud {
		own := o
		own.Provider, own.Name, own.Region, own.Prefix = provider, "", "", "/"+provider
		return New(own)
	}
	return &All{HuaweiCloud: one(HuaweiCloud), OTC: one(OTC), OpenStack: one(OpenStack)}
}

// Clouds are the three, in a fixed order.
func (a *All) Clouds() []*Cloud { return []*Cloud{a.HuaweiCloud, a.OTC, a.OpenStack} }

// ServeHTTP hands the request to the cloud of its prefix.
func (a *All) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c := a.CloudOf(r); c != nil {
		c.ServeHTTP(w, r)
		return
	}
	http.Error(w, "simulated clouds: /huaweicloud, /otc, /openstack", http.StatusNotFound)
}

// CloudOf returns the cloud that a request is for, nil for none. The metadata
// service's own paths reach the first.
func (a *All) CloudOf(r *http.Request) *Cloud {
	if strings.HasPrefix(r.URL.Path, "/openstack/latest/") || strings.HasPrefix(r.URL.Path, "/meta-data/") {
		return a.HuaweiCloud
	}
	for _, c := range a.Clouds() {
		if r.URL.Path == c.opts.Prefix || strings.HasPrefix(r.URL.Path, c.opts.Prefix+"/") {
			return c
		}
	}
	return nil
}

// ConfigYAML is a whole configuration for the exporter that watches all three:
// by access key on Huawei Cloud, by password on the others.
func (a *All) ConfigYAML(base string) string {
	return "clouds:\n" + a.HuaweiCloud.ConfigYAML(base, "access_key") + a.OTC.ConfigYAML(base, "password") + a.OpenStack.ConfigYAML(base, "password")
}
