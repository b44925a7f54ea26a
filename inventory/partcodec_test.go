package inventory

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go4.org/netipx"

	"cloudip_exporter/inventory/space"
	"cloudip_exporter/test/check"
)

func packedChunks(t testing.TB, p *Part) (all [][]byte) {
	t.Helper()
	for chunk, err := range EncodePart(p) {
		check.OK(t, err)
		if len(chunk) > chunkMax {
			t.Errorf("a chunk of %d bytes", len(chunk))
		}
		all = append(all, slices.Clone(chunk))
	}
	return all
}

func unpacked(chunks [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, c := range chunks {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// manyPorts has ports of every form, built on an earlier list.
func manyPorts(n int) *Ports {
	port := func(i int) Port {
		var uuid [16]byte
		binary.BigEndian.PutUint64(uuid[:], uint64(i+1)*0x9e3779b97f4a7c15)
		p := Port{ID: ID{uuid: uuid}, NetworkID: ParseID("net"), Status: "ACTIVE", Fixed: []FixedIP{{ParseID("s"), space.Addr4(uint32(i))}}}
		switch i % 10 {
		case 1:
			p.Fixed = append(p.Fixed, FixedIP{ParseID("s6"), netip.MustParseAddr("2001:db8::1")})
		case 2:
			p.Fixed, p.DeviceID = nil, ParseID("text device")
		case 3:
			p.ID, p.Pairs = ParseID(fmt.Sprint("text-", i)), []netip.Prefix{netip.PrefixFrom(space.Addr4(uint32(i)), 32)}
		}
		return p
	}
	ports := make([]Port, n)
	for i := range ports {
		ports[i] = port(i)
	}
	first := frozen(ports...)
	for i := 0; i < n; i += 97 {
		ports[i].Status = "DOWN"
	}
	return onTop(first, ports...)
}

func TestAPartIsTheSameAfterPackingAndUnpacking(t *testing.T) {
	ports := manyPorts(50_000)
	ips := privateIPs(PrivateIP{ID: ParseID("ip"), SubnetID: ParseID("s"), Addr: space.Addr4(7), Owner: "o", Status: "ACTIVE"})
	capacity := 11.0
	subnet := Subnet{ID: ParseID("s"), Prefix: netip.MustParsePrefix("10.0.0.0/8"), Pools: []netipx.IPRange{netipx.IPRangeFrom(space.Addr4(1), space.Addr4(2))}, Usage: Usage{Capacity: &capacity}}
	for _, data := range []Data{
		PortData{Ports: ports, Subnets: []Subnet{subnet}, SubInterfaces: NewSubInterfaces([]SubInterface{{ID: ParseID("i"), SubnetID: ParseID("s"), Addrs: []netip.Addr{space.Addr4(9)}}})},
		PrivateIPData{IPs: ips, Subnets: []Subnet{subnet}},
		SubnetData{Subnets: []Subnet{subnet}, Gone: Gone{ParseID("g"): true}, VPCs: []VPC{{ID: ParseID("v"), Name: "\x80"}}},
		ServerData{{ID: ParseID("x"), Name: "n", Addresses: []ServerAddress{{"net", space.Addr4(5)}}}},
		AddressGroupData{{ID: ParseID("x"), Entries: []AddressGroupEntry{{Text: "t"}}, Updated: time.Unix(7, 0).UTC()}},
		PublicIPData{IPs: []PublicIP{{ID: ParseID("e"), Addr: space.Addr4(8), Attached: true}, {ID: ParseID("f")}}, Pools: []PublicIPPool{{Name: "p", Size: &capacity}}},
		QuotaData{{"network", -1, 3, 1}},
	} {
		part := &Part{Items: 3, Missing: Missing{2, errors.New("why")}, Data: data}
		chunks := packedChunks(t, part)
		got := check.Get(DecodePart(data.Collector(), unpacked(chunks)))(t)
		if _, is := data.(SubnetData); is {
			data.(SubnetData).VPCs[0].Name = "\ufffd" // as JSON writes it
		}
		check.Equal(t, data.Collector(), part.Data, got.Data, cmpopts.IgnoreFields(PrivateIPs{}, "addr"), cmp.Comparer(func(a, b *Ports) bool {
			return slices.EqualFunc(all(a), all(b), samePort) && slices.Equal(a.pairs, b.pairs) && a.Len() == b.Len()
		}))
		check.Equal(t, data.Collector()+": items and what is missing", "3 2 why", fmt.Sprint(got.Items, got.Missing.N, got.Missing.First))
	}
}

func samePort(a, b Port) bool {
	return slices.Equal(a.Fixed, b.Fixed) && slices.Equal(a.Pairs, b.Pairs) && a.ID == b.ID && a.DeviceID == b.DeviceID && a.NetworkID == b.NetworkID &&
		a.ProjectID == b.ProjectID && a.Status == b.Status && a.Owner == b.Owner && a.Instance == b.Instance
}

func TestAPortThatComesChangesOneChunk(t *testing.T) {
	part := func(ps *Ports) *Part { return &Part{Data: PortData{Ports: ps}} }
	before := frozen(all(manyPorts(50_000))...)
	after := onTop(before, append(all(before), Port{ID: ParseID("77777777-0000-4000-8000-000000000001"), NetworkID: ParseID("net"), Status: "ACTIVE"})...)
	old, changed := packedChunks(t, part(before)), 0
	for _, c := range packedChunks(t, part(after)) {
		if !slices.ContainsFunc(old, func(o []byte) bool { return slices.Equal(o, c) }) {
			changed++
		}
	}
	if changed > 3 || len(old) < 6 { // and the head has one kind more
		t.Errorf("%d of %d chunks changed", changed, len(old))
	}
}

func TestPackedPortsThatLackSomethingAreRefused(t *testing.T) {
	chunks := packedChunks(t, &Part{Data: PortData{Ports: manyPorts(200)}})
	for i, c := range chunks {
		broken := slices.Clone(chunks)
		if broken[i] = nil; len(c) > 8 {
			broken[i] = c[:len(c)-8] // one word of what is kept
		}
		if _, err := DecodePart("ports", unpacked(broken)); err == nil && i > 0 && len(c) > 0 {
			t.Errorf("chunk %d was read without its end", i)
		}
	}
	if _, err := DecodePart("ports", unpacked(slices.Delete(slices.Clone(chunks), 4, 5))); err == nil || len(chunks[4]) != (200+7)/8 {
		t.Error("ports were read without what is kept of their blocks")
	}
	if _, err := DecodePart("ports", unpacked(append(chunks, nil))); err == nil {
		t.Error("a section too many was read")
	}
}

func FuzzUnpackedPortsDoNotPanic(f *testing.F) {
	chunks := packedChunks(f, &Part{Data: PortData{Ports: manyPorts(20)}})
	f.Add(chunks[0], chunks[2], chunks[4], chunks[6], chunks[8])
	f.Fuzz(func(t *testing.T, head, base, kept, own, pairs []byte) {
		part, err := DecodePart("ports", unpacked([][]byte{head, nil, base, nil, kept, nil, own, nil, pairs}))
		if err != nil {
			return
		}
		snap := &Snapshot{Provider: "otc", States: []State{{Collector: "ports", Part: part}}}
		snap.PortUsage()
		for range part.Data.(PortData).Ports.All() {
		}
	})
}
