package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"

	"cloudip_exporter/test/check"
)

// authority makes certificates on the spot.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // of the certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, key: newKey(t)}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "private CA"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der := check.Get(x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key))(t)
	a.cert = check.Get(x509.ParseCertificate(der))(t)
	a.file = check.Write(t, filepath.Join(t.TempDir(), "ca.pem"), encode("CERTIFICATE", der))
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	return check.Get(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// issue makes a certificate for an address, or a name, that ends at until.
func (a *authority) issue(name string, until time.Time) (cert tls.Certificate, certFile, keyFile string) {
	a.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	key := newKey(a.t)
	der := check.Get(x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key))(a.t)
	keyDER := check.Get(x509.MarshalPKCS8PrivateKey(key))(a.t)
	dir := a.t.TempDir()
	certFile = check.Write(a.t, filepath.Join(dir, "cert.pem"), encode("CERTIFICATE", der))
	keyFile = check.Write(a.t, filepath.Join(dir, "key.pem"), encode("PRIVATE KEY", keyDER))
	return check.Get(tls.LoadX509KeyPair(certFile, keyFile))(a.t), certFile, keyFile
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}
