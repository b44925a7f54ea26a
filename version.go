package main

import (
	"fmt"
	"runtime/debug"

	"github.com/prometheus/common/version"
)

// versionText is what --version prints.
func versionText() string { return version.Print("cloudip_exporter") }

// versionName is the version that was built in, else what the Go tool knows.
func versionName() string {
	if version.Version != "" {
		return version.Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

// userAgent is how requests to clouds name this program.
func userAgent() string { return fmt.Sprintf("cloudip_exporter/%s", versionName()) }
