// Package config reads the YAML configuration file into a validated Config
// that only Load and Parse can make.
package config

import (
	"slices"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// Config is a valid configuration with all defaults applied. Its fields are
// closed: only Load and Parse can make one.
type Config struct {
	clouds     []Cloud
	collection Collection
	series     Series
	storage    Storage
	warnings   []string
	collectors []Collector // all that there are
}

// Clouds returns the configured clouds in the order of the file.
func (c *Config) Clouds() []Cloud { return slices.Clone(c.clouds) }

// Collection returns when to collect and how long an answer counts.
func (c *Config) Collection() Collection { return c.collection }

// Series returns which series are published.
func (c *Config) Series() Series { return c.series }

// Storage returns what to remember, and where.
func (c *Config) Storage() Storage { return c.storage }

// Warnings returns findings that do not make the configuration invalid, such as a
// plain http endpoint that is not loopback or a secret file readable by others.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// Some of the providers that package provider describes.
const (
	HuaweiCloud = "huaweicloud"
	OTC         = "otc"
	OpenStack   = "openstack"
)

// Cloud is one entry of clouds: a credential, the projects to watch, and how.
type Cloud struct {
	Name     string // label "cloud"
	Provider string // its name in package provider
	Region   string
	Auth     Auth
	// Projects are names or ids as written; ["*"] for all that the credential
	// sees; empty for the credential's own scope. Load fills in the name of the
	// region where each region has a project of its name, and no file or variable
	// can name another.
	Projects   []string
	Collectors []string // names; never empty after Load
	APIs       APIs
	Servers    string            // "baremetal" or "all"
	Endpoints  map[string]string // base URLs by service; with instance_metadata also metadata
	Limits     Limits
	HTTP       HTTP
	Tags       []string // Series.Tags
	// EnterpriseProject is the id of the one to watch; "" for all that the credential sees.
	EnterpriseProject string
}

// Ways to authenticate, as written in clouds[].auth.type.
const (
	AccessKey             = "access_key"
	Password              = "password"
	ApplicationCredential = "application_credential"
	InstanceMetadata      = "instance_metadata"
	CloudsYAML            = "clouds_yaml"
	Env                   = "env"
)

// Auth is how to log in. Which fields are set depends on Type.
type Auth struct {
	Type string
	URL  string // identity endpoint, with or without /v3; "" where clouds_yaml or env names it

	AccessKeyID   string
	SecretKey     Secret
	SecurityToken Secret // zero unless temporary

	Username   string
	UserDomain string
	Password   Secret
	// Project is the project to log in to where Projects is empty, by name or id;
	// ProjectDomain is its domain, "" for that of the user.
	Project, ProjectDomain string

	ApplicationCredentialID     string
	ApplicationCredentialSecret Secret

	CloudsYAMLCloud string // key "cloud"
	CloudsYAMLFile  string // key "file"; "" searches the usual places
}

// APIs chooses between APIs that serve the same resource.
type APIs struct {
	Ports           string // the choice of a provider.API
	Servers         string // likewise
	ServerAddresses string // ips or list
}

// Limits protect the cloud's control plane.
type Limits struct {
	RequestsPerSecond float64 // shared by all that use this credential; 0 is no limit
	Concurrency       int
	PageSize          int
}

// HTTP is how to reach the cloud.
type HTTP struct {
	Timeout  time.Duration // of one request
	ProxyURL Secret        // may carry a password
	TLS      promconfig.TLSConfig
}

// Collection is when to collect.
type Collection struct {
	Interval time.Duration // 0: on each scrape
	Timeout  time.Duration // of one collection
	MaxStale time.Duration // how long the last complete answer replaces a failed one
}

// Series is which series are published.
type Series struct {
	Limit           int
	Ports           string // none, down, idle or all
	ServerAddresses bool
	PublicIPs       string   // none, unattached or all
	Tags            []string // names of tags of subnets that become labels
}

// Storage is what to remember, and where.
type Storage struct {
	Path          string // "" keeps nothing
	Retention     time.Duration
	RetentionSize int64 // bytes
}
