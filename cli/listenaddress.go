package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// checkListenAddress refuses what nothing can listen at. That an address is in use,
// or another machine's, shows when it is tried.
func checkListenAddress(flag, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = net.DefaultResolver.LookupPort(context.Background(), "tcp", port)
	}
	if err != nil {
		return fmt.Errorf("%s=%s: %w: write HOST:PORT, or :PORT for all addresses of this machine", flag, address, err)
	}
	return nil
}

// nameListenFlag adds the flag to the error of an address at which nobody can listen.
func nameListenFlag(flag string, err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "listen" {
		return fmt.Errorf("%w: choose another address by %s", err, flag)
	}
	return err
}

// readHeaderTimeout bounds how long the simulated clouds wait for a request.
const readHeaderTimeout = 5 * time.Second
