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

// find returns the file of a set (clouds, secure, clouds-public) that a variable names,
// else the one beside the clouds.yaml that the configuration names, else the first of the
// usual places that can be read, in the order of openstacksdk.
func find(variable, name, cloudsYAML string) string {
	if file := os.Getenv(variable); readable(file) {
		return file
	}
	dirs := places()
	if cloudsYAML != "" {
		dirs = []string{filepath.Dir(cloudsYAML)}
	}
	for _, dir := range dirs {
		for _, ending := range []string{".yaml", ".yml", ".json"} {
			if file := filepath.Join(dir, name+ending); readable(file) {
				return file
			}
		}
	}
	return ""
}

func places() []string {
	dirs := []string{"."}
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		dirs = append(dirs, filepath.Join(dir, "openstack"))
	}
	if home := os.Getenv("HOME"); home != "" {
		dirs = append(dirs, filepath.Join(home, ".config", "openstack"))
	}
	return append(dirs, "/etc/xdg/openstack", "/etc/openstack")
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
