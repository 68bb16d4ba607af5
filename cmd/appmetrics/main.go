// Command appmetrics says whether a web application is fast, whether it fails,
// and who uses what of it.
package main

import (
	"context"
	"os"

	"github.com/appmetrics/appmetrics/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), cli.Terminal(), os.Args[1:])) //nolint:forbidigo // the one place that exits
}
