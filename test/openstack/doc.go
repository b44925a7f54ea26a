// Package openstack compares the exporter with a real OpenStack: it reads the
// truth by plain REST of its own, sharing no code with the exporter, and holds
// every published number against it. Run it with `make e2e-openstack`; it
// takes the cloud that OS_CLOUD names in clouds.yaml.
package openstack
