package main

import (
	"context"
	"fmt"
	"io"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// InstallDependencies installs the project's Python packages (`pulumi install`, `pulumi new`).
func (h *host) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	ctx, done := h.programContext(server.Context())
	defer done()
	_, tools, err := resolve(req.Info, req.IsPlugin)
	if err != nil {
		return err
	}
	streams, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, req.IsTerminal)
	if err != nil {
		return err
	}
	defer streams.Close() // a second Close does nothing
	if _, err := fmt.Fprint(stdout, "Installing dependencies...\n\n"); err != nil {
		return err
	}
	directory := req.Info.ProgramDirectory
	if req.IsPlugin {
		// A plugin may be a package of its own, beside what its requirements.txt lists.
		buildable, err := toolchain.IsBuildablePackage(directory)
		if err != nil {
			return fmt.Errorf("the plugin's pyproject.toml cannot be read: %w", err)
		}
		if buildable {
			err := tools.InstallPackage(ctx, directory, req.UseLanguageVersionTools, true, stdout, stderr)
			if err != nil {
				return err
			}
		}
	}
	if err := tools.InstallDependencies(
		ctx, directory, req.UseLanguageVersionTools, true, stdout, stderr); err != nil {
		return err
	}
	if _, err := fmt.Fprint(stdout, "Finished installing dependencies\n\n"); err != nil {
		return err
	}
	return streams.Close()
}

// engineWriter returns a writer whose text the CLI shows while it waits, and does not keep.
func (h *host) engineWriter(ctx context.Context) (io.Writer, func(), error) {
	address, err := h.engineAddress()
	if err != nil {
		return nil, nil, err
	}
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, nil, fmt.Errorf("the language host cannot reach the engine at %s: %w", address, err)
	}
	writer := &engineWriter{ctx: ctx, engine: pulumirpc.NewEngineClient(connection)}
	return writer, func() { _ = connection.Close() }, nil
}

type engineWriter struct {
	ctx    context.Context
	engine pulumirpc.EngineClient
}

func (w *engineWriter) Write(text []byte) (int, error) {
	_, err := w.engine.Log(w.ctx, &pulumirpc.LogRequest{
		Message: string(text), Severity: pulumirpc.LogSeverity_INFO, Ephemeral: true,
	})
	if err != nil {
		return 0, err
	}
	return len(text), nil
}
