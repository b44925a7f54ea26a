package clients

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	bms "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bms/v1"
	bmsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bms/v1/model"
	ecs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2"
	ecsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/model"
	vpc "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpc/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpc/v2/model"
	vpc3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpc/v3"
	vpc3model "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/vpc/v3/model"

	"cloudip_exporter/simulator"
	"cloudip_exporter/simulator/simtest"
)

// vendor is Huawei Cloud's own SDK, with a credential for a cloud.
type vendor struct {
	who
	in   served
	v2   *vpc.VpcClient
	v3   *vpc3.VpcClient
	nova *ecs.EcsClient
	bms  *bms.BmsClient
}

func testVendorSDK(t *testing.T, m *matrix, clouds ...served) {
	for _, c := range clouds {
		for _, login := range vendorLogins(t, c) {
			s := vendorClient(t, c, login)
			s.networks(t, m)
			s.addresses(t, m)
			s.servers(t, m)
			s.privateIPs(t, m)
		}
	}
}

func vendorClient(t *testing.T, c served, login vendorLogin) vendor {
	t.Helper()
	build := func(b *core.HcHttpClientBuilder) *core.HcHttpClient {
		client, err := b.WithEndpoint(c.url).WithCredential(login.credential).SafeBuild()
		if err != nil {
			t.Fatalf("%s: %v", login.name, err)
		}
		return client
	}
	return vendor{
		who: who{"SDK v3, " + c.Provider(), login.name}, in: c,
		v2: vpc.NewVpcClient(build(vpc.VpcClientBuilder())), v3: vpc3.NewVpcClient(build(vpc3.VpcClientBuilder())),
		nova: ecs.NewEcsClient(build(ecs.EcsClientBuilder())), bms: bms.NewBmsClient(build(bms.BmsClientBuilder())),
	}
}

// must ends the test when the client has an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(answer T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

// byMarker reads all pages: the marker is the last id of the page before.
func byMarker[T any](page func(limit *int32, marker *string) []T, id func(T) string) []T {
	var all []T
	limit := int32(17)
	var marker *string
	for {
		items := page(&limit, marker)
		all = append(all, items...)
		if len(items) == 0 {
			return all
		}
		last := id(items[len(items)-1])
		marker = &last
	}
}

// enum reads a value of the SDK's enumerations, which keep the escapes of JSON.
func enum(v interface{ Value() string }) string {
	var text string
	if err := json.Unmarshal([]byte(`"`+v.Value()+`"`), &text); err != nil {
		return v.Value()
	}
	return text
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

// networks are VPCs, subnets and networks.
func (s vendor) networks(t *testing.T, m *matrix) {
	v := values{}
	for _, x := range byMarker(func(limit *int32, marker *string) []model.Vpc {
		return deref(must[*model.ListVpcsResponse](t)(s.v2.ListVpcs(&model.ListVpcsRequest{Limit: limit, Marker: marker})).Vpcs)
	}, func(x model.Vpc) string { return x.Id }) {
		v.vpc(x.Id, x.Name, x.Cidr, enum(x.Status))
	}
	m.compare(t, s.who, "VPCs", v, wantVPCs(s.in))
	v = values{}
	for _, x := range byMarker(func(limit *int32, marker *string) []model.Subnet {
		return deref(must[*model.ListSubnetsResponse](t)(s.v2.ListSubnets(&model.ListSubnetsRequest{Limit: limit, Marker: marker})).Subnets)
	}, func(x model.Subnet) string { return x.Id }) {
		v.vpcSubnet(x.Id, x.Name, x.VpcId, enum(x.Status), x.NeutronSubnetId+" "+x.Cidr, strings.TrimSpace(x.NeutronSubnetIdV6+" "+x.CidrV6))
		if x.Scope != nil && s.in.Provider() == simulator.HuaweiCloud { // else the count is missing, and the SDK has 0
			v.set(x.Id, "available", x.AvailableIpAddressCount)
		}
	}
	m.compare(t, s.who, "VPC subnets", v, wantVPCSubnets(s.in))
	v = values{}
	for _, x := range byMarker(func(limit *int32, marker *string) []model.NeutronSubnet {
		return deref(must[*model.NeutronListSubnetsResponse](t)(s.v2.NeutronListSubnets(&model.NeutronListSubnetsRequest{Limit: limit, Marker: marker})).Subnets)
	}, func(x model.NeutronSubnet) string { return x.Id }) {
		v.neutronSubnet(x.Id, x.Name, x.NetworkId, x.Cidr, x.IpVersion)
	}
	m.compare(t, s.who, "subnets", v, wantNeutronSubnets(s.in, simtest.View{}))
	v = values{}
	for _, x := range byMarker(func(limit *int32, marker *string) []model.NeutronNetwork {
		return deref(must[*model.NeutronListNetworksResponse](t)(s.v2.NeutronListNetworks(&model.NeutronListNetworksRequest{Limit: limit, Marker: marker})).Networks)
	}, func(x model.NeutronNetwork) string { return x.Id }) {
		v.network(x.Id, x.Name, x.Subnets, x.Shared, x.Routerexternal)
	}
	m.compare(t, s.who, "networks", v, wantNetworks(s.in, simtest.View{}))
}

// addresses are ports, availabilities, address groups and quotas.
func (s vendor) addresses(t *testing.T, m *matrix) {
	v := values{}
	for _, x := range byMarker(func(limit *int32, marker *string) []model.NeutronPort {
		return deref(must[*model.NeutronListPortsResponse](t)(s.v2.NeutronListPorts(&model.NeutronListPortsRequest{Limit: limit, Marker: marker})).Ports)
	}, func(x model.NeutronPort) string { return x.Id }) {
		v.port(x.Id, x.NetworkId, x.Status, x.DeviceOwner, x.DeviceId, vendorAddresses(x.FixedIps))
	}
	m.compare(t, s.who, "ports", v, wantPorts(s.in, simtest.View{}))
	if s.in.Provider() == simulator.HuaweiCloud { // OTC has no /v1/{project_id}/ports
		v = values{}
		for _, x := range byMarker(func(limit *int32, marker *string) []model.Port {
			return deref(must[*model.ListPortsResponse](t)(s.v2.ListPorts(&model.ListPortsRequest{Limit: limit, Marker: marker})).Ports)
		}, func(x model.Port) string { return x.Id }) {
			v.port(x.Id, x.NetworkId, enum(x.Status), enum(x.DeviceOwner), x.DeviceId, vendorAddresses(x.FixedIps))
		}
		m.compare(t, s.who, "VPC ports", v, wantPorts(s.in, simtest.View{}))
	}
	v = values{}
	for id := range listedNetworks(s.in, simtest.View{}) {
		a := must[*model.ShowNetworkIpAvailabilitiesResponse](t)(s.v2.ShowNetworkIpAvailabilities(&model.ShowNetworkIpAvailabilitiesRequest{NetworkId: id})).NetworkIpAvailability
		for _, x := range a.SubnetIpAvailability {
			v.availability(x.SubnetId, x.Cidr, x.IpVersion, big.NewFloat(float64(x.TotalIps)), big.NewFloat(float64(x.UsedIps)))
		}
	}
	m.compare(t, s.who, "availability of each network", v, wantAvailabilities(s.in, simtest.View{}))
	v = values{}
	for _, x := range byMarker(func(limit *int32, marker *string) []vpc3model.AddressGroup {
		return deref(must[*vpc3model.ListAddressGroupResponse](t)(s.v3.ListAddressGroup(&vpc3model.ListAddressGroupRequest{Limit: limit, Marker: marker})).AddressGroups)
	}, func(x vpc3model.AddressGroup) string { return x.Id }) {
		v.group(x.Id, x.Name, x.IpSet)
		v.vendorGroup(x.Id, x.MaxCapacity, x.Status, time.Time(deref(x.UpdatedAt)).Unix(), x.IpVersion)
	}
	m.compare(t, s.who, "address groups", v, wantGroups(s.in, simtest.View{}))
	v = values{}
	for _, x := range must[*model.ShowQuotaResponse](t)(s.v2.ShowQuota(&model.ShowQuotaRequest{})).Quotas.Resources {
		v.set(enum(x.Type), "limit", x.Quota)
		v.set(enum(x.Type), "used", x.Used)
	}
	m.compare(t, s.who, "quotas", v, wantQuota(s.in, simtest.View{}, true))
}

func vendorAddresses(all []model.FixedIp) []string {
	var fixed []string
	for _, f := range all {
		fixed = append(fixed, deref(f.SubnetId)+"="+deref(f.IpAddress))
	}
	return fixed
}

// servers are virtual ones, machines and a console.
func (s vendor) servers(t *testing.T, m *matrix) {
	v := values{}
	for _, x := range byMarker(func(limit *int32, marker *string) []ecsmodel.NovaServer {
		return deref(must[*ecsmodel.NovaListServersDetailsResponse](t)(s.nova.NovaListServersDetails(&ecsmodel.NovaListServersDetailsRequest{Limit: limit, Marker: marker})).Servers)
	}, func(x ecsmodel.NovaServer) string { return x.Id }) {
		var addresses []string
		for network, list := range x.Addresses {
			for _, a := range list {
				addresses = append(addresses, network+"="+a.Addr)
			}
		}
		v.server(x.Id, x.Name, enum(x.Status), deref(x.Flavor.Id), x.OSEXTAZavailabilityZone, addresses)
	}
	m.compare(t, s.who, "servers", v, wantServers(s.in, simtest.View{}))
	v = values{}
	limit := int32(5)
	for page := int32(1); ; page++ {
		answer := must[*bmsmodel.ListBareMetalServersResponse](t)(s.bms.ListBareMetalServers(&bmsmodel.ListBareMetalServersRequest{Limit: &limit, Offset: &page}))
		if len(deref(answer.Servers)) == 0 {
			break
		}
		for _, x := range *answer.Servers {
			var addresses []string
			for network, list := range x.Addresses {
				for _, a := range list {
					addresses = append(addresses, network+"="+a.Addr)
				}
			}
			v.server(x.Id, x.Name, enum(x.Status), deref(x.Flavor.Id), deref(x.OSEXTAZavailabilityZone), addresses)
		}
	}
	m.compare(t, s.who, "bare metal", v, wantBareMetal(s.in))
	found := must[*bmsmodel.ShowServerRemoteConsoleResponse](t)(s.bms.ShowServerRemoteConsole(&bmsmodel.ShowServerRemoteConsoleRequest{
		ServerId: serverOf(s.in, "baremetal"),
		Body:     &bmsmodel.ShowServerRemoteConsoleReq{RemoteConsole: &bmsmodel.RemoteConsole{Protocol: "serial", Type: "serial"}},
	})).RemoteConsole
	m.compare(t, s.who, "console", console(found.Type, found.Protocol, found.Url), wantConsole(s.in))
}

// privateIPs are listed for each subnet; one more is made and released.
func (s vendor) privateIPs(t *testing.T, m *matrix) {
	v := values{}
	for id := range listedNetworks(s.in, simtest.View{}) {
		for _, x := range byMarker(func(limit *int32, marker *string) []model.Privateip {
			return deref(must[*model.ListPrivateipsResponse](t)(s.v2.ListPrivateips(&model.ListPrivateipsRequest{SubnetId: id, Limit: limit, Marker: marker})).Privateips)
		}, func(x model.Privateip) string { return x.Id }) {
			v.privateIP(x.Id, x.SubnetId, enum(x.Status), enum(x.DeviceOwner), x.IpAddress)
		}
	}
	m.compare(t, s.who, "private IPs", v, wantPrivateIPs(s.in))
	made := deref(must[*model.CreatePrivateipResponse](t)(s.v2.CreatePrivateip(&model.CreatePrivateipRequest{
		Body: &model.CreatePrivateipRequestBody{Privateips: []model.CreatePrivateipOption{{SubnetId: roomy(s.in).NetworkID}}},
	})).Privateips)
	v = values{}
	for _, x := range made {
		v.privateIP(x.Id, x.SubnetId, enum(x.Status), enum(x.DeviceOwner), x.IpAddress)
	}
	m.compare(t, s.who, "private IP made", v, only(wantPrivateIPs(s.in), made[0].Id))
	must[*model.DeletePrivateipResponse](t)(s.v2.DeletePrivateip(&model.DeletePrivateipRequest{PrivateipId: made[0].Id}))
	m.released(t, s.who, "private IP released", s.in, made[0].Id)
}
