package ingest

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readBody returns the decompressed body.
func readBody(r io.Reader, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip":
		unzip, err := gzip.NewReader(io.LimitReader(r, MaxEncodedBytes+1))
		if err != nil {
			return nil, bodyError("body", "", "not a gzip stream")
		}
		r = unzip
	default:
		return nil, ErrEncoding
	}
	body, err := io.ReadAll(io.LimitReader(r, MaxBodyBytes+1))
	var corrupt flate.CorruptInputError
	switch {
	case len(body) > MaxBodyBytes:
		return nil, ErrTooLarge
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF),
		errors.As(err, &corrupt):
		return nil, bodyError("body", "", "cut short or damaged")
	case err != nil:
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}
