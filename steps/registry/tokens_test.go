package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	issuer  = "practice tokens"
	service = "registry of the tests"
	robot   = "robot" // may pull everything
	pusher  = "pusher"
	// Both have this password.
	robotPassword = "docker-password-01"
)

// tokens is a token service whose tokens a real registry believes: JWTs signed
// by a key whose certificate the registry was given. Its fields may be changed
// while nothing asks it.
type tokens struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert []byte // DER

	mu      sync.Mutex
	serial  int64
	ended   map[string]string // a token that was given: the same, but ended
	private map[string]bool   // repositories that nobody without a name may pull
	blunt   bool              // refuses, where it else gives a token that may do nothing
	other   string            // the repository that its tokens are for, whatever was asked for
	lasts   int               // expires_in; 0: not told
}

func newTokens(t *testing.T) *tokens {
	t.Helper()
	s := &tokens{t: t, ended: map[string]string{}, private: map[string]bool{}}
	var err error
	if s.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: issuer}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if s.cert, err = x509.CreateCertificate(rand.Reader, about, about, s.key.Public(), s.key); err != nil {
		t.Fatal(err)
	}
	return s
}

// bundle writes the certificate where the registry reads it.
func (s *tokens) bundle() string {
	name := filepath.Join(s.t.TempDir(), "tokens.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert}), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// ServeHTTP gives a token for what was asked for, as far as the asker may.
func (s *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, password, named := r.BasicAuth()
	if named && (password != robotPassword || user != robot && user != pusher) {
		say(w, http.StatusUnauthorized, "UNAUTHORIZED")
		return
	}
	var access []any
	for _, scope := range r.URL.Query()["scope"] {
		part := strings.Split(scope, ":")
		if len(part) != 3 || part[0] != "repository" {
			s.t.Errorf("the scope %q was asked for", scope)
			continue
		}
		actions := []string{"pull"}
		switch {
		case user == pusher:
			actions = strings.Split(part[2], ",")
		case !named && s.private[part[1]]:
			if s.blunt {
				say(w, http.StatusForbidden, "DENIED")
				return
			}
			continue
		}
		name := part[1]
		if s.other != "" && user != pusher {
			name = s.other
		}
		access = append(access, map[string]any{"type": "repository", "name": name, "actions": actions})
	}
	token := s.sign(user, access, time.Now().Add(5*time.Minute))
	// The registry grants a minute beyond the end.
	s.ended[token] = s.sign(user, access, time.Now().Add(-5*time.Minute))
	answer := map[string]any{"token": token}
	if s.lasts != 0 {
		answer["expires_in"] = s.lasts
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// sign makes a JWT (RFC 7519) signed with ES256 (RFC 7518, section 3.4).
func (s *tokens) sign(subject string, access []any, ends time.Time) string {
	s.serial++
	header := map[string]any{"typ": "JWT", "alg": "ES256", "x5c": []string{base64.StdEncoding.EncodeToString(s.cert)}}
	begins := ends.Add(-10 * time.Minute).Unix()
	claims := map[string]any{"iss": issuer, "aud": service, "sub": subject, "access": access,
		"exp": ends.Unix(), "nbf": begins, "iat": begins, "jti": big.NewInt(s.serial).String()}
	part := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			s.t.Error(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	text := part(header) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	a, b, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		s.t.Error(err)
		return ""
	}
	signature := make([]byte, 64)
	a.FillBytes(signature[:32])
	b.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// end returns a token that has ended in the place of one that was given.
func (s *tokens) end(token string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended[token]
}
