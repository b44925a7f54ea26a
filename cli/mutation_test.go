package cli

import (
	"testing"

	"cloudip_exporter/cli/exit"
	"cloudip_exporter/cli/privateip"
	"cloudip_exporter/cli/privateip/journal"
	"cloudip_exporter/config"
)

func TestAnOpenIntentIsARivalWhateverTheConfigurationCallsItsProject(t *testing.T) {
	const other = "00000000000000000000000000000001"
	for name, tt := range map[string]struct {
		cloud, project, id string
		want               int
	}{
		"the same labels":                   {"prod", "eu-de", projectID, exit.Conflict},
		"the project by its id":             {"prod", projectID, projectID, exit.Conflict},
		"another name of the cloud":         {"otc", "eu-de", projectID, exit.Conflict},
		"an old line without the id":        {"prod", "eu-de", "", exit.Conflict},
		"another project":                   {"prod", "eu-nl", other, exit.OK},
		"another project of the same label": {"prod", "eu-de", other, exit.OK},
		"an old line of another project":    {"prod", "eu-nl", "", exit.OK},
	} {
		t.Run(name, func(t *testing.T) {
			w := newFakeEnv(t, newFake(config.OTC))
			w.leaveEntry(t, journal.Entry{
				Action: journal.Assign, Cloud: tt.cloud, Project: tt.project, ProjectID: tt.id,
				Target: journal.Target{SubnetID: subnetA, Address: "10.20.0.2"},
			})
			wantExit(t, privateip.Assign(t.Context(), w.Env, assignOptions(w, "10.20.0.2")), tt.want)
		})
	}
}
