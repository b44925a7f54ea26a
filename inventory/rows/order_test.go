package rows

import (
	"fmt"
	"testing"

	"cloudip_exporter/test/check"
)

// A walk by cursor shows items twice where the order of some depends on others.
func TestValuesHaveOneOrder(t *testing.T) {
	values := []any{"10.0.0.0/24, 10.0.9.0/24", "10.0.0.2 2001:db8::2", "10.0.0.3", "10.0.0.10", "2001:db8::1/64", "10.0.0.5-10.0.0.9", "10.0.0.name", "fd00", "name", ""}
	for i, a := range values {
		for k, b := range values {
			check.Equal(t, fmt.Sprintf("%q comes before %q", a, b), i < k, CompareValues(a, b, false) < 0)
		}
	}
}
