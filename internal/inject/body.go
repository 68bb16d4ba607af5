package inject

import (
	"bytes"
	"errors"
	"io"
)

// body is the content of a response that is, or may turn out to be, a page. A
// compressed one is compressed anew; until it is certain to be a document, its
// bytes are kept, so that it can pass as it came.
type body struct {
	injector *Injector
	host     string
	policies policies
	codec    *codec // nil when the content is not compressed
	source   *source

	page    *page
	reader  io.Reader // what is read from here; nil before the first byte
	decoder decoder
	encoded *encoded
}

// decide reads until it is clear whether the tag goes in, and returns by how
// many bytes it makes the page longer.
func (b *body) decide() int {
	b.open(func() bool { return b.page.head == nil })
	if b.page == nil {
		return 0
	}
	return b.page.added
}

// open reads as much as has to be known before the first byte goes out.
func (b *body) open(known func() bool) {
	if b.codec == nil {
		b.begin(b.source)
		b.reader = b.page
		for !known() {
			b.page.step(true)
		}
		return
	}
	b.source.keep(2 * mostHead)
	content, err := b.decode()
	if err != nil {
		b.injector.count(Malformed)
		b.reader = b.source.again()
		return
	}
	b.begin(content)
	for b.page.head != nil && !b.page.head.document || !known() {
		b.page.step(true)
	}
	if b.page.head == nil && b.page.added == 0 {
		b.reader = b.source.again()
		return
	}
	b.source.forget()
	b.encoded = newEncoded(b.codec, b.page)
	b.reader = b.encoded
}

func (b *body) begin(content io.Reader) {
	b.page = &page{
		content: content,
		head:    newHead(b.injector, b.host, b.policies, content),
		decided: b.injector.count,
	}
}

func (b *body) decode() (io.Reader, error) {
	b.decoder = b.codec.decoder()
	if err := b.decoder.Reset(b.source); err != nil {
		return nil, err
	}
	return &decoded{decoder: b.decoder, source: b.source}, nil
}

// Read reads the page.
func (b *body) Read(to []byte) (int, error) {
	if b.reader == nil {
		b.open(func() bool { return true })
	}
	return b.reader.Read(to)
}

// Close closes the application's response.
func (b *body) Close() error {
	if b.encoded != nil {
		b.encoded.release()
	}
	if b.decoder != nil {
		b.codec.putDecoder(b.decoder)
		b.decoder = nil
	}
	b.reader = closed{}
	return b.source.body.Close()
}

type closed struct{}

func (closed) Read([]byte) (int, error) { return 0, errClosed }

var (
	errClosed  = errors.New("read of a closed page")
	errTooMuch = errors.New("page does not begin within the bytes that are kept")
)

// source is what the application sends. It remembers the error that ended it,
// and the first bytes as long as they may have to be sent as they are.
type source struct {
	body io.ReadCloser
	err  error
	kept bytes.Buffer
	most int
}

func (s *source) keep(most int) { s.most = most }

func (s *source) forget() { s.most, s.kept = 0, bytes.Buffer{} }

// again returns everything from the first byte.
func (s *source) again() io.Reader {
	first := s.kept.Bytes()
	s.forget()
	return io.MultiReader(bytes.NewReader(first), s)
}

// Read reads what the application sends.
func (s *source) Read(to []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.most > 0 && s.kept.Len() >= s.most {
		return 0, errTooMuch // not what ended it: it can be read again
	}
	n, err := s.body.Read(to)
	s.err = err
	if s.most > 0 {
		s.kept.Write(to[:n])
	}
	return n, err
}
