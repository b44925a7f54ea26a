package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// parseQuery reads the query strictly: net/http drops what it cannot read,
// which would make a malformed question another question.
func parseQuery(r *http.Request) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, errors.New("the query of the URL is malformed")
	}
	return query, nil
}

// one returns a parameter that is given at most once, "" when it is not given.
func one(query url.Values, name string) (string, error) {
	values := query[name]
	switch len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	}
	return "", fmt.Errorf("the parameter %s is repeated", name)
}
