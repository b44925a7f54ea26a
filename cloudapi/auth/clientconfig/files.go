package clientconfig

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

const maxFile = 1 << 20 // bytes

// finder finds the files of a set: clouds, secure, clouds-public.
type finder struct {
	getenv func(string) string
	named  string // the clouds.yaml that the configuration names
}

// clouds is the path of clouds.yaml, "" where there is none.
func (f finder) clouds() string {
	if f.named != "" {
		return f.named
	}
	return f.first(f.getenv("OS_CLIENT_CONFIG_FILE"), "clouds")
}

// secure is the path of secure.yaml, which adds secrets to clouds.yaml.
func (f finder) secure() string {
	file := f.getenv("OS_CLIENT_SECURE_FILE")
	if f.named == "" || readable(file) {
		return f.first(file, "secure")
	}
	return beside(f.named, "secure")
}

// public is the path of clouds-public.yaml, which holds profiles.
func (f finder) public() string {
	if f.named == "" {
		return f.first("", "clouds-public")
	}
	return beside(f.named, "clouds-public")
}

// first returns the file that a variable names, else the first of the usual
// places that can be read, in the order of openstacksdk.
func (f finder) first(variable, name string) string {
	if readable(variable) {
		return variable
	}
	for _, place := range f.places() {
		if file := inFolder(place, name); file != "" {
			return file
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

func beside(file, name string) string { return inFolder(filepath.Dir(file), name) }

func inFolder(dir, name string) string {
	for _, ending := range []string{".yaml", ".yml", ".json"} {
		if file := filepath.Join(dir, name+ending); readable(file) {
			return file
		}
	}
	return ""
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
	data, err := readFile(file)
	if err != nil {
		return nil, &FileError{err}
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
func syntaxFault(file string, err error) *Fault {
	fault := &Fault{File: file, Text: "not valid YAML: look for a missing blank after a colon, a tab, or an unclosed quote near this line"}
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		fault.Line = e.Mark.Line
		if begun := e.ContextMark.Line; begun > 0 && strings.Contains(e.ContextMsg, "scanning") {
			fault.Line = begun // of the key or the quote that goes wrong
		}
	}
	return fault
}

// readFile reads a small file. Anything else, such as a pipe, could keep a login
// waiting for ever, or have no end.
func readFile(file string) ([]byte, error) {
	info, err := os.Stat(file) // before it is opened: opening a pipe waits for its writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("read %s: larger than 1 MiB", file)
	}
	return data, err
}
