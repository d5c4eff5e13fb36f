package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// defaultVirtualenv is what Pulumi calls a virtual environment that it makes itself.
const defaultVirtualenv = "venv"

// parseOptions reads runtime.options of Pulumi.yaml (or PulumiPlugin.yaml). It reports every wrong option at once.
func parseOptions(info *pulumirpc.ProgramInfo, isPlugin bool) (toolchain.PythonOptions, error) {
	opts := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	given := info.GetOptions().AsMap()
	var faults []error
	text := func(name string) string {
		value, ok := given[name]
		if !ok {
			return ""
		}
		written, ok := value.(string)
		if !ok {
			faults = append(faults, fmt.Errorf("runtime.options.%s is %v: it must be a string", name, value))
		}
		return written
	}

	opts.Virtualenv = text("virtualenv")
	switch checker := text("typechecker"); checker {
	case "":
	case "mypy":
		opts.Typechecker = toolchain.TypeCheckerMypy
	case "pyright":
		opts.Typechecker = toolchain.TypeCheckerPyright
	default:
		faults = append(faults, fmt.Errorf("runtime.options.typechecker is %q: use mypy or pyright", checker))
	}
	switch tools := text("toolchain"); tools {
	case "": // Auto: the SDK looks for a lock file
	case "pip":
		opts.Toolchain = toolchain.Pip
	case "poetry":
		opts.Toolchain = toolchain.Poetry
	case "uv":
		opts.Toolchain = toolchain.Uv
	default:
		faults = append(faults, fmt.Errorf("runtime.options.toolchain is %q: use pip, poetry or uv", tools))
	}
	// A plugin never runs in the Python of the machine: its packages would get in the way of others.
	ownVenv := opts.Toolchain == toolchain.Pip || opts.Toolchain == toolchain.Auto
	if isPlugin && ownVenv && opts.Virtualenv == "" {
		opts.Virtualenv = defaultVirtualenv
	}
	return opts, errors.Join(faults...)
}

// resolve returns the options and their toolchain.
func resolve(info *pulumirpc.ProgramInfo, isPlugin bool) (toolchain.PythonOptions, toolchain.Toolchain, error) {
	opts, err := parseOptions(info, isPlugin)
	if err != nil {
		return opts, nil, err
	}
	tools, err := toolchain.ResolveToolchain(opts)
	return opts, tools, err
}

// RuntimeOptionsPrompts names what `pulumi new` asks: the toolchain, and for pip the virtual environment.
func (h *host) RuntimeOptionsPrompts(
	_ context.Context, req *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	given := req.GetInfo().GetOptions().AsMap()
	response := &pulumirpc.RuntimeOptionsResponse{}
	tools, hasTools := given["toolchain"]
	if !hasTools {
		pip := choice("pip")
		response.Prompts = append(response.Prompts, &pulumirpc.RuntimeOptionPrompt{
			Key:         "toolchain",
			Description: "The toolchain to use for installing dependencies and running the program",
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			Choices:     append([]*option{pip}, plugin.MakeExecutablePromptChoices("poetry", "uv")...),
			Default:     pip,
		})
	}
	if _, hasVenv := given["virtualenv"]; tools == "pip" && !hasVenv {
		venv := choice(defaultVirtualenv)
		response.Prompts = append(response.Prompts, &pulumirpc.RuntimeOptionPrompt{
			Key:         "virtualenv",
			Description: "The virtualenv to use",
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			Choices:     []*option{venv},
			Default:     venv,
		})
	}
	return response, nil
}

type option = pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue

func choice(value string) *option {
	return &option{PromptType: pulumirpc.RuntimeOptionPrompt_STRING, StringValue: value, DisplayName: value}
}
