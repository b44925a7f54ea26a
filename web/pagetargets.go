package web

import (
	"net/url"
	"time"

	"cloudip_exporter/inventory"
)

// pageTarget is one target of the page with the state of its collectors.
type pageTarget struct {
	Cloud, Project, Provider string
	ProbeURL                 string
	Collectors               []pageCollector
}

type pageCollector struct {
	Name    string
	Success bool
	Failing bool
	Age     age
	Items   int
}

func newPageTarget(snap *inventory.Snapshot, now time.Time) pageTarget {
	t := pageTarget{
		Cloud: snap.Cloud, Project: snap.Project, Provider: snap.Provider,
		ProbeURL: "/probe?" + url.Values{"cloud": {snap.Cloud}, "project": {snap.Project}}.Encode(),
	}
	for i := range snap.States {
		st := &snap.States[i]
		c := pageCollector{Name: st.Collector, Success: st.Success, Failing: failing(st), Age: ageOf(snap, now, st.Collector)}
		if st.Part != nil {
			c.Items = st.Part.Items
		}
		t.Collectors = append(t.Collectors, c)
	}
	return t
}
