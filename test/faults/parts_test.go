package faults

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"cloudip_exporter/cloudapi"
	cloudwire "cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/test/check"
	"cloudip_exporter/web"
)

// What the program cannot be told from outside is played to its parts, put
// together as the program does it.

const roleVariable = "CLOUDIP_FAULTS_NAME_SERVER"

// parts puts the program's parts together; change may alter the options.
func parts(yaml string, logger *slog.Logger, change func(*collect.Options)) (handler http.Handler, stop func(), err error) {
	cfg, err := config.Parse("test.yml", []byte(yaml), config.Options{Collectors: collector.Catalogue()})
	if err != nil {
		return nil, nil, err
	}
	process, api := prometheus.NewRegistry(), prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	metrics, limiters := cloudwire.NewMetrics(api), &cloudwire.Limiters{}
	opts := collect.Options{
		Open: func(c config.Cloud) (collect.Cloud, error) {
			cloud, err := cloudapi.Open(c, cloudapi.Options{Logger: logger, Metrics: metrics, Limiters: limiters})
			if err != nil {
				return nil, err
			}
			return collect.Session(cloud), nil
		},
		Collectors: collector.All(), Logger: logger,
	}
	if change != nil {
		change(&opts)
	}
	runner, err := collect.New(cfg, opts)
	if err != nil {
		return nil, nil, err
	}
	handler, err = web.New(web.Options{Runner: runner, Process: process, API: api, APIOf: metrics.Of, Reload: func() error { return nil }, Logger: logger})
	if err != nil {
		return nil, nil, err
	}
	runner.Start()
	return handler, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = runner.Close(ctx)
	}, nil
}

// serveHere serves the parts within this process.
func serveHere(t *testing.T, yaml string, change func(*collect.Options)) *daemon {
	t.Helper()
	d := &daemon{t: t, log: &buffer{}, client: &http.Client{Transport: &http.Transport{}}}
	handler, stop, err := parts(yaml, slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug})), change)
	check.OK(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		d.client.CloseIdleConnections()
		server.Close()
		stop()
	})
	d.url = server.URL
	return d
}

// serveParts serves the parts as a process of its own that asks the given name
// server.
func serveParts(t *testing.T, yaml, nameServer string) *daemon {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+nameServer)
	cmd.Stdin = strings.NewReader(yaml)
	return launch(t, cmd)
}

// playParts is the process behind serveParts.
func playParts(nameServer string, yaml []byte) error {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, nameServer)
	}}
	handler, _, err := parts(string(yaml), slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})), nil)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "msg=\"Listening on\" address=%s\n", ln.Addr())
	return http.Serve(ln, handler)
}
