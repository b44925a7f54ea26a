package provider

import (
	"fmt"
	"slices"
	"testing"

	"cloudip_exporter/test/check"
)

func TestAddressesFollowFromTheRegion(t *testing.T) {
	for _, test := range []struct{ provider, region, service, want string }{
		{"huaweicloud", "cn-north-4", "vpc", "https://vpc.cn-north-4.myhuaweicloud.com"},
		{"huaweicloud", "cn-north-4", "compute", "https://ecs.cn-north-4.myhuaweicloud.com"},
		{"huaweicloud", "cn-north-4", "bms", "https://bms.cn-north-4.myhuaweicloud.com"},
		{"huaweicloud", "cn-north-4", "workspace", "https://workspace.cn-north-4.myhuaweicloud.com"},
		{"huaweicloud", "eu-west-101", "iam", "https://iam.eu-west-101.myhuaweicloud.eu"},
		{"huaweicloud", "eu-west-0", "iam", "https://iam.eu-west-0.myhuaweicloud.com"},
		{"huaweicloud", "evil.example/", "vpc", ""},
		{"huaweicloud", "", "iam", ""},
		{"otc", "eu-de", "iam", "https://iam.eu-de.otc.t-systems.com"},
		{"otc", "eu-nl", "vpc", "https://vpc.eu-nl.otc.t-systems.com"},
		{"otc", "eu-de", "bms", "https://bms.eu-de.otc.t-systems.com"},
		{"otc", "eu-de", "workspace", ""},
		{"otc", "eu-ch2", "iam", "https://iam-pub.eu-ch2.sc.otc.t-systems.com"},
		{"otc", "eu-ch2", "vpc", "https://vpc.eu-ch2.sc.otc.t-systems.com"},
		{"openstack", "RegionOne", "network", ""},
		{"unknown", "eu-de", "iam", ""},
	} {
		check.Equal(t, fmt.Sprint(test), test.want, Named(test.provider).URL(test.region, test.service))
	}
	check.Equal(t, "identity URL of otc", "https://iam.eu-de.otc.t-systems.com/v3", Named("otc").IdentityURL("eu-de"))
	check.Equal(t, "identity URL of openstack", "", Named("openstack").IdentityURL("RegionOne"))
}

// The tables refer to one another by name.
func TestTheTablesOfEachProviderFitTogether(t *testing.T) {
	for _, p := range All() {
		if p.Services[0].Name != Identity || Named(p.Name) != p || p.Title == "" || p.PageSize == 0 || p.Servers == "" {
			t.Errorf("%s lacks a name, a title, a default or the identity service", p.Name)
		}
		for of, api := range map[Resource]string{Ports: p.PortAPI, Servers: p.ServerAPI} {
			if _, ok := p.API(of, api); !ok {
				t.Errorf("%s: no API of %s is %s, the default", p.Name, of, api)
			}
		}
		if !slices.Contains(p.Endpoints(), p.Neutron) {
			t.Errorf("%s: its Neutron is at %q, which has no endpoint", p.Name, p.Neutron)
		}
		if p.Regional != (len(p.Hosts) > 0) || p.Regional != (len(p.Regions) > 0) {
			t.Errorf("%s: hosts and regions belong to a regional provider", p.Name)
		}
		for _, login := range p.DoubtfulLogins {
			if !p.HasLogin(login) {
				t.Errorf("%s has no login %s to doubt", p.Name, login)
			}
		}
		for _, a := range p.Resources {
			if p.Service(a.Service).Name == "" {
				t.Errorf("%s: %s are served by %q, which it does not have", p.Name, a.Resource, a.Service)
			}
			if a.Name == "" || a.Call == "" || a.Per == Page && (a.Items == "" || a.PageMax == 0) {
				t.Errorf("%s: the API of %s lacks a name, a call, or the items and maximum of a page", p.Name, a.Resource)
			}
			if several := len(p.APIs(a.Resource)) > 1; several && a.Choice == "" || slices.Index(p.Choices(a.Resource), a.Choice) != slices.IndexFunc(p.APIs(a.Resource), func(b API) bool { return b.Call == a.Call }) {
				t.Errorf("%s: nothing chooses between the APIs of %s", p.Name, a.Resource)
			}
		}
	}
}

func TestCostsAreInWords(t *testing.T) {
	huawei := Named("huaweicloud")
	for _, test := range []struct {
		resource Resource
		choice   string
		page     int
		want     string
	}{
		{VPCs, "", 2000, "1 per 2000 VPCs"},
		{Servers, "nova", 2000, "1 per 1000 servers"},
		{Servers, "nova", 50, "1 per 50 servers"},
		{Availability, "", 2000, "1 per subnet"},
		{Quotas, "", 2000, "1"},
	} {
		a, _ := huawei.API(test.resource, test.choice)
		check.Equal(t, string(test.resource), test.want, a.Cost(test.page))
	}
}
