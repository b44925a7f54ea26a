package faults

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"cloudip_exporter/cli"
	"cloudip_exporter/cloudapi"
	cloudwire "cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/collect"
	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/storage"
	"cloudip_exporter/test/check"
	"cloudip_exporter/test/loopback"
	"cloudip_exporter/test/process"
	"cloudip_exporter/web"
)

// What the program cannot be told from outside is played to its parts, put
// together as the program does it.

const roleVariable = "CLOUDIP_FAULTS_NAME_SERVER"

// serveHere serves the parts within this process; change may alter the options.
func serveHere(t *testing.T, yaml string, change func(*collect.Options)) *daemon {
	t.Helper()
	d := &daemon{t: t, log: &process.Log{}, client: &http.Client{Transport: &http.Transport{}}}
	logger := slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := check.Get(config.Parse("test.yml", []byte(yaml), config.Options{Collectors: collector.Catalogue()}))(t)
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
		Collectors: collector.All(), Logger: logger, Storage: &storage.Store{},
		Begin: func(collect.Target, config.Cloud) {}, Forget: func(collect.Target) {}, Other: func(*collect.Target) int { return 0 },
	}
	change(&opts)
	runner := check.Get(collect.New(cfg, opts))(t)
	handler, err := web.New(web.Options{Settings: web.Settings{TelemetryPath: "/metrics"}, Runner: runner, Recorded: &storage.Store{}, Process: process, API: api, APIOf: metrics.Of, Reload: func() error { return nil }, Logger: logger})
	check.OK(t, err)
	runner.Start()
	t.Cleanup(func() {
		d.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = runner.Close(ctx)
	})
	d.url = loopback.Serve(t, handler)
	return d
}

// serveBy serves as the program does, in a process that asks the given name server.
func serveBy(t *testing.T, yaml, nameServer string) *daemon {
	t.Helper()
	file := check.Write(t, filepath.Join(t.TempDir(), "config.yml"), yaml)
	cmd := exec.Command(os.Args[0], "serve", "--config.file="+file, "--web.listen-address=127.0.0.1:0", "--log.level=debug")
	cmd.Env = append(os.Environ(), roleVariable+"="+nameServer)
	return launch(t, cmd)
}

// asProgram is the process behind serveBy.
func asProgram(nameServer string) int {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, nameServer)
	}}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Process{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}, os.Args[1:])
}
