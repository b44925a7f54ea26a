package collect

import (
	"reflect"

	"cloudip_exporter/config"
)

// same reports whether two configurations of a cloud say the same.
func same(a, b config.Cloud) bool {
	ours, theirs := secrets(&a), secrets(&b)
	for i := range ours {
		if !ours[i].Equal(*theirs[i]) {
			return false
		}
		*ours[i], *theirs[i] = config.Secret{}, config.Secret{}
	}
	// A secret that is missing in the list never equals another here, which
	// costs an answer and not a wrong one.
	return reflect.DeepEqual(a, b)
}

func secrets(c *config.Cloud) []*config.Secret {
	return []*config.Secret{
		&c.Auth.SecretKey, &c.Auth.SecurityToken, &c.Auth.Password, &c.Auth.ApplicationCredentialSecret,
		&c.HTTP.ProxyURL,
	}
}

// sameAnswers reports whether answers collected with one configuration are as good
// with the other: the same is asked of the same cloud. What is chosen of it, how
// fast, which way, and with which secret may differ; keys are rotated together
// with their ids.
func sameAnswers(a, b config.Cloud) bool {
	for _, c := range []*config.Cloud{&a, &b} {
		c.Projects, c.Collectors, c.Limits, c.HTTP = nil, nil, config.Limits{}, config.HTTP{}
		c.Auth.AccessKeyID, c.Auth.ApplicationCredentialID = "", ""
		for _, s := range secrets(c) {
			*s = config.Secret{}
		}
	}
	return reflect.DeepEqual(a, b)
}
