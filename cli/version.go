package cli

import (
	"cmp"
	"runtime/debug"

	"github.com/prometheus/common/version"
)

// Version returns the version of this build, however it was built: the linker's
// flag, else the version of the module that the Go tool wrote into the binary.
func Version() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(version.Version, info)
}

// versionOf returns the version that the linker set, else that of the build, else
// the revision of the source. A build without any of them is "unknown".
func versionOf(linked string, info *debug.BuildInfo) string {
	if linked != "" || info == nil {
		return cmp.Or(linked, "unknown")
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && s.Value != "" {
			return s.Value
		}
	}
	return "unknown"
}

// versionText is what --version prints.
func versionText() string { return version.Print("cloudip_exporter") }
