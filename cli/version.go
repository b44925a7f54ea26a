package cli

import (
	"cmp"
	"runtime/debug"
	"strings"

	"github.com/prometheus/common/version"
)

// release is the version that this source becomes.
const release = "0.1.0"

// Version returns what the linker's flags say, else what the Go tool wrote into the
// binary.
func Version() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(version.Version, info)
}

func versionOf(linked string, info *debug.BuildInfo) string {
	found := ""
	if info != nil && info.Main.Version != "(devel)" {
		found = strings.TrimPrefix(info.Main.Version, "v")
	}
	return cmp.Or(linked, found, release+"-dev")
}
