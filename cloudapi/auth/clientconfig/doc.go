// Package clientconfig reads logins the way OpenStack's own client does: from
// clouds.yaml, secure.yaml and clouds-public.yaml, and from the environment
// variables OS_*. The reference is openstacksdk, openstack/config/loader.py.
//
// The table of keys (keys.go) says what each key does. A key that would change
// the login or the endpoints and that this program does not honour is a fault or
// a warning that names it; nothing is ignored in silence.
package clientconfig
