package cli

import (
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"
)

// fishCompletion asks the program itself for the words, as the scripts for bash
// and zsh do.
const fishCompletion = `complete -c cloudip_exporter -a '(cloudip_exporter --completion-bash (commandline -opc)[2..] (commandline -ct))'
`

// addFishCompletion adds the script for fish beside those that kingpin brings.
func (a *app) addFishCompletion(stdout io.Writer) {
	a.Flag("completion-script-fish", "Output completion script for fish.").Hidden().PreAction(func(*kingpin.ParseContext) error {
		fmt.Fprint(stdout, fishCompletion)
		panic(terminated(0))
	}).Bool()
}
