package storage

import (
	"database/sql"
	"net/netip"
	"time"

	"cloudip_exporter/inventory"
)

// The forms in which the file holds times, identifiers and addresses.

func millis(t time.Time) int64 { return t.UnixMilli() }

func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// idValue is 16 bytes for a UUID, else text.
func idValue(id inventory.ID) any {
	if uuid, ok := id.UUID(); ok {
		return uuid[:]
	}
	return id.String()
}

// idOrNull is idValue, NULL for none.
func idOrNull(id inventory.ID) any {
	if id.IsZero() {
		return nil
	}
	return idValue(id)
}

func idOf(v any) inventory.ID {
	switch v := v.(type) {
	case []byte:
		if len(v) == 16 {
			return inventory.UUIDFrom([16]byte(v))
		}
	case string:
		return inventory.ParseID(v)
	}
	return inventory.ID{}
}

func addressOf(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

func identityOf(address []byte, item, device, port any, private []byte) identity {
	return identity{addressOf(address), idOf(item), idOf(device), idOf(port), addressOf(private)}
}

func orNull(n int64, is bool) sql.NullInt64 { return sql.NullInt64{Int64: n, Valid: is} }
