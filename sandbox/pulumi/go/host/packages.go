package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/errutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// listPlugins prints the pulumi-plugin.json of every installed package that has one. find_spec and not the list of
// installed files: an editable package has no such list.
const listPlugins = `
import importlib.metadata, importlib.util, json, pathlib
found = []
for dist in importlib.metadata.distributions():
    name = (dist.metadata["Name"] or "").replace("-", "_")
    try:
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
    except (ImportError, ValueError):
        continue
    for place in (spec and spec.submodule_search_locations) or []:
        path = pathlib.Path(place, "pulumi-plugin.json")
        if path.is_file():
            found.append({"package": name, "version": dist.version, "plugin": json.loads(path.read_text())})
            break
print(json.dumps(found))
`

// installed is a Python package with a plugin file, as listPlugins prints it.
type installed struct {
	Package string                  `json:"package"`
	Version string                  `json:"version"`
	Plugin  plugin.PulumiPluginJSON `json:"plugin"`
}

// GetRequiredPackages names the providers of the installed packages, so that the CLI has them before the program runs.
func (h *host) GetRequiredPackages(
	call context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	ctx, done := h.programContext(call)
	defer done()
	_, tools, err := resolve(req.Info, false)
	if err != nil {
		return nil, err
	}
	out, close, err := h.engineWriter(ctx)
	if err != nil {
		return nil, err
	}
	defer close()
	if err := tools.EnsureVenv(ctx, req.Info.ProgramDirectory, false, true, out, out); err != nil {
		return nil, err
	}
	packages, err := pluginPackages(ctx, tools)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, found := range packages {
		if dependency := dependencyOf(found); dependency != nil {
			response.Packages = append(response.Packages, dependency)
		}
	}
	return response, nil
}

func pluginPackages(ctx context.Context, tools toolchain.Toolchain) ([]installed, error) {
	cmd, err := tools.Command(ctx, "-c", listPlugins)
	if err != nil {
		return nil, err
	}
	printed, err := output(cmd)
	if err != nil {
		return nil, errutil.ErrorWithStderr(err, "the providers of the installed packages cannot be listed")
	}
	var packages []installed
	if err := json.Unmarshal(printed, &packages); err != nil {
		return nil, fmt.Errorf("the list of installed packages is not JSON: %w", err)
	}
	return packages, nil
}

// output is cmd.Output with the care of execute.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := execute(cmd)
	if exit, ok := err.(*exec.ExitError); ok {
		exit.Stderr = []byte(stderr.String())
	}
	return []byte(stdout.String()), err
}

// dependencyOf returns the provider of a package, or nil where the package has none.
func dependencyOf(found installed) *pulumirpc.PackageDependency {
	if !found.Plugin.Resource {
		return nil
	}
	name, number := found.Plugin.Name, found.Plugin.Version
	if name == "" {
		name = strings.TrimPrefix(strings.ReplaceAll(found.Package, "_", "-"), "pulumi-")
	}
	if number == "" {
		number = found.Version
	}
	// A pre-release of a package (1.2a3) does not say which pre-release of the provider it wants.
	number = strings.TrimPrefix(number, "v")
	if _, err := semver.Parse(number); err != nil {
		logging.V(5).Infof("package %s names no provider version: %q: %v", found.Package, number, err)
		return nil
	}
	return &pulumirpc.PackageDependency{
		Name: name, Version: "v" + number, Kind: "resource", Server: found.Plugin.Server,
		Parameterization: parameters(found.Plugin.Parameterization),
		Extension:        parameters(found.Plugin.ExtensionParameterization),
	}
}

func parameters(given *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if given == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: given.Name, Version: given.Version, Value: given.Value}
}

// GetProgramDependencies lists the installed Python packages (`pulumi about`).
func (h *host) GetProgramDependencies(
	ctx context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	_, tools, err := resolve(req.Info, false)
	if err != nil {
		return nil, err
	}
	packages, err := tools.ListPackages(ctx, req.TransitiveDependencies)
	if err != nil {
		return nil, fmt.Errorf("the installed Python packages cannot be listed: %w", err)
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, found := range packages {
		response.Dependencies = append(response.Dependencies,
			&pulumirpc.DependencyInfo{Name: found.Name, Version: found.Version})
	}
	return response, nil
}
