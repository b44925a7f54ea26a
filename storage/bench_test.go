package storage

import (
	"flag"
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"cloudip_exporter/inventory"
	"cloudip_exporter/test/check"
)

var tenures = flag.Int("tenures", 100_000, "tenures in the file of the benchmarks")

// BenchmarkRecord writes collections of 50,000 ports, of which some get another device.
func BenchmarkRecord(b *testing.B) {
	for _, changed := range []int{0, 500} {
		b.Run(fmt.Sprint(changed, " changed"), func(b *testing.B) {
			s, w := open4test(b, Options{Path: filepath.Join(b.TempDir(), "cloudip.db")}), newWorld()
			for n := range 50_000 {
				w.ports = append(w.ports, port(n+1, n+1))
			}
			w.record(b, s)
			for turn := 1; b.Loop(); turn++ {
				b.StopTimer()
				for i := range changed {
					n := turn*changed%50_000 + i
					w.ports[n] = port(n+1, 60_000+turn)
				}
				snap := w.collect()
				b.StartTimer()
				s.Record("me", snap)
				s.step(false)
			}
		})
	}
}

// filled has ten tenures for each address, of which the last lasts.
func filled(b *testing.B) *Store {
	s, w := open4test(b, Options{Path: filepath.Join(b.TempDir(), "cloudip.db")}), newWorld()
	w.ports = []inventory.Port{port(0, 1)}
	w.record(b, s)
	var indexes []string
	for _, name := range []string{"tenures_address", "tenures_device", "ends_ended"} {
		var text string
		check.OK(b, s.file.row(`SELECT sql FROM sqlite_schema WHERE name = ?`, name).Scan(&text))
		indexes = append(indexes, text)
		check.OK(b, s.file.exec(`DROP INDEX `+name))
	}
	check.OK(b, s.file.exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
		INSERT INTO tenures (id, target, kind, address, item, device, attributes, first, before, idle)
		SELECT i + 2, 1, 0, unhex(printf('%08x', 184549376 + i % (?2 / 10))), randomblob(16), randomblob(16), 1, ?1 + i, 60000, NULL FROM n`, millis(w.at)-int64(*tenures), *tenures))
	check.OK(b, s.file.exec(`INSERT INTO ends SELECT id, first + ?1 / 10 - 1, 60000 FROM tenures WHERE id BETWEEN 2 AND 1 + ?1 * 9 / 10`, *tenures))
	var lasting []int64
	for i := *tenures * 9 / 10; i < *tenures; i++ {
		lasting = append(lasting, int64(i+2))
	}
	check.OK(b, s.file.mark(1, Port, nil, lasting))
	for _, text := range indexes {
		check.OK(b, s.file.exec(text))
	}
	return s
}

func BenchmarkHistory(b *testing.B) {
	s := filled(b)
	s.measure(s.file)
	for _, c := range []struct {
		name string
		bits int
		at   time.Time
	}{{"address", 32, time.Time{}}, {"a 20 at a moment", 20, time.Now()}} {
		b.Run(c.name, func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				addresses := netip.PrefixFrom(addr(1<<24+n*7919%(*tenures/10)), c.bits).Masked()
				if len(history(b, s, Query{Addresses: addresses, At: c.at})) == 0 {
					b.Fatal("nothing is found")
				}
			}
			b.ReportMetric(testutil.ToFloat64(s.metrics.size)/float64(*tenures), "B/tenure")
		})
	}
}

// BenchmarkRetention deletes the oldest of too many.
func BenchmarkRetention(b *testing.B) {
	s, longest := filled(b), time.Duration(0)
	for b.Loop() {
		begun := time.Now()
		_, err := s.file.tidy(millis(begun), Options{RetentionSize: 1})
		check.OK(b, err)
		longest = max(longest, time.Since(begun))
	}
	b.ReportMetric(longest.Seconds()*1000, "longest-ms")
}
