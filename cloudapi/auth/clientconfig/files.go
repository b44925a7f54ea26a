package clientconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"cloudip_exporter/config"
)

// finder finds the files of a set: clouds, secure, clouds-public.
type finder struct {
	getenv func(string) string
	named  string // the clouds.yaml that the configuration names
}

// find returns the file that a variable names, else the one beside the clouds.yaml
// that is named, else the first of the usual places that can be read, in the order of
// openstacksdk.
func (f finder) find(variable, name string) string {
	if file := f.getenv(variable); readable(file) {
		return file
	}
	places := f.places()
	if f.named != "" {
		places = []string{filepath.Dir(f.named)}
	}
	for _, place := range places {
		for _, ending := range []string{".yaml", ".yml", ".json"} {
			if file := filepath.Join(place, name+ending); readable(file) {
				return file
			}
		}
	}
	return ""
}

func (f finder) places() []string {
	places := []string{"."}
	home := f.getenv("HOME")
	if dir := f.getenv("XDG_CONFIG_HOME"); dir != "" {
		places = append(places, filepath.Join(dir, "openstack"))
	}
	if home != "" {
		places = append(places, filepath.Join(home, ".config", "openstack"))
	}
	return append(places, "/etc/xdg/openstack", "/etc/openstack")
}

// readable reports whether a file is there and may be read, as openstacksdk
// passes over others. What is no file at all is read later, and refused.
func readable(file string) bool {
	if file == "" {
		return false
	}
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return err == nil
	}
	opened, err := os.Open(file)
	if err != nil {
		return !errors.Is(err, fs.ErrPermission)
	}
	_ = opened.Close()
	return true
}

// document is the top of a file; nil of an empty one. JSON is YAML as well.
func document(file string) (*yaml.Node, error) {
	data, err := config.ReadFile(file)
	if err != nil {
		return nil, &FileError{fmt.Errorf("read %s: %w", file, err)}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, &FileError{syntaxFault(file, err)}
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	var whole any // finds aliases that contain themselves, or that would fill the memory
	if err := doc.Decode(&whole); err != nil {
		return nil, &FileError{syntaxFault(file, err)}
	}
	return doc.Content[0], nil
}

// syntaxFault names the line of a YAML error, and not its text, which may repeat
// a password.
func syntaxFault(file string, err error) *config.Fault {
	fault := &config.Fault{File: file, Text: "not valid YAML: look for a missing blank after a colon, a tab, or an unclosed quote near this line"}
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		fault.Line = e.Mark.Line
		if begun := e.ContextMark.Line; begun > 0 && strings.Contains(e.ContextMsg, "scanning") {
			fault.Line = begun // of the key or the quote that goes wrong
		}
	}
	return fault
}
