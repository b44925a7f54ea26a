package cli

import (
	"runtime/debug"
	"strings"
	"testing"

	"cloudip_exporter/test/check"
)

func TestTheVersionIsKnownHoweverTheProgramIsBuilt(t *testing.T) {
	checkout := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.time", Value: "2026-11-01T00:00:00Z"}}
	linked := Build{"1.2.3", "4567cdef", "2026-12-01T00:00:00Z"}
	for name, tt := range map[string]struct {
		linked Build
		info   *debug.BuildInfo
		want   Build
	}{
		"a release":           {linked, &debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-2026"}, Settings: checkout}, linked},
		"go install of a tag": {Build{}, &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, Build{"1.2.3", "unknown", "unknown"}},
		"go build":            {Build{}, &debug.BuildInfo{Main: debug.Module{Version: "v1.2.4-0.2026"}, Settings: checkout}, Build{"1.2.4-0.2026", "0123abcd", "2026-11-01T00:00:00Z"}},
		"go run":              {Build{}, &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, Build{release + "-dev", "unknown", "unknown"}},
		"without modules":     {Build{}, nil, Build{release + "-dev", "unknown", "unknown"}},
	} {
		check.Equal(t, name, tt.want, buildOf(tt.linked, tt.info))
	}
}

func TestTheChangelogBeginsWithTheReleaseOfThisSource(t *testing.T) {
	_, rest, _ := strings.Cut(check.Read(t, "../CHANGELOG.md"), "\n## ")
	if !strings.HasPrefix(rest, release+" / ") {
		t.Errorf("CHANGELOG.md begins with %.20q, not with %s", rest, release)
	}
}
