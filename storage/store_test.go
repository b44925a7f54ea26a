package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

// up reports what the metric of the storage says.
func up(s *Store) bool { return testutil.ToFloat64(s.metrics.up) == 1 }

// world is a small cloud, as its last complete answers show it.
type world struct {
	cloud   string
	ports   []inventory.Port
	ips     []inventory.PrivateIP
	servers []inventory.Server
	public  []inventory.PublicIP
	subs    []inventory.SubInterface
	subnets []inventory.Subnet
	last    *inventory.Ports
	lastIPs *inventory.PrivateIPs
	at      time.Time
	failed  map[string]bool
	parts   map[string]inventory.State
}

func newWorld() *world {
	return &world{
		cloud: "c", at: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), failed: map[string]bool{}, parts: map[string]inventory.State{},
		subnets: []inventory.Subnet{{ID: id(900), NeutronID: id(901), NetworkID: id(900), Name: "apps", Prefix: netip.MustParsePrefix("10.0.0.0/20")}},
	}
}

// id is a UUID or, as some clouds have others, a text.
func id(n int) inventory.ID {
	if n%4 == 3 {
		return inventory.ParseID(fmt.Sprint("text-", n))
	}
	return inventory.ParseID(fmt.Sprintf("%08x-0000-4000-8000-000000000001", n))
}

func addr(n int) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 10<<24+uint32(n))
	return netip.AddrFrom4(b)
}

// port has the address of its number; without a device nothing uses it.
func port(n, device int) inventory.Port {
	p := inventory.Port{ID: id(n), NetworkID: id(900), Status: "DOWN", Fixed: []inventory.FixedIP{{SubnetID: id(901), Addr: addr(n)}}}
	if device > 0 {
		p.DeviceID, p.Owner, p.Status = id(device), "compute:az1", "ACTIVE"
	}
	return p
}

// collect returns the snapshot after a collection a minute later.
func (w *world) collect() *inventory.Snapshot {
	w.at = w.at.Add(time.Minute)
	list := inventory.NewPorts(w.last, false)
	for _, p := range w.ports {
		list.Append(p)
	}
	list.Freeze()
	ips := inventory.NewPrivateIPs(w.lastIPs)
	for _, ip := range w.ips {
		ips.Append(ip)
	}
	ips.Freeze()
	var subs *inventory.SubInterfaces
	if !w.failed["sub-interfaces"] {
		subs = inventory.NewSubInterfaces(slices.Clone(w.subs))
	}
	snap := &inventory.Snapshot{Cloud: w.cloud, Project: "p", Provider: "huaweicloud"}
	for _, data := range []inventory.Data{
		inventory.PortData{Ports: list, Subnets: w.subnets, SubInterfaces: subs}, inventory.PrivateIPData{IPs: ips, Subnets: w.subnets}, inventory.ServerData(slices.Clone(w.servers)),
		inventory.PublicIPData{IPs: slices.Clone(w.public)},
	} {
		st := w.parts[data.Collector()]
		st.Collector, st.Success = data.Collector(), !w.failed[data.Collector()]
		if st.Success {
			st.Part, st.LastSuccess = &inventory.Part{Data: data}, w.at
		}
		w.parts[data.Collector()] = st
		snap.States = append(snap.States, st)
	}
	if !w.failed["ports"] {
		w.last = list
	}
	if !w.failed["private_ips"] {
		w.lastIPs = ips
	}
	return snap
}

// record writes a collection and returns its time.
func (w *world) record(t testing.TB, s *Store) time.Time {
	t.Helper()
	s.Record("me", w.collect())
	s.step(false)
	if s.told != "" {
		t.Fatal(s.told)
	}
	return w.at
}

func open4test(t testing.TB, o Options) *Store {
	t.Helper()
	if o.MaxStale == 0 {
		o.MaxStale = 15 * time.Minute
	}
	s := open(o, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { s.closeFile() })
	return s
}

func history(t testing.TB, s *Store, q Query) []Tenure {
	t.Helper()
	var all []Tenure
	for tenure, err := range check.Get(s.Reader())(t).History(t.Context(), q) {
		check.OK(t, err)
		all = append(all, tenure)
	}
	return all
}

func TestATenureBeginsChangesAndEndsWithCompleteAnswers(t *testing.T) {
	for _, memory := range []bool{false, true} {
		o := Options{Memory: memory}
		if !memory {
			o.Path = filepath.Join(t.TempDir(), "dir", "cloudip.db")
		}
		s, w := open4test(t, o), newWorld()
		w.servers = []inventory.Server{{ID: id(50), Name: "web-1", BareMetal: true, Addresses: []inventory.ServerAddress{{Addr: addr(77)}, {Addr: addr(1)}}}}
		w.ips = []inventory.PrivateIP{{ID: id(1), SubnetID: id(900), Addr: addr(1)}, {ID: id(60), SubnetID: id(900), Addr: addr(2)}, {ID: id(61), SubnetID: id(900), Addr: addr(88)}}
		w.ports = []inventory.Port{port(1, 50), port(2, 0)}
		first := w.record(t, s)
		w.ports = []inventory.Port{port(1, 50)}
		w.ports[0].Status = "ERROR"
		w.servers[0].Name, w.subnets[0].Name = "web-2", "apps-2"
		second := w.record(t, s)
		w.failed["ports"] = true
		w.ports = nil
		w.record(t, s)
		w.failed["ports"] = false
		last := w.record(t, s)

		on := func(name, subnet string) Tenure {
			return Tenure{Cloud: "c", Project: "p", Subnet: id(900), Network: id(900), SubnetName: subnet, DeviceName: name}
		}
		one := on("web-2", "apps-2")
		one.Address, one.Item, one.Device, one.Owner, one.Holder, one.Status = addr(1), id(1), id(50), "compute:az1", "baremetal", "ERROR"
		one.FirstSeen, one.LastSeen, one.EndedBefore = first, second, last
		two := on("", "apps")
		two.Address, two.Item, two.Holder, two.Status = addr(2), id(2), "none", "DOWN"
		two.FirstSeen, two.LastSeen, two.EndedBefore, two.IdleSince = first, first, second, first
		three := on("", "apps-2")
		three.Kind, three.Address, three.Item, three.Holder, three.FirstSeen, three.LastSeen, three.BeganAfter = PrivateIP, addr(2), id(60), "none", second, last, first
		four := Tenure{Cloud: "c", Project: "p", Kind: Server, Address: addr(77), Item: id(50), Device: id(50), DeviceName: "web-2", Holder: "baremetal", FirstSeen: first, LastSeen: last}
		got := history(t, s, Query{Until: second})
		five := slices.IndexFunc(got, func(t Tenure) bool { return t.Item == id(61) })
		check.Equal(t, fmt.Sprint("in memory ", memory), []Tenure{one, two, three, four}, slices.Delete(got, five, five+1))
		if got := history(t, s, Query{Addresses: netip.PrefixFrom(addr(2), 32), At: first}); len(got) != 1 || got[0].Kind != Port {
			t.Errorf("at the first answer the port has the address alone, got %+v", got)
		}
		if got := history(t, s, Query{Device: id(50), At: first}); len(got) != 2 || got[0].DeviceName != "web-1" || got[0].SubnetName != "apps" {
			t.Errorf("names at the first answer are those of that time, got %+v", got)
		}
		check.Equal(t, "in the subnet since the second answer", 4, len(history(t, s, Query{Subnet: id(900), Since: second})))
		r, _ := s.Reader()
		held := history(t, s, Query{Addresses: netip.PrefixFrom(addr(2), 32)})
		at := slices.IndexFunc(held, func(t Tenure) bool { return t.Item == id(2) })
		if got, err := r.LastHoldersOf(t.Context(), addr(2)); err != nil || len(got) != 1 || got[[2]string{"c", "p"}] != held[at].String() || !strings.HasPrefix(held[at].String(), "reserved ") {
			t.Errorf("last holders: %+v, %v", got, err)
		}
	}
}

func TestARestartContinuesTenuresAndShowsTheGap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloudip.db")
	w := newWorld()
	s := open4test(t, Options{Path: path})
	w.ports = []inventory.Port{port(1, 0), port(2, 7)}
	before := w.record(t, s)
	s.closeFile()
	check.OK(t, os.Chmod(path, 0o644)) // as a backup that is put back may have
	w.at = w.at.Add(time.Hour)
	w.ports = w.ports[:1]
	s = open4test(t, Options{Path: path})
	after := w.record(t, s)
	got := history(t, s, Query{})
	if len(got) != 2 || !got[0].FirstSeen.Equal(before) || !got[0].IdleSince.Equal(before) || !got[0].EndedBefore.IsZero() || !got[1].LastSeen.Equal(before) || !got[1].EndedBefore.Equal(after) {
		t.Errorf("got %+v", got)
	}
	r, _ := s.Reader()
	gaps, err := r.Gaps(t.Context(), Query{})
	if i := slices.IndexFunc(gaps, func(g Gap) bool { return g.Collector == "ports" }); err != nil || i < 0 || !gaps[i].Since.Equal(before) || !gaps[i].Until.Equal(after) {
		t.Errorf("gaps %+v, %v", gaps, err)
	}
	for _, name := range []string{"", "-wal", "-shm", ".lock"} {
		check.Equal(t, name, 0o600, check.Get(os.Stat(path+name))(t).Mode())
	}
	reader := check.Get(OpenReader(path))(t)
	defer reader.Close()
	for tenure, err := range reader.History(t.Context(), Query{}) {
		if err != nil || tenure.SubnetName != "apps" {
			t.Errorf("beside the writer: %+v, %v", tenure, err)
		}
	}
}

func TestAFileThatCannotBeUsed(t *testing.T) {
	cases := []struct {
		name    string
		spoil   func(t *testing.T, path string)
		says    string
		renamed bool
	}{
		{"overwritten", func(t *testing.T, path string) { check.Write(t, path, strings.Repeat("no database ", 4000)) }, "", true},
		{"truncated", func(t *testing.T, path string) { check.OK(t, os.Truncate(path, 9000)) }, "", true},
		{"newer", func(t *testing.T, path string) {
			f := check.Get(openFile(path))(t)
			check.OK(t, f.exec("PRAGMA user_version = 2"))
			f.close()
		}, "a newer version", false},
		{"locked", func(t *testing.T, path string) { t.Cleanup(check.Get(openFile(path))(t).close) }, "another process", false},
		{"no directory", func(t *testing.T, path string) {
			check.OK(t, os.RemoveAll(filepath.Dir(path)))
			check.Write(t, filepath.Dir(path), "a file")
		}, "not a directory", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "dir", "cloudip.db")
			w, s := newWorld(), open4test(t, Options{Path: path})
			w.ports = []inventory.Port{port(1, 0)}
			w.record(t, s)
			s.closeFile()
			c.spoil(t, path)
			s = open4test(t, Options{Path: path})
			if !strings.Contains(s.told, c.says) || up(s) || testutil.ToFloat64(s.metrics.failures) == 0 {
				t.Fatalf("says %q, up %v, failures %v", s.told, up(s), testutil.ToFloat64(s.metrics.failures))
			}
			s.Record("me", w.collect())
			s.step(false)
			renamed, _ := filepath.Glob(path + ".damaged-*")
			if (len(renamed) > 0) != c.renamed || up(s) != c.renamed {
				t.Errorf("renamed %v, up %v", renamed, up(s))
			}
			if _, err := s.Reader(); errors.Is(err, ErrNone) != !c.renamed {
				t.Error(err)
			}
		})
	}
}

// tidied deletes what is too old or too much.
func tidied(t *testing.T, s *Store, at time.Time, o Options) {
	t.Helper()
	for check.Get(s.file.tidy(millis(at), o))(t) {
	}
}

func TestOldAndTooManyTenuresAreDeleted(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	for i := range 40 {
		w.ports = nil
		for n := range 50 {
			w.ports = append(w.ports, port(i*50+n+1, 0))
		}
		w.record(t, s)
	}
	check.Equal(t, "tenures before", 2000, len(history(t, s, Query{})))
	tidy := func(o Options) int {
		tidied(t, s, w.at, o)
		return len(history(t, s, Query{}))
	}
	check.Equal(t, "tenures lasted until 10 minutes ago or longer", 12*50, tidy(Options{Retention: 10*time.Minute + time.Second}))
	if n := tidy(Options{RetentionSize: 100_000}); n < 50 || n > 500 {
		t.Errorf("%d tenures in 100 kB", n)
	}
	check.Equal(t, "tenures stay", 50, tidy(Options{RetentionSize: 1}))
}

func TestWhatIsDeletedIsKnownToBeGone(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	w.servers = []inventory.Server{{ID: id(7), Name: "stays"}, {ID: id(8), Name: "goes"}}
	w.ports = []inventory.Port{port(1, 7), port(2, 8), port(3, 0)}
	w.record(t, s)
	w.at = w.at.Add(2 * time.Hour)
	w.failed["ports"] = true
	w.servers = w.servers[:1]
	w.record(t, s)
	tidied(t, s, w.at, Options{Retention: time.Hour})
	var names int
	check.OK(t, s.file.row(`SELECT count(*) FROM names WHERE cidr = ''`).Scan(&names))
	if got := history(t, s, Query{}); len(got) > 0 || names > 0 {
		t.Errorf("%d tenures and %d names of servers are kept that nobody has seen for longer than the retention", len(got), names)
	}
	w.failed["ports"] = false
	again := w.record(t, s)
	if got := history(t, s, Query{}); len(got) != 3 || !got[0].FirstSeen.Equal(again) || got[0].DeviceName != "stays" || !got[2].IdleSince.Equal(again) {
		t.Errorf("after the ports were seen again: %+v", got)
	}
}

func TestAStateThatWasNotWrittenInTimeIsDroppedAndCounted(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	for n := range 3 {
		w.ports = []inventory.Port{port(n+1, 0)}
		s.Record("me", w.collect())
	}
	s.step(false)
	if got := history(t, s, Query{}); testutil.ToFloat64(s.metrics.dropped) != 2 || len(got) != 1 || got[0].Item != id(3) {
		t.Errorf("dropped %v, kept %+v", testutil.ToFloat64(s.metrics.dropped), got)
	}
}

func TestCloseWritesWhatIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloudip.db")
	s, w := Open(Options{Path: path}, slog.New(slog.DiscardHandler)), newWorld()
	w.ports = []inventory.Port{port(1, 0)}
	s.Record("me", w.collect())
	check.OK(t, s.Close(t.Context()))
	got := history(t, open4test(t, Options{Path: path}), Query{})
	check.Equal(t, "tenures written", "1 "+id(1).String(), fmt.Sprint(len(got), " ", got[0].Item))
}

// A person removes the file to forget, or puts a backup in its place, and does not stop
// the daemon.
func TestAFileThatSomebodyRemovesOrReplacesIsOpenedAnew(t *testing.T) {
	for name, c := range map[string]struct {
		backup bool
		want   int // tenures
	}{"removed": {false, 1}, "replaced": {true, 2}} {
		path := filepath.Join(t.TempDir(), "cloudip.db")
		s, w := open4test(t, Options{Path: path}), newWorld()
		w.ports = []inventory.Port{port(1, 0)}
		w.record(t, s)
		check.OK(t, s.file.exec(`VACUUM INTO '`+path+`.backup'`))
		for _, part := range []string{"", "-wal", "-shm"} {
			check.OK(t, os.Remove(path+part))
		}
		if c.backup {
			check.OK(t, os.Rename(path+".backup", path))
		}
		w.ports = []inventory.Port{port(2, 0)}
		w.record(t, s)
		s.closeFile()
		check.Equal(t, "tenures after it was "+name, c.want, len(history(t, open4test(t, Options{Path: path}), Query{})))
	}
}

func TestLastAnswersComeBackWithTheirOwnTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloudip.db")
	w, s := newWorld(), open4test(t, Options{Path: path})
	w.at = time.Now().Add(-3 * time.Minute).Truncate(time.Millisecond)
	w.ports = []inventory.Port{port(1, 0), port(2, 7)}
	first := w.record(t, s)
	w.ports = w.ports[:1]
	w.record(t, s) // within a minute of the first writing: tenures alone
	w.failed["servers"] = true
	shown := func(states []inventory.State) string { // of ports the time and how many
		var all []string
		for _, st := range states {
			text := st.Collector
			if st.Collector == "ports" {
				text += fmt.Sprint(" ", st.LastSuccess.UTC(), " ", st.Part.Data.(inventory.PortData).Ports.Len())
			}
			all = append(all, text)
		}
		slices.Sort(all)
		return strings.Join(all, ", ")
	}
	written := check.Get(s.file.answers(keyOf("me", "p"), time.Now(), time.Hour, s.log))(t)
	check.Has(t, "written after the first", shown(written), fmt.Sprint("ports ", first.UTC(), " 2,"))
	check.Has(t, "restored before it is written", shown(s.Restore("me", "c", "p")), fmt.Sprint("ports ", w.at.UTC(), " 1,"))
	s.step(true)
	s.closeFile()

	s = open4test(t, Options{Path: path})
	check.Equal(t, "of another login", "", shown(s.Restore("another login", "c", "p")))
	want := fmt.Sprint("ports ", w.at.UTC(), " 1, private_ips, public_ips, servers")
	check.Equal(t, "after the end", want, shown(s.Restore("me", "c", "p")))
	check.Equal(t, "projects", []string{"p"}, s.Projects("me"))
	s.step(false)
	check.Equal(t, "idle since", first, s.IdleSince("c", "p")(id(1), addr(1)))
	w.at = time.Now().Add(time.Hour)
	s.Record("me", w.collect())
	s.step(true)
	check.Equal(t, "of the future", "servers", shown(s.Restore("me", "c", "p")))
	s.closeFile()
	s = open4test(t, Options{Path: path, MaxStale: time.Minute})
	check.Equal(t, "older than max_stale", "", shown(s.Restore("me", "c", "p")))
	s.step(false)
	check.Equal(t, "idle since", first, s.IdleSince("c", "p")(id(1), addr(1)))
}

func TestALabelShowsTheLoginThatWasRecordedLast(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	w.ports = []inventory.Port{port(1, 0)}
	first := w.record(t, s)
	s.Record("another login", w.collect())
	s.step(false)
	w.record(t, s)
	check.Equal(t, "idle since", first, s.IdleSince("c", "p")(id(1), addr(1)))
	check.Equal(t, "since when another is idle is not recorded", time.Time{}, s.IdleSince("c", "p")(id(2), addr(2)))
}

func TestTheTenureThatEndsIsTheOneThatWentAway(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	other := newWorld() // of another login, which sees the same shared port
	other.cloud = "other"
	other.ports = []inventory.Port{port(1, 7)}
	w.ports = other.ports
	w.public = []inventory.PublicIP{{ID: id(70), Addr: addr(99), PortID: id(4), Private: addr(4), Attached: true}}
	w.subs = []inventory.SubInterface{{ID: id(80), SubnetID: id(900), DeviceID: id(7), Addrs: []netip.Addr{addr(9)}}}
	w.record(t, s)
	s.Record("another login", other.collect())
	s.step(false)
	w.ports = []inventory.Port{{ID: id(80), NetworkID: id(900), DeviceID: id(7), Fixed: []inventory.FixedIP{{SubnetID: id(901), Addr: addr(9)}}}}
	w.public[0].PortID = id(5)
	w.subs = nil
	w.record(t, s)
	for _, tt := range []struct {
		what  string
		addr  int
		lasts func(Tenure) bool
	}{
		{"a port that another login still sees", 1, func(t Tenure) bool { return t.Cloud == "other" }},
		{"a public IP that points at another port", 99, func(t Tenure) bool { return t.Port == id(5) }},
		{"a sub-interface that became a port", 9, func(t Tenure) bool { return t.Kind == Port }},
	} {
		got := history(t, s, Query{Addresses: netip.PrefixFrom(addr(tt.addr), 32)})
		check.Equal(t, tt.what, 2, len(got))
		for _, tenure := range got {
			check.Equal(t, tt.what+": it lasts", tt.lasts(tenure), tenure.EndedBefore.IsZero())
		}
	}
}

func TestWhatWasDeletedFromTheFileIsLeftAlone(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	w.ports = []inventory.Port{port(1, 7), port(2, 7), port(3, 7), port(4, 7)}
	w.record(t, s)
	check.OK(t, s.file.exec(`DELETE FROM tenures WHERE address <> ?`, addr(3).AsSlice()))
	w.ports = []inventory.Port{port(2, 7)}
	w.ports[0].Status = "DOWN"
	last := w.record(t, s)
	if got := history(t, s, Query{}); len(got) != 1 || got[0].Address != addr(3) || !got[0].EndedBefore.Equal(last) {
		t.Errorf("%+v", got)
	}
}

func TestIdleTimeBeginsAnew(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	w.public = []inventory.PublicIP{{ID: id(1), Addr: addr(1)}, {ID: id(2), Addr: addr(2)}}
	w.record(t, s)
	w.public = []inventory.PublicIP{{ID: id(1), Addr: addr(1), Attached: true}} // one is used, one goes
	w.record(t, s)
	w.public = append(w.public, inventory.PublicIP{ID: id(2), Addr: addr(2), Attached: true})
	w.record(t, s)
	w.public = []inventory.PublicIP{{ID: id(1), Addr: addr(1)}, {ID: id(2), Addr: addr(2)}}
	last := w.record(t, s)
	w.public = []inventory.PublicIP{{ID: id(1), Addr: addr(1), Status: "DOWN"}, {ID: id(2), Addr: addr(2), Status: "DOWN"}}
	w.record(t, s)
	for _, tenure := range history(t, s, Query{At: w.at}) {
		check.Equal(t, tenure.Address.String()+" is idle since", last, tenure.IdleSince)
	}
}

func TestAScrapeDoesNotWaitForTheFile(t *testing.T) {
	for _, c := range []struct {
		name  string
		do    func(*Store, *file)
		shows func(*Store) bool
	}{
		{"written", func(s *Store, f *file) { s.wrote(f, observation{}, 0) }, func(s *Store) bool { return testutil.ToFloat64(s.metrics.writes) == 1 }},
		{"closed", func(s *Store, _ *file) { s.closeFile() }, func(s *Store) bool { return !up(s) }},
	} {
		s, w := open4test(t, Options{Memory: true}), newWorld()
		s.Record("me", w.collect())
		busy, stuck := make(chan struct{}), make(chan struct{})
		file := s.file
		go file.conn.Raw(func(any) error { close(busy); <-stuck; return nil })
		<-busy
		done, shown := make(chan struct{}), make(chan struct{})
		go func() { defer close(done); c.do(s, file) }()
		go func() {
			defer close(shown)
			for !c.shows(s) {
				time.Sleep(time.Millisecond)
			}
		}()
		select {
		case <-shown:
		case <-time.After(10 * time.Second):
			t.Errorf("the metrics wait while the file is %s", c.name)
		}
		close(stuck)
		<-done
	}
}

func TestReadersDoNotWaitForOneAnother(t *testing.T) {
	s, w := open4test(t, Options{Memory: true}), newWorld()
	w.ports = []inventory.Port{port(1, 7)}
	w.record(t, s)
	r, ctx := check.Get(s.Reader())(t), check.Within(t, 10*time.Second)
	for n := range readersAtOnce {
		next, stop := iter.Pull2(r.History(ctx, Query{}))
		defer stop()
		if tenure, err, _ := next(); err != nil || tenure.SubnetName != "apps" {
			t.Fatalf("beside %d that have begun to read: %+v, %v", n, tenure, err)
		}
	}
}

func TestARenamedCloudHasItsHistoryUnderTheNewName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloudip.db")
	w, s := newWorld(), open4test(t, Options{Path: path})
	w.ports = []inventory.Port{port(1, 5)}
	w.record(t, s)
	s.closeFile()
	s = open4test(t, Options{Path: path})
	snap := w.collect()
	snap.Cloud = "renamed"
	s.Record("me", snap)
	s.step(false)
	check.Equal(t, "under the new name", 1, len(history(t, s, Query{Cloud: "renamed"})))
	check.Equal(t, "under the old name", 0, len(history(t, s, Query{Cloud: "c"})))
}

func TestAFullDiskStopsWritingUntilThereIsSpace(t *testing.T) {
	s, w := open4test(t, Options{Path: filepath.Join(t.TempDir(), "cloudip.db")}), newWorld()
	w.ports = []inventory.Port{port(1, 0)}
	before := w.record(t, s)
	check.OK(t, s.file.exec(`PRAGMA max_page_count = 25`))
	for n := range 1000 {
		w.ports = append(w.ports, port(n+2, 0))
	}
	s.Record("me", w.collect())
	s.step(false)
	if up(s) || testutil.ToFloat64(s.metrics.failures) == 0 || len(s.pending) != 1 {
		t.Fatalf("a full disk is not noticed: %+v", s.pending)
	}
	if got := history(t, s, Query{}); len(got) != 1 || !got[0].FirstSeen.Equal(before) {
		t.Errorf("half an answer was written: %d tenures", len(got))
	}
	check.OK(t, s.file.exec(`PRAGMA max_page_count = 1000000`))
	s.step(false)
	if got := history(t, s, Query{At: w.at}); !up(s) || len(got) != 1001 || !got[0].LastSeen.Equal(w.at) {
		t.Errorf("it has not caught up: up %v, %d tenures", up(s), len(got))
	}
}
