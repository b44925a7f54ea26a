package clientconfig

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	utils "github.com/gophercloud/utils/v2/openstack/clientconfig"
	"go.yaml.in/yaml/v4"
)

const maxAuthFile = 1 << 20 // bytes of clouds.yaml and its like

// FileError is an error of clouds.yaml, or of a file beside it, as a whole.
type FileError struct{ err error }

func (e *FileError) Error() string { return e.err.Error() }

func (e *FileError) Unwrap() error { return e.err }

func asFileError(err error) error {
	if err == nil {
		return nil
	}
	return &FileError{err}
}

// yamlFiles reads the clouds.yaml that the configuration names, and secure.yaml
// and clouds-public.yaml beside it. Without a name each is the first of the
// usual places, as for OpenStack's own tools: OS_CLIENT_CONFIG_FILE replaces
// clouds.yaml alone.
type yamlFiles struct{ file string }

// LoadCloudsYAML implements utils.YAMLOptsBuilder.
func (y yamlFiles) LoadCloudsYAML() (map[string]utils.Cloud, error) {
	file := y.clouds()
	if file == "" {
		return nil, asFileError(fmt.Errorf("no clouds.yaml in this directory, ~/.config/openstack or /etc/openstack: %w", os.ErrNotExist))
	}
	var clouds utils.Clouds
	err := asFileError(readYAML(file, &clouds))
	return clouds.Clouds, err
}

// clouds is the path of clouds.yaml, "" where there is none.
func (y yamlFiles) clouds() string {
	if y.file != "" {
		return y.file
	}
	if named := os.Getenv("OS_CLIENT_CONFIG_FILE"); exists(named) {
		return named
	}
	return usual("clouds")
}

// hasAccessKey reports whether a cloud of clouds.yaml or secure.yaml has the
// access key of Huawei Cloud and OTC, which OpenStack's client does not know.
func (y yamlFiles) hasAccessKey(cloud string) bool {
	for _, file := range []string{y.clouds(), y.find("secure")} {
		var all struct {
			Clouds map[string]struct {
				Auth map[string]any `yaml:"auth"`
			} `yaml:"clouds"`
		}
		if readOptional(file, &all) != nil {
			continue
		}
		for _, key := range []string{"ak", "access_key", "sk", "secret_key"} {
			if _, ok := all.Clouds[cloud].Auth[key]; ok {
				return true
			}
		}
	}
	return false
}

// LoadSecureCloudsYAML implements utils.YAMLOptsBuilder.
func (y yamlFiles) LoadSecureCloudsYAML() (map[string]utils.Cloud, error) {
	var clouds utils.Clouds
	err := asFileError(readOptional(y.find("secure"), &clouds))
	return clouds.Clouds, err
}

// LoadPublicCloudsYAML implements utils.YAMLOptsBuilder.
func (y yamlFiles) LoadPublicCloudsYAML() (map[string]utils.Cloud, error) {
	var clouds utils.PublicClouds
	err := asFileError(readOptional(y.find("clouds-public"), &clouds))
	return clouds.Clouds, err
}

// find is the path of another file of the set.
func (y yamlFiles) find(name string) string {
	if y.file == "" {
		return usual(name)
	}
	beside := filepath.Join(filepath.Dir(y.file), name)
	if !exists(beside+".yaml") && exists(beside+".yml") {
		return beside + ".yml"
	}
	return beside + ".yaml" // even where it is missing: the error of reading it says so
}

// usual is the path of a file in the usual places, "" where none has it.
func usual(name string) string {
	places := []string{"."}
	if home, err := os.UserHomeDir(); err == nil {
		places = append(places, filepath.Join(home, ".config", "openstack"))
	}
	places = append(places, "/etc/openstack")
	for _, ending := range []string{".yaml", ".yml"} {
		for _, place := range places {
			if file := filepath.Join(place, name+ending); exists(file) {
				return file
			}
		}
	}
	return ""
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func readOptional(file string, to any) error {
	if file == "" {
		return nil
	}
	if err := readYAML(file, to); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func readYAML(file string, to any) error {
	data, err := readRegular(file)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(data, to); err != nil {
		// A YAML error may repeat the line, and with it a password.
		return fmt.Errorf("%s is not valid YAML of that kind", file)
	}
	return nil
}

// readRegular reads a small file. Anything else, as a pipe, could keep a login
// waiting for ever, or have no end.
func readRegular(file string) ([]byte, error) {
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
	data, err := io.ReadAll(io.LimitReader(f, maxAuthFile+1))
	if err == nil && len(data) > maxAuthFile {
		err = fmt.Errorf("read %s: larger than 1 MiB", file)
	}
	return data, err
}
