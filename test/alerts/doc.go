// Package alerts runs the recording rules, alerts and dashboards on a real
// Prometheus and Alertmanager against the demo world, sped up: each alert goes
// from inactive to firing to resolved and reaches a webhook, and every query of
// every dashboard returns data. Run it with `make e2e-alerts`; PROMETHEUS and
// ALERTMANAGER name the programs where they are not in the path.
package alerts
