package cli

import (
	"cmp"
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// release is the version that this source becomes.
const release = "0.1.0"

// Build is what is known of this build, however it was built.
type Build struct{ Version, Revision, Date string }

// ThisBuild returns what the linker's flags say, else what the Go tool wrote into
// the binary.
func ThisBuild() Build {
	info, _ := debug.ReadBuildInfo()
	return buildOf(Build{version.Version, version.Revision, version.BuildDate}, info)
}

func buildOf(linked Build, info *debug.BuildInfo) Build {
	found := Build{Version: release + "-dev", Revision: "unknown", Date: "unknown"}
	if info == nil {
		info = &debug.BuildInfo{}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		found.Version = strings.TrimPrefix(v, "v")
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			found.Revision = s.Value
		case "vcs.time":
			found.Date = s.Value
		}
	}
	return Build{
		Version:  cmp.Or(linked.Version, found.Version),
		Revision: cmp.Or(linked.Revision, found.Revision),
		Date:     cmp.Or(linked.Date, found.Date),
	}
}
