package cloudapi

import "fmt"

// ItemError says that one item of a listing could not be read. The listing goes on.
type ItemError struct {
	Kind string // what the item is: port, subnet, ...
	ID   string // its id, when that much could be read
	Err  error
}

func (e *ItemError) Error() string { return fmt.Sprintf("%s %q: %v", e.Kind, e.ID, e.Err) }

func (e *ItemError) Unwrap() error { return e.Err }
