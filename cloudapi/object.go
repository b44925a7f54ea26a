package cloudapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"

	"github.com/go-json-experiment/json/jsontext"
)

// object is one call that answers with one object.
type object struct {
	service, version, operation string
	path                        string // after the version and the project
	query                       url.Values
	header                      http.Header
	body                        []byte         // of a POST
	key                         string         // of the object in the answer
	kind                        string         // what it is, for errors
	optional                    bool           // null stands for an empty one
	read                        func(*scanner) // consumes the value under key
}

// getObject asks for an object. An object that lacks what it must have, or has
// a value of the wrong type, is an *apierr.ItemError.
func (p *Project) getObject(ctx context.Context, o object) error {
	c, prefix, err := p.at(ctx, o.service, o.version)
	if err != nil {
		return err
	}
	return c.Read(ctx, o.call(prefix), newScanner().reading(o))
}

// postObject sends a request that must not be repeated and reads its answer.
func (p *Project) postObject(ctx context.Context, o object) error {
	c, prefix, err := p.at(ctx, o.service, o.version)
	if err != nil {
		return err
	}
	resp, err := c.Post(ctx, o.call(prefix))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return c.AnswerError(o.operation, resp, newScanner().reading(o)(resp.Body))
}

// deleteObject sends a request that must not be repeated and has no answer.
func (p *Project) deleteObject(ctx context.Context, o object) error {
	c, prefix, err := p.at(ctx, o.service, o.version)
	if err != nil {
		return err
	}
	resp, err := c.Delete(ctx, o.call(prefix))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func (o object) call(prefix string) wire.Call {
	return wire.Call{Operation: o.operation, Path: prefix + o.path, Query: o.query, Header: o.header, Body: o.body}
}

// reading reads an answer that holds one object.
func (s *scanner) reading(o object) func(io.Reader) error {
	return func(body io.Reader) error {
		s.reset(body)
		if err := s.wantObject(); err != nil {
			return err
		}
		found, code := false, ""
		s.object(func(key []byte) {
			switch {
			case string(key) == o.key && s.peek() != jsontext.KindNull:
				found = true
				o.read(s)
			case string(key) == o.key && o.optional:
				found = true
				s.skip()
			case string(key) == "error_code":
				code = s.str()
			default:
				s.skip()
			}
		})
		s.end()
		switch {
		case s.err != nil:
			return s.err
		case code != "":
			return apierr.InsideSuccess(o.service, o.operation, code)
		case !found:
			return fmt.Errorf("it has no %q", o.key)
		case s.bad != nil:
			return s.itemError(o.kind)
		}
		return nil
	}
}

// getItem asks for one object that read also reads of a list, as one record.
func getItem[T any](ctx context.Context, p *Project, o object, read func(*scanner, []T) []T) (T, error) {
	var items []T
	o.read = func(s *scanner) {
		items = read(s, nil)
		if s.id.IsZero() {
			s.refuse(errors.New("it has no id"))
		}
	}
	var zero T
	if err := p.getObject(ctx, o); err != nil {
		return zero, err
	}
	return items[0], nil
}
