package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunPlugin runs a provider that is written in Python: a folder with __main__.py. It refuses policy packs and
// providers that are built as packages by name: the sandbox has none.
func (h *host) RunPlugin(
	req *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	switch {
	case req.AttachDebugger:
		return status.Error(codes.Unimplemented, "this Python language host attaches no debugger to a plugin")
	case req.Kind == string(apitype.AnalyzerPlugin):
		return status.Error(codes.Unimplemented, "this Python language host runs no policy packs")
	}
	entry := filepath.Join(req.GetInfo().GetProgramDirectory(), "__main__.py")
	if _, err := os.Stat(entry); err != nil {
		return status.Errorf(codes.Unimplemented,
			"this Python language host runs only plugins that are a folder with __main__.py: %v", err)
	}
	_, tools, err := resolve(req.Info, true)
	if err != nil {
		return err
	}
	ctx, done := h.programContext(server.Context())
	defer done()
	if err := tools.ValidateVenv(ctx); err != nil {
		return err
	}
	cmd, err := tools.Command(ctx, append([]string{req.Info.ProgramDirectory}, req.Args...)...)
	if err != nil {
		return err
	}
	streams, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer streams.Close() // a second Close does nothing
	cmd.Dir, cmd.Stdout, cmd.Stderr = req.Pwd, stdout, stderr
	cmd.Env = append(cmd.Environ(), req.Env...)
	var exit *exec.ExitError
	if err := execute(cmd); errors.As(err, &exit) {
		return server.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(exit.ExitCode())},
		})
	} else if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the plugin %s could not be run: %w", req.Name, err)
	}
	return streams.Close()
}
