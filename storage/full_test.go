package storage

import (
	"path/filepath"
	"testing"

	"cloudip_exporter/inventory"
)

func TestAFullDiskStopsWritingUntilThereIsSpace(t *testing.T) {
	s, w := open4test(t, Options{Path: filepath.Join(t.TempDir(), "cloudip.db")}), newWorld()
	w.ports = []inventory.Port{port(1, 0)}
	before := w.record(t, s)
	must(t, s.file.exec(`PRAGMA max_page_count = 25`))
	for n := range 1000 {
		w.ports = append(w.ports, port(n+2, 0))
	}
	s.Record("me", w.collect())
	s.step(false)
	if s.status.Up || s.status.Failures == 0 || len(s.pending) != 1 {
		t.Fatalf("a full disk is not noticed: %+v", s.status)
	}
	if got := history(t, s, Query{}); len(got) != 1 || !got[0].FirstSeen.Equal(before) {
		t.Errorf("half an answer was written: %d tenures", len(got))
	}
	must(t, s.file.exec(`PRAGMA max_page_count = 1000000`))
	s.step(false)
	if got := history(t, s, Query{At: w.at}); !s.status.Up || len(got) != 1001 || !got[0].LastSeen.Equal(w.at) {
		t.Errorf("it has not caught up: %+v, %d tenures", s.status, len(got))
	}
}
