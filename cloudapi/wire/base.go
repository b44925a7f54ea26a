package wire

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// ParseBase reads a base URL as people and catalogues write it: with or without
// a path prefix, a version and a project. The prefix stays. The key stands in
// the error.
func ParseBase(key, text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, fmt.Errorf("%s is not a URL such as https://host", key)
	}
	if u.User != nil {
		return nil, fmt.Errorf("%s holds a user or password: remove them", key)
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: prefixOf(u.Path)}, nil
}

var (
	versionSegment = regexp.MustCompile(`^v\d+(\.\d+)?$`)
	projectSegment = regexp.MustCompile(`^([0-9a-fA-F-]{32,36}|AUTH_.*|[$%]\(.*\)s)$`) // or what stands for one in a catalogue
)

// prefixOf cuts /v2.1, /v2.1/{project_id} and their like off the end of a path.
func prefixOf(path string) string {
	segments := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
	end := len(segments)
	if end > 1 && projectSegment.MatchString(segments[end-1]) && versionSegment.MatchString(segments[end-2]) {
		end--
	}
	if end > 0 && versionSegment.MatchString(segments[end-1]) {
		end--
	}
	if end == 0 {
		return ""
	}
	return "/" + strings.Join(segments[:end], "/")
}
