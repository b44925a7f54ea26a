package collect

import (
	"reflect"
	"testing"

	"cloudip_exporter/config"
)

func TestEverySecretOfACloudIsCompared(t *testing.T) {
	var c config.Cloud
	listed := secrets(&c)
	found := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch {
		case v.Type() == reflect.TypeFor[config.Secret]():
			found++
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		}
	}
	walk(reflect.ValueOf(c))
	if found != len(listed) {
		t.Errorf("a cloud has %d secrets, %d are compared", found, len(listed))
	}
	a, b := config.Cloud{Name: "a"}, config.Cloud{Name: "a"}
	a.Auth.Password, b.Auth.Password = config.NewSecret("x"), config.NewSecret("x")
	if !same(a, b) {
		t.Error("equal clouds are not the same")
	}
	b.Auth.Password = config.NewSecret("y")
	if same(a, b) {
		t.Error("another password is the same")
	}
}
