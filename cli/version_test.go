package cli

import (
	"runtime/debug"
	"testing"
)

func TestTheVersionIsKnownHoweverTheProgramIsBuilt(t *testing.T) {
	revision := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0123abcd"}}
	for name, tt := range map[string]struct {
		linked string
		info   *debug.BuildInfo
		want   string
	}{
		"by the Makefile":     {"1.2.3", &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-2026"}}, "1.2.3"},
		"go install of a tag": {"", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "v1.2.3"},
		"go build":            {"", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.4-0.2026"}, Settings: revision}, "v1.2.4-0.2026"},
		"go run":              {"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: revision}, "0123abcd"},
		"without a checkout":  {"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "unknown"},
		"without modules":     {"", nil, "unknown"},
	} {
		if got := versionOf(tt.linked, tt.info); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
