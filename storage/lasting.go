package storage

import (
	"database/sql"
	"encoding/json"
	"errors"
)

// blockRows is how many tenures a row of lasting tells about.
const blockRows = 1024

type bits [blockRows / 8]byte

// mark writes which tenures of a kind of a target have ended, and which have begun.
func (f *file) mark(target int64, kind Kind, ended, begun []int64) error {
	type change struct{ ended, begun bits }
	blocks := map[int64]*change{}
	of := func(id int64) *change {
		if blocks[id/blockRows] == nil {
			blocks[id/blockRows] = new(change)
		}
		return blocks[id/blockRows]
	}
	for _, id := range ended {
		of(id).ended[id%blockRows/8] |= 1 << (id % 8)
	}
	for _, id := range begun {
		of(id).begun[id%blockRows/8] |= 1 << (id % 8)
	}
	for n, c := range blocks {
		var block []byte
		err := f.row(`SELECT bits FROM lasting WHERE target = ? AND kind = ? AND block = ?`, target, kind, n).Scan(&block)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		for i := range block {
			c.begun[i] |= block[i] &^ c.ended[i]
		}
		if c.begun == (bits{}) {
			err = f.exec(`DELETE FROM lasting WHERE target = ? AND kind = ? AND block = ?`, target, kind, n)
		} else {
			err = f.exec(`INSERT OR REPLACE INTO lasting VALUES (?, ?, ?, ?)`, target, kind, n, c.begun[:])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tenuresIn returns the tenures whose bits are set in a block.
func tenuresIn(n int64, block []byte) (ids []int64) {
	for i := range int64(len(block) * 8) {
		if block[i/8]>>(i%8)&1 != 0 {
			ids = append(ids, n*blockRows+i)
		}
	}
	return ids
}

// jsonOf is a list as json_each of SQLite reads it.
func jsonOf[T int64 | string](list []T) string {
	text, _ := json.Marshal(list) // numbers and hexadecimal text have no error
	return string(text)
}

// eachLasting reads columns of each tenure t that lasts, of a kind of a target, and for
// which where holds, into dest and calls do.
func eachLasting(query func(string, ...any) (*sql.Rows, error), target int64, kind Kind, columns, where string, do func(), dest ...any) error {
	var blocks [][]int64
	var n int64
	var block []byte
	rows, err := query(`SELECT block, bits FROM lasting WHERE target = ? AND kind = ?`, target, kind)
	err = each(rows, err, func() { blocks = append(blocks, tenuresIn(n, block)) }, &n, &block)
	for i := 0; err == nil && i < len(blocks); i++ {
		rows, err = query(`SELECT `+columns+` FROM json_each(?) l CROSS JOIN tenures t ON t.id = l.value `+where, jsonOf(blocks[i]))
		err = each(rows, err, do, dest...)
	}
	return err
}
