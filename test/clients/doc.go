// Package clients points clients that others wrote at the simulated clouds:
// gophercloud, Huawei Cloud's own SDK, openstacksdk and openstackclient. Every
// value that they read must equal the simulator's truth. Run it with
// `make e2e-clients`, which prints how many values were compared. It is a module
// of its own, because the SDKs are large.
package clients
