package cli

import (
	"net/http"
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/simulator/simtest"
)

func TestOnlyTheServiceItselfProvesThatAPrivateIPIsGone(t *testing.T) {
	forEachProvider(t, func(t *testing.T, provider string) {
		r := newRig(t, provider)
		for body, proof := range map[string]bool{
			"<html><title>404 Not Found</title></html>": false,
			"":   false,
			"{}": false,
			`{"message":"no Route matched with those values"}`: false,
			"404 page not found": false,
			`{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`:         false,
			`{"code":"VPC.0704","message":"the private ip could not be found."}`:       true,
			`{"NeutronError":{"type":"PortNotFound","message":"Port x is not there"}}`: true,
		} {
			w, p, e := newFakeEnv(t), r.project(t), r.env(t)
			w.leaveEntry(t, journal.Entry{
				Action: journal.Release, Cloud: p.Cloud(), Project: p.Label(), Target: journal.Target{PrivateIPID: "00000000-0000-4000-8000-000000000001"},
			})
			remove := r.Fault(simtest.Fault{Method: http.MethodGet, Path: "/(privateips|ports)/[^/]+$", Status: http.StatusNotFound, Body: body})
			err := privateip.Reconcile(t.Context(), e, privateip.Options{JournalFile: w.journal})
			remove()
			if gone := exit.Code(err) == exit.OK; gone != proof {
				t.Errorf("404 %q: gone %v, %v, want it to be proof: %v", body, gone, err, proof)
			}
		}
	})
}
