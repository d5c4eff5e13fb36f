// The Kubernetes provider. Its own main embeds files that its module lacks; this one reads the schema beside it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

var version string // stamped by the linker

func main() {
	schema, err := schema()
	if err != nil {
		fmt.Fprintf(os.Stderr, "the provider's schema cannot be read: %v\n", err)
		os.Exit(1)
	}
	provider.Serve("kubernetes", version, schema, nil)
}

func schema() ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(filepath.Dir(self), "schema.json"))
}
