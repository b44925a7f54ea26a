package page

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"cloudip_exporter/cloudapi/wire"
	"cloudip_exporter/cloudapi/wire/apierr"
	"cloudip_exporter/inventory"
)

// Object is one call that answers with one object.
type Object struct {
	// At returns the client to ask, and the path before Path, as in Listing.
	At func(context.Context) (c *wire.Client, prefix string, err error)

	Operation, Path string
	Header          http.Header
	Body            []byte         // of a POST
	Key             string         // of the object in the answer
	Kind            string         // what it is, for errors
	Optional        bool           // null stands for an empty one
	Read            func(*Scanner) // consumes the value under Key
}

// Get asks for an object. An object that lacks what it must have, or has a value
// of the wrong type, is an *apierr.ItemError.
func (o Object) Get(ctx context.Context) error {
	c, prefix, err := o.At(ctx)
	if err != nil {
		return err
	}
	return c.Read(ctx, o.call(http.MethodGet, prefix), o.reader(c.Service))
}

// Post sends a request that must not be repeated and reads its answer.
func (o Object) Post(ctx context.Context) error {
	c, prefix, err := o.At(ctx)
	if err != nil {
		return err
	}
	resp, err := c.Do(ctx, o.call(http.MethodPost, prefix))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return c.AnswerError(o.Operation, resp, o.reader(c.Service)(resp.Body))
}

// Delete sends a request that must not be repeated and has no answer.
func (o Object) Delete(ctx context.Context) error {
	c, prefix, err := o.At(ctx)
	if err != nil {
		return err
	}
	resp, err := c.Do(ctx, o.call(http.MethodDelete, prefix))
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// GetItem asks for one object that item also reads of a list, as one record.
func GetItem[T any](ctx context.Context, o Object, item func(*Scanner, []T) []T) (T, error) {
	var zero T
	var items []T
	var fault *apierr.ItemError
	o.Read = func(s *Scanner) {
		s.BeginItem(inventory.ID{})
		items = item(s, nil)
		fault = s.TakeFault(o.Kind)
	}
	switch err := o.Get(ctx); {
	case err != nil:
		return zero, err
	case fault != nil:
		return zero, fault
	}
	return items[0], nil
}

func (o Object) call(method, prefix string) wire.Call {
	return wire.Call{Method: method, Operation: o.Operation, Path: prefix + o.Path, Header: o.Header, Body: o.Body}
}

// reader returns what reads an answer that holds one object.
func (o Object) reader(service string) func(io.Reader) error {
	s := newScanner()
	return func(body io.Reader) error {
		s.reset(body)
		if err := s.wantObject(); err != nil {
			return err
		}
		found, code := false, ""
		s.Object(func(key []byte) {
			switch name := string(key); { // Peek may read over the key
			case name == o.Key && s.Peek() != jsontext.KindNull:
				found = true
				o.Read(s)
			case name == o.Key && o.Optional:
				found = true
			default:
				code = cmp.Or(code, s.errorIn(name))
			}
		})
		s.in.End()
		switch {
		case s.err() != nil:
			return s.err()
		case code != "":
			return apierr.InsideSuccess(service, o.Operation, code)
		case !found:
			return fmt.Errorf("it has no %q", o.Key)
		case s.bad != nil:
			return s.itemError(o.Kind)
		}
		return nil
	}
}
