package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go4.org/netipx"

	"cloudip_exporter/cli/command"
	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
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
	may     map[string]time.Duration // how long a call may take; 0: as long as it likes
	ips     []inventory.PrivateIP
	intents map[string]inventory.PrivateIP
	assigns int
	next    int

	tells   bool // its subnets tell what is free
	hidden  bool // the credential does not see all ports
	virtual bool // its server is no bare metal
	member  bool // availability is for administrators
	quotas  []inventory.Quota
	subs    []inventory.SubInterface

	shows func(*inventory.Port) bool // alters a port that is listed, or leaves it out
	lists func(*inventory.PrivateIP) // alters a private IP that is listed
	gives func(*inventory.PrivateIP) // alters the answer to an assignment
	fail  map[string]error           // by call
	hangs string                     // the call that does not end by itself
	// onAssign is what the nth request meets; nil commits.
	onAssign  func(n int, commit func()) error
	onDelete  func(commit func()) error
	afterList func() // runs once, after the next listing of private IPs was read
}

func newFake(provider string) *fakeProject {
	p := &fakeProject{
		cloud: "prod", label: "eu-de", intents: map[string]inventory.PrivateIP{}, fail: map[string]error{}, may: map[string]time.Duration{},
		cfg: config.Cloud{Name: "prod", Provider: provider, Servers: "all", APIs: config.APIs{Ports: "neutron", Servers: "nova", ServerAddresses: "list"}},
	}
	p.Project = &fakecloud.Project{Now: p.estate, Hook: func(ctx context.Context, call, _ string) error { return p.called(ctx, call) }}
	p.add("10.20.0.1", "network:router_interface_distributed")
	p.ips = append(p.ips, inventory.PrivateIP{ID: id(portDB), SubnetID: p.subnetID(), Status: "ACTIVE", Owner: "compute:eu-de-01", Addr: netip.MustParseAddr("10.20.0.3")})
	p.add("10.20.0.4", "")
	return p
}

// named is newFake for a project of another cloud.
func named(cloud, provider string) *fakeProject {
	p := newFake(provider)
	p.cloud, p.cfg.Name = cloud, cloud
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

// called notes a call and returns how it ends.
func (p *fakeProject) called(ctx context.Context, name string) error {
	p.mu.Lock()
	p.calls, p.may[name] = append(p.calls, name), 0
	if deadline, ok := ctx.Deadline(); ok {
		p.may[name] = time.Until(deadline)
	}
	err, hangs, meanwhile := p.fail[name], p.hangs == name, func() {}
	if name == "private_ips" && p.afterList != nil {
		meanwhile, p.afterList = p.afterList, nil
	}
	p.mu.Unlock()
	meanwhile()
	if hangs {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return err
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
		PrivateIPs: map[string][]inventory.PrivateIP{p.subnetID().String(): p.privateIPs()}, Quotas: p.quotas, SubInterfaces: p.subs,
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
		s.PortsHidden = p.hidden
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
		if p.shows == nil || p.shows(&port) {
			ports = append(ports, port)
		}
	}
	return ports
}

func (p *fakeProject) privateIPs() []inventory.PrivateIP {
	p.mu.Lock()
	defer p.mu.Unlock()
	ips := slices.Clone(p.ips)
	for i := range ips {
		if p.lists != nil {
			p.lists(&ips[i])
		}
	}
	return ips
}

func (p *fakeProject) PortsByAddress(ctx context.Context, addr netip.Addr) iter.Seq2[inventory.Port, error] {
	ports := slices.DeleteFunc(p.ports(), func(port inventory.Port) bool { return port.Fixed[0].Addr != addr })
	return list(p.called(ctx, "ports_by_address"), ports...)
}

func (p *fakeProject) PortsOfNetwork(ctx context.Context, _ inventory.ID) iter.Seq2[inventory.Port, error] {
	return list(p.called(ctx, "ports_of_network"), p.ports()...)
}

func (p *fakeProject) PublicIPsOf(ctx context.Context, _ string) iter.Seq2[netip.Addr, error] {
	return list[netip.Addr](p.called(ctx, "public_ips_of"))
}

func (p *fakeProject) servers() []inventory.Server {
	return []inventory.Server{{
		ID: id(serverDB), Name: "db-01", BareMetal: !p.virtual, Status: "ACTIVE", Flavor: "physical.s1",
		Addresses: []inventory.ServerAddress{{Network: "vpc-1", Addr: netip.MustParseAddr("10.20.0.3")}},
	}}
}

func (p *fakeProject) Server(ctx context.Context, want string) (inventory.Server, error) {
	if err := p.called(ctx, "server"); err != nil || want == serverDB {
		return p.servers()[0], err
	}
	return inventory.Server{}, &apierr.StatusError{Status: http.StatusNotFound, Code: "itemNotFound", Service: "compute", Operation: "get_server"}
}

func (p *fakeProject) PrivateIP(ctx context.Context, want string) (inventory.PrivateIP, error) {
	err := p.called(ctx, "private_ip")
	for _, ip := range p.privateIPs() {
		if ip.ID.String() == want {
			return ip, err
		}
	}
	return inventory.PrivateIP{}, cmp.Or(err, refusal(404, "VPC.0704"))
}

func (p *fakeProject) PrivateIPByIntent(ctx context.Context, intent string, _ netip.Addr) (inventory.PrivateIP, bool, error) {
	err := p.called(ctx, "by_intent")
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

func (p *fakeProject) AssignPrivateIP(ctx context.Context, subnet inventory.Subnet, addr netip.Addr, intent string) (ip inventory.PrivateIP, err error) {
	if err := p.called(ctx, "assign"); err != nil {
		return inventory.PrivateIP{}, err
	}
	if subnet.ID != p.subnetID() || subnet.NetworkID != id(subnetA) {
		return inventory.PrivateIP{}, refusal(404, "VPC.0202")
	}
	p.mu.Lock()
	p.assigns++
	n := p.assigns
	p.mu.Unlock()
	commit := func() { ip, err = p.commit(addr, intent) }
	if p.onAssign == nil {
		commit()
	} else if fault := p.onAssign(n, commit); fault != nil {
		return inventory.PrivateIP{}, fault
	}
	if ctx.Err() != nil { // as the HTTP client does it
		return inventory.PrivateIP{}, broken(ctx.Err())
	}
	if p.gives != nil {
		p.gives(&ip)
	}
	return ip, err
}

func (p *fakeProject) ReleasePrivateIP(ctx context.Context, want string) error {
	if err := p.called(ctx, "release"); err != nil {
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

func (p *fakeProject) SerialConsole(ctx context.Context, _ string) (config.Secret, error) {
	return config.Secret{}, p.called(ctx, "console")
}

// mutations counts the calls that change something, or are as good as a login.
func mutations(p *fakeProject) int {
	return len(slices.DeleteFunc(slices.Clone(p.calls), func(call string) bool { return call != "assign" && call != "release" && call != "console" }))
}

// fakeEnv is an Env over fakes, with what it wrote.
type fakeEnv struct {
	*command.Env
	out, err *bytes.Buffer
	journal  string
	subnet   string // of the first project
}

func newFakeEnv(t *testing.T, projects ...*fakeProject) *fakeEnv {
	t.Helper()
	w := &fakeEnv{out: &bytes.Buffer{}, err: &bytes.Buffer{}, journal: filepath.Join(t.TempDir(), "journal.jsonl")}
	w.Env = command.NewEnv(strings.NewReader(""), w.out, w.err, slog.New(slog.DiscardHandler))
	w.Width, w.ReadTimeout = func() int { return 80 }, time.Hour
	w.Pick = func(uint64) uint64 { return 0 }
	w.User, w.Host, w.ConfigFile, w.subnet = "ann", "desk", "my config.yml", projects[0].subnetID().String()
	for i, p := range projects {
		if i == 0 || p.cloud != projects[i-1].cloud {
			w.Clouds = append(w.Clouds, command.Cloud{Config: p.cfg, Projects: func(ctx context.Context) (all []command.Project, err error) {
				for _, of := range projects {
					if of.cloud == p.cloud {
						all, err = append(all, of), cmp.Or(err, of.called(ctx, "projects"))
					}
				}
				return all, err
			}})
		}
	}
	return w
}

// faked is a fake of a provider and an Env over it.
func faked(t *testing.T, provider string) (*fakeProject, *fakeEnv) {
	t.Helper()
	p := newFake(provider)
	return p, newFakeEnv(t, p)
}

// rows are the objects that were printed as JSON since the last call.
func (w *fakeEnv) rows(t *testing.T) (rows []map[string]any) {
	t.Helper()
	check.OK(t, json.Unmarshal(w.out.Bytes(), &rows))
	w.out.Reset()
	return rows
}

// wantExit checks the exit code of an error, and what it says.
func wantExit(t *testing.T, err error, want int, says ...string) {
	t.Helper()
	check.Equal(t, fmt.Sprintf("exit code of %v", err), want, exit.Code(err))
	check.Has(t, "error", fmt.Sprint(err), says...)
}

// inBubbles runs a test for each row of a table, at a time of its own.
func inBubbles[T any](t *testing.T, table map[string]T, run func(t *testing.T, tt T)) {
	t.Helper()
	for name, tt := range table {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { run(t, tt) })
		})
	}
}

// What a name from the cloud may hold.
const hostile = "a\x1b[31m\r\n\x00\u009b\u202eb\xff\x7f\u2028"
