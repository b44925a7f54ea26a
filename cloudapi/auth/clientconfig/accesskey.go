package clientconfig

import "os"

// AccessKey is an access key of Huawei Cloud or OTC.
type AccessKey struct {
	Access, Secret string
	SecurityToken  string // of a temporary key
	IdentityURL    string // "" where none is written
}

// KeyFromEnvironment reads the variables of Huawei Cloud's SDK, of its Terraform
// provider and of OTC's. Access is "" where none of them is set.
func KeyFromEnvironment() AccessKey {
	return AccessKey{
		Access:        firstEnv("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK", "OS_ACCESS_KEY", "OS_ACCESS_KEY_ID", "OS_AK"),
		Secret:        firstEnv("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK", "OS_SECRET_KEY", "OS_ACCESS_KEY_SECRET", "OS_SK"),
		SecurityToken: firstEnv("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN", "OS_SECURITY_TOKEN"),
		IdentityURL:   firstEnv("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL"),
	}
}

func firstEnv(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}
