package config

import (
	"slices"
	"strings"
)

// traits is what the configuration must know of a provider.
type traits struct {
	collectors []string // in their fixed order
	endpoints  []string
	auths      []string
	ports      []string // APIs that serve ports, the default first
	servers    []string // APIs that serve servers, the default first
	watched    string   // default of "servers"
	pageSize   int
	regional   bool // endpoints and the default project follow from the region
}

func allCollectors() []string {
	return []string{"subnets", "ports", "servers", "address_groups", "private_ips", "quotas"}
}

// traitsOf returns the traits of a provider, false when it is not known.
func traitsOf(provider string) (traits, bool) {
	huawei := traits{
		collectors: allCollectors(),
		endpoints:  []string{"vpc", "compute", "bms", "workspace"},
		auths:      []string{AccessKey, Password, ApplicationCredential, InstanceMetadata, CloudsYAML, Env},
		ports:      []string{"vpc", "neutron", "workspace"},
		servers:    []string{"nova", "bms"},
		watched:    "baremetal",
		pageSize:   2000,
		regional:   true,
	}
	switch provider {
	case HuaweiCloud:
		return huawei, true
	case OTC:
		otc := huawei
		otc.ports = []string{"neutron", "vpc", "workspace"}
		return otc, true
	case OpenStack:
		return traits{
			collectors: slices.DeleteFunc(allCollectors(), func(c string) bool { return c == "private_ips" }),
			endpoints:  []string{"network", "compute"},
			auths:      []string{Password, ApplicationCredential, CloudsYAML, Env},
			ports:      []string{"neutron"},
			servers:    []string{"nova"},
			watched:    "all",
			pageSize:   1000,
		}, true
	}
	return traits{}, false
}

// Collectors are the names of all collectors that a provider has, in their
// fixed order; none of an unknown provider.
func Collectors(provider string) []string {
	t, _ := traitsOf(provider)
	return t.collectors
}

// DefaultAuthURL is the identity endpoint of a region on Huawei Cloud and OTC;
// "" where there is no pattern, as on OpenStack.
func DefaultAuthURL(provider, region string) string {
	switch {
	case region == "":
		return ""
	case provider == OTC && strings.HasPrefix(region, "eu-ch"):
		return "https://iam-pub." + region + ".sc.otc.t-systems.com/v3"
	case provider == OTC:
		return "https://iam." + region + ".otc.t-systems.com/v3"
	case provider == HuaweiCloud && strings.HasPrefix(region, "eu-west-1"):
		return "https://iam." + region + ".myhuaweicloud.eu/v3"
	case provider == HuaweiCloud:
		return "https://iam." + region + ".myhuaweicloud.com/v3"
	}
	return ""
}
