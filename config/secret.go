package config

// Secret is a text that no printer can read. It comes from the configuration
// itself or from a file that is read anew at every use.
type Secret struct{ source *source }

type source struct {
	text string
	file string
}
