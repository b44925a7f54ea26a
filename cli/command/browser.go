package command

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
)

// openBrowser hands url to the desktop's browser. Neither the command's output
// nor an error shows the address.
func openBrowser(ctx context.Context, url string) error {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("open browser: %s is not installed; open the address on stdout yourself", name)
	}
	if err := exec.CommandContext(ctx, path, args...).Run(); err != nil {
		return fmt.Errorf("open browser: %s failed; open the address on stdout yourself", name)
	}
	return nil
}
