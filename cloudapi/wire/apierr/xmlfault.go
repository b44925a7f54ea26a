package apierr

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"strings"
)

// ParseXML reads what an error in XML says: a gateway, an object store or a proxy
// answers so. It reports false for what is no XML, as HTML is none.
func ParseXML(body []byte) (Fault, bool) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	f := Fault{Page: true}
	declared := false
	var root, within string
	for {
		token, err := d.Token()
		if err != nil { // also where the answer is cut
			break
		}
		switch token := token.(type) {
		case xml.ProcInst:
			declared = declared || token.Target == "xml"
		case xml.Directive:
			if strings.Contains(strings.ToLower(string(token)), "html") {
				return Fault{}, false
			}
		case xml.StartElement:
			within = strings.ToLower(token.Name.Local)
			if root = cmp.Or(root, token.Name.Local); strings.EqualFold(root, "html") {
				return Fault{}, false
			}
		case xml.EndElement:
			within = ""
		case xml.CharData:
			f.take(within, strings.TrimSpace(string(token)))
		}
	}
	if f.Code == "" && f.Message == "" && !declared {
		return Fault{}, false
	}
	if f.Code == "" && strings.HasSuffix(root, "Fault") {
		f.Code = root
	}
	f.Message = cmp.Or(f.Message, "XML without an error in it")
	return f, true
}

// take takes over the text of an element.
func (f *Fault) take(element, said string) {
	switch element {
	case "code", "error_code", "errorcode", "faultcode":
		f.Code = cmp.Or(f.Code, said)
	case "message", "error_msg", "error_message", "errormessage", "msg", "faultstring":
		f.Message = cmp.Or(f.Message, said)
	}
}
