package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/errutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// listPlugins prints a line for every installed package that has a pulumi-plugin.json: its name, its version, the
// file's path. It looks at names of files only, as the CLI asks at every run; find_spec is for editable packages that
// are on no path of their own.
const listPlugins = `
import os, sys
versions, folders = {}, {}
for place in filter(os.path.isdir, sys.path):
    for name in os.listdir(place):
        if name.endswith(".dist-info"):
            project, _, version = name[: -len(".dist-info")].rpartition("-")
            versions.setdefault(project.lower().replace("-", "_").replace(".", "_"), version)
        else:
            folders.setdefault(name, os.path.join(place, name))
if any(name.startswith("__editable__") for name in folders):
    import importlib.util
    for name in versions:
        try:
            spec = importlib.util.find_spec(name) if name not in folders and name.isidentifier() else None
        except (ImportError, ValueError):
            continue
        for folder in (spec and spec.submodule_search_locations) or []:
            folders.setdefault(name, folder)
for name, version in versions.items():
    path = os.path.join(folders.get(name, ""), "pulumi-plugin.json")
    if name in folders and os.path.isfile(path):
        print(name, version, path, sep="\t")
`

// installed is a Python package with a plugin file.
type installed struct {
	Package string
	Version string
	Plugin  plugin.PulumiPluginJSON
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
	return read(string(printed))
}

// read takes the lines of listPlugins.
func read(printed string) ([]installed, error) {
	var packages []installed
	for _, line := range strings.Split(strings.TrimSpace(printed), "\n") {
		words := strings.SplitN(line, "\t", 3)
		if len(words) < 3 {
			continue
		}
		found := installed{Package: words[0], Version: words[1]}
		content, err := os.ReadFile(words[2])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(content, &found.Plugin); err != nil {
			return nil, fmt.Errorf("%s is not JSON: %w", words[2], err)
		}
		packages = append(packages, found)
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
