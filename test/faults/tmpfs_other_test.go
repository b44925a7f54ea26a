//go:build !linux

package faults

import "errors"

func mountSmall(string, bool) (func(), error) { return nil, errors.New("only Linux has a tmpfs") }
