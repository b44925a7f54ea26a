//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
)

// barePort is what the floor keeps of a port: the five fields that counting needs.
type barePort struct {
	ID       string `json:"id"`
	Network  string `json:"network_id"`
	Status   string `json:"status"`
	Owner    string `json:"device_owner"`
	FixedIPs []struct {
		Subnet  string `json:"subnet_id"`
		Address string `json:"ip_address"`
	} `json:"fixed_ips"`
}

// floor is the program that everybody can write: it streams the pages through
// encoding/json and counts ports and addresses. It prints the URLs of the pages.
func floor(first, token string) error {
	type group struct{ network, status, owner string }
	ports, addresses, total := map[group]int{}, map[string]int{}, 0
	out := bufio.NewWriter(os.Stdout)
	page, err := url.Parse(first)
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(page.Query().Get("limit"))
	if err != nil {
		return err
	}
	for {
		fmt.Fprintln(out, page)
		n, last := 0, ""
		err := ask(page.String(), token, func(body io.Reader) error {
			return eachPort(json.NewDecoder(body), func(p *barePort) {
				n, last = n+1, p.ID
				ports[group{p.Network, p.Status, p.Owner}]++
				for _, f := range p.FixedIPs {
					addresses[f.Subnet]++
				}
			})
		})
		if err != nil {
			return err
		}
		if total += n; n < size {
			break
		}
		query := page.Query()
		query.Set("marker", last)
		page.RawQuery = query.Encode()
	}
	fmt.Fprintf(os.Stderr, "%d ports in %d groups, %d subnets\n", total, len(ports), len(addresses))
	return out.Flush()
}

// eachPort goes over the elements of "ports", one at a time.
func eachPort(d *json.Decoder, each func(*barePort)) error {
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		if t == "ports" {
			break
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		var p barePort
		if err := d.Decode(&p); err != nil {
			return err
		}
		each(&p)
	}
	return nil
}

// discard reads the pages whose URLs stand on stdin and keeps nothing.
func discard(token string) error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		err := ask(lines.Text(), token, func(body io.Reader) error {
			_, err := io.Copy(io.Discard, body)
			return err
		})
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

func ask(url, token string, read func(io.Reader) error) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-Auth-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: %s", url, resp.Status)
	}
	return read(resp.Body)
}
