package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// bailCode is the script's exit code for "the user has seen the error already": the CLI says nothing more.
const bailCode = 32

// Run runs a program to its end. What the program writes goes to the host's own stdout and stderr: the CLI reads
// them line by line and shows each line as a diagnostic of the stack.
func (h *host) Run(call context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	engine, err := h.engineAddress()
	if err != nil {
		return nil, err
	}
	if req.AttachDebugger {
		return &pulumirpc.RunResponse{
			Error: "--attach-debugger is not supported by this Python language host: run without it",
		}, nil
	}
	opts, tools, err := resolve(req.Info, false)
	if err != nil {
		return nil, err
	}
	ctx, done := h.programContext(call)
	defer done()
	if err := tools.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	if fault, err := typecheck(ctx, tools, opts); fault != "" || err != nil {
		return &pulumirpc.RunResponse{Error: fault}, err
	}

	cmd, err := tools.Command(ctx, append([]string{h.executor}, h.arguments(req, engine)...)...)
	if err != nil {
		return nil, err
	}
	if cmd.Env, err = environment(cmd.Environ(), req); err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	logging.V(5).Infof("the language host runs %s", cmd)
	return response(execute(cmd)), nil
}

// arguments builds the script's command line. An empty value is left out: the script has its own default.
func (h *host) arguments(req *pulumirpc.RunRequest, engine string) []string {
	var args []string
	for _, option := range [][2]string{
		{"--monitor", req.MonitorAddress},
		{"--engine", engine},
		{"--project", req.Project},
		{"--root_directory", req.GetInfo().GetRootDirectory()},
		{"--stack", req.Stack},
		{"--pwd", req.Pwd},
		{"--dry_run", strconv.FormatBool(req.DryRun)},
		{"--parallel", strconv.Itoa(int(req.Parallel))},
		{"--tracing", h.tracing},
		{"--organization", req.Organization},
	} {
		if option[1] != "" {
			args = append(args, option[0], option[1])
		}
	}
	// The script changes to --pwd before it runs the entry point, so a relative one ("." for a folder) is right.
	args = append(args, req.GetInfo().GetEntryPoint())
	return append(args, req.Args...)
}

// environment adds the stack's configuration, the way the SDK's runtime reads it. The environment and not the
// command line: every user of the machine can read a command line, and the configuration holds secrets.
func environment(base []string, req *pulumirpc.RunRequest) ([]string, error) {
	env := append([]string{}, base...)
	// Unbuffered: a line shows up when it is written, and a program that is killed loses none.
	env = append(env, "PYTHONUNBUFFERED=1")
	if req.Config != nil {
		config, err := json.Marshal(req.Config)
		if err != nil {
			return nil, fmt.Errorf("the configuration cannot be written as JSON: %w", err)
		}
		env = append(env, "PULUMI_CONFIG="+string(config))
	}
	keys := req.ConfigSecretKeys
	if keys == nil {
		keys = []string{} // JSON null would break the program
	}
	secret, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("the keys of secrets cannot be written as JSON: %w", err)
	}
	return append(env, "PULUMI_CONFIG_SECRET_KEYS="+string(secret)), nil
}

// response tells the engine how the program ended.
func response(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}
	case errors.Is(err, context.Canceled):
		return &pulumirpc.RunResponse{Error: "the program was canceled"}
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program could not be run: %v", err)}
	case exit.ExitCode() == bailCode:
		return &pulumirpc.RunResponse{Bail: true}
	}
	if state, ok := exit.Sys().(syscall.WaitStatus); ok && state.Signaled() {
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program was ended by a signal: %s", state.Signal())}
	}
	return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode())}
}
