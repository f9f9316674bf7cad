package transport

import (
	"container/list"
	"crypto/sha256"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// The most that is remembered.
const (
	memoryEntries = 64
	memoryBytes   = 8 << 20 // of bodies and headers
)

// memory caches answers that came with an ETag. When the same request is sent
// again, the service can answer 304 Not Modified (RFC 9110, section 13.1.2), which
// GitHub doesn't count against the rate limit of authenticated clients.
//
// The same request has the same URL and exactly the same headers: what one
// credential was shown is never given to another, nor in another form. The cache
// may be used concurrently.
type memory struct {
	mu      sync.Mutex
	entries map[key]*list.Element
	order   *list.List // most recently used first
	bytes   int
}

type key [sha256.Size]byte

type entry struct {
	key    key
	etag   string
	status string
	header http.Header
	body   []byte
}

// size returns about how much memory an entry takes, in bytes.
func (e *entry) size() int {
	n := len(e.etag) + len(e.status) + len(e.body)
	for name, values := range e.header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// question is a request as it is sent, and its cached answer, if any.
type question struct {
	req   *http.Request
	key   key
	known *entry
}

func newMemory() *memory { return &memory{entries: map[key]*list.Element{}, order: list.New()} }

// conditions are headers that ask for less than the whole answer.
var conditions = []string{"If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"}

// question prepares a request without changing it. Only answers to GET are cached:
// one to HEAD has no body to save.
func (m *memory) question(req *http.Request) question {
	q := question{req: req}
	if req.Method != http.MethodGet || slices.ContainsFunc(conditions, func(h string) bool { return req.Header.Get(h) != "" }) {
		return q
	}
	sum := sha256.New()
	_, _ = io.WriteString(sum, req.Host+"\n"+req.URL.String()+"\n")
	_ = req.Header.Write(sum) // in order of the names; a hash takes everything
	sum.Sum(q.key[:0])

	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[q.key]; ok {
		m.order.MoveToFront(e)
		q.known = e.Value.(*entry)
		q.req = req.Clone(req.Context())
		q.req.Header.Set("If-None-Match", q.known.etag)
	}
	return q
}

// answer returns the cached answer, with the new headers, if the service says that
// it hasn't changed; otherwise it caches the answer where it can, and returns it.
func (m *memory) answer(q question, resp *http.Response) *http.Response {
	switch {
	case q.key == key{}:
	case resp.StatusCode == http.StatusNotModified && q.known != nil:
		if now := resp.Header.Get("ETag"); now != "" && weak(now) != weak(q.known.etag) {
			m.forget(q.key) // of another version: ask for all of it next time
			return resp
		}
		return q.known.again(q, resp)
	case resp.StatusCode == http.StatusOK:
		m.keep(q.key, resp)
	}
	return resp
}

// again returns the cached answer with the headers of the 304.
func (e *entry) again(q question, resp *http.Response) *http.Response {
	header := e.header.Clone()
	for name, values := range resp.Header {
		if !slices.Contains([]string{"Content-Length", "Content-Encoding", "Content-Type", "Content-Range", "Transfer-Encoding"}, name) {
			header[name] = values
		}
	}
	same := *resp
	same.StatusCode, same.Status, same.Header = http.StatusOK, e.status, header
	same.Body, same.ContentLength = newWhole(e.body), int64(len(e.body))
	return &same
}

// weak strips an ETag's weak prefix, which a proxy that compresses adds.
func weak(etag string) string { return strings.TrimPrefix(etag, "W/") }

func (m *memory) keep(k key, resp *http.Response) {
	m.forget(k)
	body, complete := resp.Body.(*whole)
	etag := resp.Header.Get("ETag")
	if etag == "" || !complete || strings.Contains(strings.ToLower(resp.Header.Get("Cache-Control")), "no-store") || resp.Header.Get("Vary") == "*" {
		return
	}
	e := &entry{key: k, etag: etag, status: resp.Status, header: resp.Header.Clone(), body: body.data}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, raced := m.entries[k]; raced {
		return
	}
	m.entries[k] = m.order.PushFront(e)
	m.bytes += e.size()
	for m.order.Len() > memoryEntries || m.bytes > memoryBytes {
		m.drop(m.order.Back())
	}
}

func (m *memory) forget(k key) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[k]; ok {
		m.drop(e)
	}
}

// drop removes an element. The caller holds mu.
func (m *memory) drop(e *list.Element) {
	old := m.order.Remove(e).(*entry)
	delete(m.entries, old.key)
	m.bytes -= old.size()
}
