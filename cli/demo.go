package cli

import (
	"fmt"
	"net"
	"net/http"

	"cloudip_exporter/collector"
	"cloudip_exporter/config"
	"cloudip_exporter/simulator"
)

// local returns the URL at which clients on this machine find a server that listens at
// an address.
func local(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// startDemo serves a simulated cloud on a loopback port of its own and returns
// the configuration that watches it every 15 seconds, and how to end it.
func startDemo(o simulator.DemoOptions) (load func() (*config.Config, error), stop func(), err error) {
	clouds := simulator.NewDemo(o)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("starting the simulated cloud: %w", err)
	}
	server := &http.Server{Handler: clouds, ReadHeaderTimeout: readHeaderTimeout}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ends by Close
	}()
	yaml := []byte(clouds.ConfigYAML("http://"+listener.Addr().String()) + "collection: {interval: 15s}\nseries: {tags: [team]}\n")
	load = func() (*config.Config, error) {
		return config.Parse("demo", yaml, config.Options{Collectors: collector.Catalogue()})
	}
	stop = func() {
		_ = server.Close() // only this process used it
		<-ended
	}
	return load, stop, nil
}
