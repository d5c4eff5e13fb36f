// Command gen-sdk writes the SDK of a package for one language, as `pulumi package gen-sdk` does with the language hosts
// of a Pulumi release: by the same generators.
//
//	gen-sdk <schema.json> go|nodejs <folder>
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: gen-sdk <schema.json> go|nodejs <folder>")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "gen-sdk:", err)
		os.Exit(1)
	}
}

func generate(path, language, folder string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(content, &spec); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	pkg, faults, err := schema.BindSpec(spec, nil, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if len(faults) > 0 { // a warning is a fault of the schema too
		return faults
	}
	files, err := written(pkg, language)
	if err != nil {
		return err
	}
	for name, text := range files {
		place := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(place, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func written(pkg *schema.Package, language string) (map[string][]byte, error) {
	switch language {
	case "go":
		return gogen.GeneratePackage("gen-sdk", pkg, nil)
	case "nodejs":
		return nodejs.GeneratePackage("gen-sdk", pkg, nil, nil, false, nil)
	}
	return nil, fmt.Errorf("%s is not go or nodejs", language)
}
