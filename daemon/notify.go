package daemon

import (
	"context"
	"net"

	sd "github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd, where that started this process, in which state it is.
func (d *Daemon) notify(state string) {
	if _, err := sd.SdNotify(false, state); err != nil {
		d.options.Logger.Warn("systemd could not be told the state of this process", "err", err)
	}
}

// listening is the BaseContext of the server, which calls it once it listens.
func (d *Daemon) listening(l net.Listener) context.Context {
	if d.options.Listening != nil {
		d.options.Listening(l)
	}
	d.notify(sd.SdNotifyReady)
	return context.Background()
}
