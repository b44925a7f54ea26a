package collector

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cloudip_exporter/collector/fakecloud"
	"cloudip_exporter/config"
	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

func manyServers(n int) *fakecloud.Project {
	api := huaweiAPI()
	api.Has.ServerAddresses = make(map[string][]inventory.ServerAddress)
	for i := range n {
		name := fmt.Sprint("s", i)
		api.Has.Servers = append(api.Has.Servers, inventory.Server{ID: id(name), BareMetal: i%2 == 0, Status: "ACTIVE"})
		api.Has.ServerAddresses[name] = []inventory.ServerAddress{{Network: "vpc", Addr: addr("10.0.0.5")}}
	}
	return api
}

func TestOnlyTheServersThatAreKeptAreAskedForTheirAddresses(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg           config.Cloud
		servers, asks int
		network       string // of the address of each
	}{
		"bare metal":      {config.Cloud{Servers: "baremetal"}, 5, 5, "vpc"},
		"all, by listing": {config.Cloud{Servers: "all", APIs: config.APIs{ServerAddresses: "list"}}, 10, 0, "listed"},
		"all, one by one": {config.Cloud{Servers: "all"}, 10, 10, "vpc"},
	} {
		api := manyServers(10)
		for i := range api.Has.Servers {
			api.Has.Servers[i].Addresses = []inventory.ServerAddress{{Network: "listed", Addr: addr("10.9.9.9")}}
		}
		part := check.Get(run(t, "servers", api, tt.cfg, nil))(t)
		servers := part.Data.(inventory.ServerData)
		check.Equal(t, name+": items, servers and calls", []int{tt.servers, tt.servers, tt.asks}, []int{part.Items, len(servers), api.Calls()["server_addresses"]})
		for _, s := range servers {
			if tt.cfg.Servers == "baremetal" && !s.BareMetal || len(s.Addresses) != 1 || s.Addresses[0].Network != tt.network {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

func TestServersNeedNoPorts(t *testing.T) {
	seen := portsOf(openStackAPI().Has.Ports...)
	metal := inventory.ServerData{{ID: id("metal"), BareMetal: true}}
	lastPorts := complete("ports", inventory.Part{Data: inventory.PortData{Ports: seen}})
	lastServers := complete("servers", inventory.Part{Data: metal})
	outage := func(f *fakecloud.Project) { f.Fail = map[string]error{"ports": errOutage} }
	unreadable := func(f *fakecloud.Project) { // one of the ports, that of the bare-metal server
		f.Has.Ports, f.Bad = f.Has.Ports[1:], map[string]int{"ports": 1}
	}
	known, unknown := map[string]string{"metal": "baremetal", "vm": "virtual"}, map[string]string{"metal": "virtual", "vm": "virtual"}
	onlyMetal := map[string]string{"metal": "baremetal"}
	for name, tt := range map[string]struct {
		change  func(*fakecloud.Project)
		servers string
		last    []inventory.State
		want    map[string]string
	}{
		"all, known by the ports of now":         {func(*fakecloud.Project) {}, "all", nil, known},
		"all, never known":                       {outage, "all", nil, unknown},
		"all, known by the last ports":           {outage, "all", []inventory.State{lastPorts}, known},
		"all, known by the last servers":         {outage, "all", []inventory.State{lastServers}, known},
		"bare metal, never known":                {outage, "baremetal", nil, map[string]string{}},
		"bare metal, known by the last ports":    {outage, "baremetal", []inventory.State{lastPorts}, onlyMetal},
		"bare metal, known by the last servers":  {outage, "baremetal", []inventory.State{lastServers}, onlyMetal},
		"no port at all":                         {func(f *fakecloud.Project) { f.Has.Ports = nil }, "all", []inventory.State{lastServers}, known},
		"a port unreadable, never known":         {unreadable, "all", nil, unknown},
		"a port unreadable, known by the server": {unreadable, "all", []inventory.State{lastServers}, known},
		"a port unreadable, known by the port":   {unreadable, "baremetal", []inventory.State{lastPorts}, onlyMetal},
	} {
		t.Run(name, func(t *testing.T) {
			api := openStackAPI()
			tt.change(api)
			part := check.Get(run(t, "servers", api, config.Cloud{Servers: tt.servers}, &inventory.Snapshot{States: tt.last}))(t)
			kinds := map[string]string{}
			for _, s := range part.Data.(inventory.ServerData) {
				kinds[s.ID.String()] = s.Kind()
			}
			check.Equal(t, "kinds", tt.want, kinds)
		})
	}
}

func TestServersOutliveAListingOfPortsThatHangs(t *testing.T) {
	for name, ends := range map[string]bool{"until the deadline": false, "until the daemon ends": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := openStackAPI()
				api.Hook = func(ctx context.Context, listing, _ string) error {
					if listing == "ports" {
						<-ctx.Done()
						return ctx.Err()
					}
					return nil
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if ends {
					time.AfterFunc(time.Second, cancel)
				}
				part, err := Run(ctx, byNameOf(t, "servers"), NewSource(ctx, api, config.Cloud{Servers: "all"}, nil))
				if (err != nil) != ends {
					t.Fatalf("part = %+v, %v; want failure %v", part, err, ends)
				}
				if err == nil && (part.Items != 2 || len(part.Data.(inventory.ServerData)[0].Addresses) == 0) {
					t.Errorf("part = %+v, want both servers with their addresses", part)
				}
			})
		})
	}
}

func TestServerCallsKeepToTheConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := manyServers(40)
		var running, most atomic.Int32
		api.Hook = func(_ context.Context, listing, _ string) error {
			if listing == "server_addresses" {
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(time.Second)
				running.Add(-1)
			}
			return nil
		}
		begin := time.Now()
		check.Get(run(t, "servers", api, config.Cloud{Servers: "all", Limits: config.Limits{Concurrency: 4}}, nil))(t)
		check.Equal(t, "how many at once", 4, most.Load())
		check.Equal(t, "time in all", 10*time.Second, time.Since(begin))
	})
}

func TestAPanicCostsItsCollectorAlone(t *testing.T) {
	for listing, want := range map[string][]string{
		"servers": {"servers"}, "server_addresses": {"servers"}, "private_ips": {"private_ips"}, "ports": {"subnets", "ports"}, "subnets": {"subnets", "ports", "private_ips"},
	} {
		api := manyServers(3)
		api.Hook = func(_ context.Context, l, _ string) error {
			if l == listing {
				panic("boom")
			}
			return nil
		}
		var failed []string
		src := NewSource(t.Context(), api, config.Cloud{Servers: "all"}, nil)
		for _, c := range All() {
			_, err := Run(t.Context(), c, src)
			if err == nil {
				continue
			}
			failed = append(failed, c.Name)
			if p, ok := errors.AsType[*PanicError](err); !ok || len(p.Stack) == 0 {
				t.Errorf("panic in %s: %s ends with %v, want a *PanicError with its stack", listing, c.Name, err)
			}
		}
		check.Equal(t, "collectors that fail by a panic in "+listing, want, failed)
	}
}
