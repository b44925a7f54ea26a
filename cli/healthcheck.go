package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"cloudip_exporter/cli/command"
)

// healthcheckTime is how long a daemon may take to answer.
const healthcheckTime = 5 * time.Second

func healthcheckCommand() command.Command {
	return command.Command{
		Name: "healthcheck", Help: "Ask a daemon whether it is healthy; exit code 0 if it is, else 1.",
		Flags: func(c *kingpin.CmdClause) command.Run {
			server := c.Flag("server", "URL of the daemon, with its route prefix.").Default("http://127.0.0.1" + defaultAddress).String()
			file := c.Flag("server.config.file", "How to reach the daemon: http_config of Prometheus, with credentials and TLS.").PlaceHolder("FILE").String()
			return func(ctx context.Context, _ *command.Env) error { return runHealthcheck(ctx, *server, *file) }
		},
	}
}

func runHealthcheck(ctx context.Context, server, file string) error {
	u, err := command.DaemonURL(server)
	if err != nil {
		return err
	}
	client, err := command.DaemonClient(file)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	client.Timeout = healthcheckTime
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("-/healthy").String(), nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask daemon: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask daemon: %s answers %s", request.URL, response.Status)
	}
	return nil
}
