package main

import (
	"runtime"
	"runtime/debug"
)

// version tells what was built: the version of the module, or the revision of
// the source.
func version() string {
	text := "hookgraph"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return text + " " + runtime.Version()
	}
	text += " " + info.Main.Version
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			text += " revision " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			text += " (modified)"
		}
	}
	return text + " " + info.GoVersion
}
