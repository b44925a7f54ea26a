package cli

import (
	"runtime/debug"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

func TestTheVersionIsKnownHoweverTheProgramIsBuilt(t *testing.T) {
	for name, tt := range map[string]struct {
		linked string
		info   *debug.BuildInfo
		want   string
	}{
		"a release":           {"1.2.3", &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-2026"}}, "1.2.3"},
		"go install of a tag": {"", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "1.2.3"},
		"go build":            {"", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.4-0.2026"}}, "1.2.4-0.2026"},
		"go run":              {"", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, release + "-dev"},
		"without modules":     {"", nil, release + "-dev"},
	} {
		check.Equal(t, name, tt.want, versionOf(tt.linked, tt.info))
	}
}

func TestTheChangelogBeginsWithTheReleaseOfThisSource(t *testing.T) {
	_, rest, _ := strings.Cut(check.Read(t, "../CHANGELOG.md"), "\n## ")
	check.Equal(t, "CHANGELOG.md begins", release, strings.SplitN(rest, " / ", 2)[0])
}
