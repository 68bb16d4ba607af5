package inject

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

type decoder interface {
	io.Reader
	Reset(io.Reader) error
}

type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// codec is one content coding, with decoders and encoders to be used again.
type codec struct{ decoders, encoders sync.Pool }

func newCodec(d func() any, e func() any) *codec {
	return &codec{decoders: sync.Pool{New: d}, encoders: sync.Pool{New: e}}
}

func (c *codec) decoder() decoder { return c.decoders.Get().(decoder) }

func (c *codec) putDecoder(d decoder) {
	_ = d.Reset(closed{}) // lets go of the response; the error says just that
	c.decoders.Put(d)
}

// Brotli is none of them: what speaks it speaks gzip too, and is asked for that.
func newCodecs() map[string]*codec {
	gzipped := newCodec(
		func() any { return new(gzip.Reader) },
		func() any { w, _ := gzip.NewWriterLevel(nil, level); return w }, // the level is a good one
	)
	return map[string]*codec{
		"gzip":   gzipped,
		"x-gzip": gzipped,
		"deflate": newCodec(
			func() any { return new(inflater) },
			func() any { w, _ := zlib.NewWriterLevel(nil, level); return w },
		),
		"zstd": newCodec(
			func() any {
				d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
					zstd.WithDecoderMaxWindow(zstdWindow))
				if err != nil {
					panic(err) // the options are good ones
				}
				return d
			},
			func() any {
				e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
					zstd.WithWindowSize(256<<10))
				if err != nil {
					panic(err) // the options are good ones
				}
				return e
			},
		),
	}
}

const (
	level      = 5       // of deflate: most of the gain for half of the time
	zstdWindow = 8 << 20 // more than browsers accept (RFC 9659) is not accepted here
)

// inflater decodes HTTP's deflate, which is zlib's format (RFC 9110, section
// 8.4.1.2).
type inflater struct{ io.ReadCloser }

// Reset begins a new stream.
func (f *inflater) Reset(r io.Reader) (err error) {
	if old, ok := f.ReadCloser.(zlib.Resetter); ok {
		return old.Reset(r, nil)
	}
	f.ReadCloser, err = zlib.NewReader(r)
	return err
}

// decoded reads decoded content, as lenient as browsers: what is cut short
// without the connection having failed ends there, and so does what is followed
// by something else.
type decoded struct {
	decoder decoder
	source  *source
}

// Read reads decoded content.
func (d *decoded) Read(to []byte) (int, error) {
	n, err := d.decoder.Read(to)
	switch {
	case err == nil || n > 0:
		return n, nil // the error comes again
	case errors.Is(err, io.EOF), errors.Is(err, gzip.ErrHeader),
		errors.Is(err, io.ErrUnexpectedEOF) && errors.Is(d.source.err, io.EOF):
		// The trailers come once everything is read.
		if _, err := io.Copy(io.Discard, d.source); err != nil {
			return 0, err
		}
		return 0, io.EOF
	}
	return 0, err
}

// encoded compresses a page while it is read. Whatever can be read of the page
// without waiting is all in what can be read from here.
type encoded struct {
	codec   *codec
	encoder encoder
	page    *page
	out     bytes.Buffer
	chunk   []byte
	err     error
}

const chunkBytes = 32 << 10 // what decoders of deflate give at most

func newEncoded(c *codec, p *page) *encoded {
	e := &encoded{codec: c, page: p, encoder: c.encoders.Get().(encoder), chunk: make([]byte, chunkBytes)}
	e.encoder.Reset(&e.out)
	return e
}

// Read reads compressed content.
func (e *encoded) Read(to []byte) (int, error) {
	for e.out.Len() == 0 && e.err == nil {
		e.err = e.fill()
	}
	if e.out.Len() > 0 {
		return e.out.Read(to)
	}
	return 0, e.err
}

// fill compresses what the next read of the page gives.
func (e *encoded) fill() error {
	n, err := e.page.Read(e.chunk)
	if _, err := e.encoder.Write(e.chunk[:n]); err != nil {
		return err
	}
	switch {
	case err == nil:
		return e.encoder.Flush()
	case errors.Is(err, io.EOF):
		if err := e.encoder.Close(); err != nil {
			return err
		}
	}
	return err
}

func (e *encoded) release() {
	if e.encoder == nil {
		return
	}
	e.encoder.Reset(nil)
	e.codec.encoders.Put(e.encoder)
	e.encoder = nil
}
