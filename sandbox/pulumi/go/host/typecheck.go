package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// typecheck runs the type checker of runtime.options. Its findings are diagnostics of the stack, as the program's
// output is. It returns why the program must not run, or "".
func typecheck(ctx context.Context, tools toolchain.Toolchain, opts toolchain.PythonOptions) (string, error) {
	args := []string{opts.ProgramDir}
	var module string
	switch opts.Typechecker {
	case toolchain.TypeCheckerMypy:
		module = "mypy"
		venv, err := tools.VirtualEnvPath(ctx)
		if err != nil {
			return "", err
		}
		// Without this mypy checks every package of a virtual environment inside the program's folder.
		if inside, err := filepath.Rel(opts.ProgramDir, venv); err == nil && venv != "" && filepath.IsLocal(inside) {
			args = append([]string{"--exclude", "^" + regexp.QuoteMeta(inside) + "/"}, args...)
		}
	case toolchain.TypeCheckerPyright:
		module = "pyright"
	default:
		return "", nil
	}

	find := "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
	probe, err := tools.Command(ctx, "-c", find, module)
	if err != nil {
		return "", err
	}
	var exit *exec.ExitError
	if err := execute(probe); errors.As(err, &exit) && ctx.Err() == nil {
		return fmt.Sprintf("runtime.options.typechecker is %s, but the program's Python has no %s: "+
			"install it there or delete the option", module, module), nil
	} else if err != nil {
		return "", err
	}
	cmd, err := tools.ModuleCommand(ctx, module, args...)
	if err != nil {
		return "", err
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = opts.ProgramDir, os.Stdout, os.Stderr
	if err := execute(cmd); err != nil {
		return fmt.Sprintf("%s failed (%v): the program did not run", module, err), nil
	}
	return "", nil
}
