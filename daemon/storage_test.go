package daemon

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
)

func TestAnOpenAddressIsWarnedOfWhereHistoryIsOfPeople(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "cloudip.db")
	for _, c := range []struct {
		listen, web, path string
		demo, warns       bool
	}{
		{":9877", "", kept, false, true},
		{"192.0.2.1:9877", "", kept, false, true},
		{"127.0.0.1:9877", "", kept, false, false},
		{"[::1]:9877", "", kept, false, false},
		{"localhost:9877", "", kept, false, false},
		{":9877", "web.yml", kept, false, false},
		{":9877", "", "none", false, false},
		{":9877", "", kept, true, false},
	} {
		yaml := "clouds: [{name: c, provider: openstack, auth: {type: password, url: \"https://k.example/v3\", username: u, password: p}}]\nstorage: {path: " + c.path + "}\n"
		cfg, err := config.Parse("test.yml", []byte(yaml), config.Options{Collectors: collector.Catalogue()})
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		d := &Daemon{process: prometheus.NewRegistry(), options: Options{
			InMemory: c.demo, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Listen: &toolkit.FlagConfig{WebListenAddresses: &[]string{c.listen}, WebConfigFile: &c.web},
		}}
		d.openStorage(cfg)
		d.closeStorage()
		if warns := strings.Contains(log.String(), "anybody who reaches this address"); warns != c.warns {
			t.Errorf("%+v: warns %v\n%s", c, warns, log.String())
		}
	}
}
