package cli

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"

	"go4.org/netipx"
)

const (
	subnetA   = "7a10c0de-0002-4000-8000-000000000010" // a VPC subnet, and its network
	neutronA  = "7a10c0de-0003-4000-8000-000000000104"
	neutronA6 = "7a10c0de-0003-4000-8000-000000000106"
	serverDB  = "7a10c0de-0005-4000-8000-000000010000"
	portDB    = "7a10c0de-0004-4000-8000-000000001003"
	projectID = "5f0c1d2e3a4b4c5d8e9f001122334455"
)

func id(s string) inventory.ID { return inventory.ParseID(s) }

// fakeProject is a project in memory: subnet app-a 10.20.0.0/28 with a gateway
// at .1 and server db-01 at .3, and a private IP .4 that nothing uses.
type fakeProject struct {
	*fakecloud.Project

	cloud, label string
	cfg          config.Cloud

	mu      sync.Mutex
	calls   []string
	ips     []inventory.PrivateIP
	intents map[string]inventory.PrivateIP
	tells   bool // its subnets tell what is free
	chooses bool // its network chooses the addresses
	hidden  bool // the credential does not see all ports
	next    int

	fail     map[string]error                 // by method
	onAssign func(n int, commit func()) error // what the nth request meets; nil commits
	assigns  int
	onDelete func(commit func()) error
	// afterList runs once, after the next listing of private IPs was read.
	afterList func()
	console   string
	member    bool // availability is for administrators
}

func newFake(provider string) *fakeProject {
	p := &fakeProject{
		cloud: "prod", label: "eu-de", intents: map[string]inventory.PrivateIP{}, fail: map[string]error{},
		cfg: config.Cloud{Name: "prod", Provider: provider, Servers: "all", APIs: config.APIs{Ports: "neutron", Servers: "nova", ServerAddresses: "list"}},
	}
	p.Project = &fakecloud.Project{Now: p.estate, Hook: func(_ context.Context, call, _ string) error { return p.called(call) }}
	p.add("10.20.0.1", "network:router_interface_distributed")
	p.ips = append(p.ips, inventory.PrivateIP{ID: id(portDB), SubnetID: p.subnetID(), Status: "ACTIVE", Owner: "compute:eu-de-01", Addr: netip.MustParseAddr("10.20.0.3")})
	p.add("10.20.0.4", "")
	return p
}

func (p *fakeProject) subnetID() inventory.ID {
	if p.cfg.Provider == config.OpenStack {
		return id(neutronA)
	}
	return id(subnetA)
}

func (p *fakeProject) add(addr, owner string) inventory.PrivateIP {
	p.next++
	ip := inventory.PrivateIP{
		ID: id(fmt.Sprintf("7a10c0de-0004-4000-8000-%012d", p.next)), SubnetID: p.subnetID(), Status: "DOWN", Owner: owner, Addr: netip.MustParseAddr(addr),
	}
	p.ips = append(p.ips, ip)
	return ip
}

func (p *fakeProject) called(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, name)
	return p.fail[name]
}

func (p *fakeProject) Cloud() string                      { return p.cloud }
func (p *fakeProject) Label() string                      { return p.label }
func (p *fakeProject) Provider() string                   { return p.cfg.Provider }
func (p *fakeProject) Config() config.Cloud               { return p.cfg }
func (p *fakeProject) ID(context.Context) (string, error) { return projectID, nil }

func (p *fakeProject) estate() fakecloud.Estate {
	entry := inventory.AddressGroupEntry{Text: "10.20.0.0/28", Remarks: "all of app-a"}
	entry.Range, _ = space.ParseEntry(entry.Text)
	limit := 20
	e := fakecloud.Estate{
		VPCs: []inventory.VPC{{ID: id("vpc-1"), Name: "main"}}, Subnets: p.subnets(), Ports: p.ports(), Servers: p.servers(),
		AddressGroups: []inventory.AddressGroup{{
			ID: id("7a10c0de-0006-4000-8000-000000000001"), Name: "office", Entries: []inventory.AddressGroupEntry{entry}, Max: &limit, Version: "4", Status: "NORMAL",
		}},
		SubnetTags: []inventory.SubnetTags{{ID: p.subnetID(), Tags: inventory.Tags{"cost-centre": "4001"}}},
		PublicIPs: []inventory.PublicIP{
			{ID: id("eip-db"), Addr: netip.MustParseAddr("198.51.100.7"), Pool: "5_bgp", Status: "ACTIVE", Attached: true, PortID: id(portDB), Private: netip.MustParseAddr("10.20.0.3")},
			{ID: id("eip-spare"), Addr: netip.MustParseAddr("198.51.100.8"), Pool: "5_bgp", Status: "DOWN"},
		},
	}
	if p.member {
		return e
	}
	e.Availability.BySubnet = map[inventory.ID]inventory.Availability{
		id(neutronA): {NeutronSubnetID: id(neutronA), Total: 10, Used: float64(len(e.Ports) - 1)}, // other than any estimate; the gateway is outside
	}
	return e
}

func (p *fakeProject) subnets() []inventory.Subnet {
	s := inventory.Subnet{
		ID: p.subnetID(), NeutronID: id(neutronA), NetworkID: id(subnetA), Name: "app-a",
		Prefix: netip.MustParsePrefix("10.20.0.0/28"), Gateway: netip.MustParseAddr("10.20.0.1"),
	}
	if p.cfg.Provider == config.OpenStack {
		s.ChoosesAddresses, s.PortsHidden = p.chooses, p.hidden
		s.Pools = []netipx.IPRange{netipx.MustParseIPRange("10.20.0.2-10.20.0.11")}
		return []inventory.Subnet{s}
	}
	s.VPCID = id("vpc-1")
	v6 := s
	if p.tells {
		free := 7.0 // other than the availability: a reservation
		s.Available = &free
	}
	v6.NeutronID, v6.Prefix, v6.Gateway = id(neutronA6), netip.MustParsePrefix("2001:db8:20::/64"), netip.Addr{}
	return []inventory.Subnet{s, v6}
}

func list[T any](err error, items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range items {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

func (p *fakeProject) ports() []inventory.Port {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ports []inventory.Port
	for _, ip := range p.ips {
		port := inventory.Port{
			ID: ip.ID, NetworkID: id(subnetA), Owner: ip.Owner, Status: ip.Status,
			Fixed: []inventory.FixedIP{{SubnetID: id(neutronA), Addr: ip.Addr}},
		}
		if strings.HasPrefix(ip.Owner, "compute:") {
			port.DeviceID = id(serverDB)
		}
		ports = append(ports, port)
	}
	return ports
}

func (p *fakeProject) PortsByAddress(_ context.Context, addr netip.Addr) iter.Seq2[inventory.Port, error] {
	ports := slices.DeleteFunc(p.ports(), func(port inventory.Port) bool { return port.Fixed[0].Addr != addr })
	return list(p.called("ports_by_address"), ports...)
}

func (p *fakeProject) PortsOfNetwork(context.Context, inventory.ID) iter.Seq2[inventory.Port, error] {
	return list(p.called("ports_of_network"), p.ports()...)
}

func (p *fakeProject) PublicIPsOf(context.Context, string) iter.Seq2[netip.Addr, error] {
	return list[netip.Addr](p.called("public_ips_of"))
}

func (p *fakeProject) servers() []inventory.Server {
	return []inventory.Server{{
		ID: id(serverDB), Name: "db-01", BareMetal: true, Status: "ACTIVE", Flavor: "physical.s1",
		Addresses: []inventory.ServerAddress{{Network: "vpc-1", Addr: netip.MustParseAddr("10.20.0.3")}},
	}}
}

func notFound(operation string) error {
	return &apierr.StatusError{Status: http.StatusNotFound, Code: "itemNotFound", Service: "compute", Operation: operation}
}

func (p *fakeProject) Server(_ context.Context, want string) (inventory.Server, error) {
	err := p.called("server")
	for _, s := range p.servers() {
		if s.ID.String() == want {
			return s, err
		}
	}
	return inventory.Server{}, notFound("get_server")
}

func (p *fakeProject) ServerAddresses(ctx context.Context, want string) ([]inventory.ServerAddress, error) {
	s, err := p.Server(ctx, want)
	return s.Addresses, err
}

func (p *fakeProject) PrivateIPs(context.Context, string) iter.Seq2[inventory.PrivateIP, error] {
	err := p.called("private_ips")
	p.mu.Lock()
	answer, meanwhile := slices.Clone(p.ips), p.afterList
	p.afterList = nil
	p.mu.Unlock()
	if meanwhile != nil {
		meanwhile()
	}
	return list(err, answer...)
}

func (p *fakeProject) PrivateIP(_ context.Context, want string) (inventory.PrivateIP, error) {
	err := p.called("private_ip")
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ip := range p.ips {
		if ip.ID.String() == want {
			return ip, err
		}
	}
	return inventory.PrivateIP{}, &apierr.StatusError{Status: http.StatusNotFound, Code: "VPC.0704", Service: "vpc", Operation: "get_private_ip"}
}

func (p *fakeProject) PrivateIPByIntent(_ context.Context, intent string, _ netip.Addr) (inventory.PrivateIP, bool, error) {
	err := p.called("by_intent")
	p.mu.Lock()
	defer p.mu.Unlock()
	ip, ok := p.intents[intent]
	return ip, ok && err == nil, err
}

// commit assigns addr as the cloud does, or refuses it.
func (p *fakeProject) commit(addr netip.Addr, intent string) (inventory.PrivateIP, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ip := range p.ips {
		if ip.Addr == addr {
			return inventory.PrivateIP{}, refusal(500, "VPC.0701")
		}
	}
	ip := p.add(addr.String(), "")
	p.intents[intent] = ip
	return ip, nil
}

func refusal(status int, code string) error {
	return &apierr.StatusError{Status: status, Code: code, Message: "no", RequestID: "req-1", Service: "vpc", Operation: "assign_private_ip"}
}

func broken(err error) error {
	return apierr.NewTransportError("vpc", "assign_private_ip", apierr.ClassConnection, err, func(text string) string { return text })
}

func resetErr() error { return broken(fmt.Errorf("read: %w", syscall.ECONNRESET)) }

func (p *fakeProject) AssignPrivateIP(ctx context.Context, subnet inventory.Subnet, addr netip.Addr, intent string) (inventory.PrivateIP, error) {
	if err := p.called("assign"); err != nil {
		return inventory.PrivateIP{}, err
	}
	if subnet.ID != p.subnetID() || subnet.NetworkID != id(subnetA) {
		return inventory.PrivateIP{}, refusal(404, "VPC.0202")
	}
	p.mu.Lock()
	p.assigns++
	n := p.assigns
	p.mu.Unlock()
	var ip inventory.PrivateIP
	var err error
	if p.onAssign != nil {
		if fault := p.onAssign(n, func() { ip, err = p.commit(addr, intent) }); fault != nil {
			return inventory.PrivateIP{}, fault
		}
		if ctx.Err() != nil { // as the HTTP client does it
			return inventory.PrivateIP{}, broken(ctx.Err())
		}
		return ip, err
	}
	return p.commit(addr, intent)
}

func (p *fakeProject) ReleasePrivateIP(_ context.Context, want string) error {
	if err := p.called("release"); err != nil {
		return err
	}
	commit := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ips = slices.DeleteFunc(p.ips, func(ip inventory.PrivateIP) bool { return ip.ID.String() == want })
	}
	if p.onDelete != nil {
		return p.onDelete(commit)
	}
	commit()
	return nil
}

func (p *fakeProject) SerialConsole(context.Context, string) (cloudapi.Console, error) {
	return cloudapi.Console{URL: config.NewSecret(p.console)}, p.called("console")
}

// cloudOf is a cloud of these projects alone.
func cloudOf(projects ...command.Project) command.Cloud {
	return command.Cloud{Config: projects[0].Config(), Projects: func(context.Context) ([]command.Project, error) {
		for _, p := range projects {
			if fake, ok := p.(*fakeProject); ok {
				if err := fake.called("projects"); err != nil {
					return nil, err
				}
			}
		}
		return projects, nil
	}}
}

// fakeEnv is an Env over fakes, with what it wrote.
type fakeEnv struct {
	*command.Env
	out, err *bytes.Buffer
	journal  string
}

func newFakeEnv(t *testing.T, projects ...*fakeProject) *fakeEnv {
	t.Helper()
	w := &fakeEnv{out: &bytes.Buffer{}, err: &bytes.Buffer{}, journal: filepath.Join(t.TempDir(), "journal.jsonl")}
	w.Env = command.NewEnv(strings.NewReader(""), w.out, w.err, nil)
	w.Width, w.Getenv = func() int { return 80 }, func(string) string { return "" }
	w.Pick = func(uint64) uint64 { return 0 }
	w.User, w.Host, w.ConfigFile = "ann", "desk", "my config.yml"
	byCloud := map[string][]command.Project{}
	var names []string
	for _, p := range projects {
		if byCloud[p.cloud] == nil {
			names = append(names, p.cloud)
		}
		byCloud[p.cloud] = append(byCloud[p.cloud], p)
	}
	for _, name := range names {
		w.Clouds = append(w.Clouds, cloudOf(byCloud[name]...))
	}
	return w
}

func wantExit(t *testing.T, err error, want int) {
	t.Helper()
	if got := exit.Code(err); got != want {
		t.Errorf("exit %d, want %d (error: %v)", got, want, err)
	}
}

func wantText(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s lacks %q:\n%s", what, part, got)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func mutations(p *fakeProject) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, c := range p.calls {
		if c == "assign" || c == "release" || c == "console" {
			n++
		}
	}
	return n
}
