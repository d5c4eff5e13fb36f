package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/errutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host is the server of pulumi.LanguageRuntime. A method that is not here answers "unimplemented" with its name.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	executor, tracing string

	lifetime context.Context    // ends with the host
	stop     context.CancelFunc // ends the host

	canceled       context.Context // ends with Cancel: every program gets SIGINT
	cancelPrograms context.CancelFunc

	mutex  sync.Mutex
	engine string // address of the engine, empty before the CLI has named it
}

func newHost(executor, tracing string) *host {
	h := &host{executor: executor, tracing: tracing}
	// The CLI closes a plugin with SIGINT to the plugin's process group (the program gets it too) and kills the
	// group 5 seconds later. SIGTERM comes from whoever stops the host by hand.
	h.lifetime, h.stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	h.canceled, h.cancelPrograms = context.WithCancel(context.Background())
	return h
}

// attach remembers the engine and ends the host when the engine does not answer any more.
func (h *host) attach(engine string) error {
	if err := rpcutil.Healthcheck(h.lifetime, engine, healthPeriod, h.stop); err != nil {
		return fmt.Errorf("the language host cannot watch the engine at %s: %w", engine, err)
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.engine = engine
	return nil
}

func (h *host) engineAddress() (string, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.engine == "" {
		return "", status.Error(codes.FailedPrecondition,
			"the language host knows no engine: give its address as the argument or call Handshake first")
	}
	return h.engine, nil
}

// Handshake is what the CLI calls when it attaches to a host that runs already (PULUMI_DEBUG_LANGUAGES).
func (h *host) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if err := h.attach(req.EngineAddress); err != nil {
		return nil, err
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo answers the version that the build stamped.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// Cancel ends the programs that run: SIGINT first, SIGKILL after programGrace.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancelPrograms()
	return &emptypb.Empty{}, nil
}

// describe prints the interpreter, its version, and the version of the toolchain's package, a line each. The CLI asks
// at every run: `pip --version`, which the SDK's own toolchain asks, takes half a second of processor time, and
// importlib.metadata a tenth.
const describe = `
import os, sys
found = ""
for place in filter(os.path.isdir, sys.path):
    for name in os.listdir(place):
        if name.startswith(sys.argv[1] + "-") and name.endswith(".dist-info"):
            found = found or name[len(sys.argv[1]) + 1 : -len(".dist-info")]
print(sys.executable, sys.version.split()[0], found, sep="\n")
`

// About describes the Python of the project, or the one on PATH outside of a project.
func (h *host) About(call context.Context, req *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	ctx, done := h.programContext(call)
	defer done()
	opts := toolchain.PythonOptions{Toolchain: toolchain.Pip}
	if req.GetInfo() != nil {
		var err error
		if opts, err = parseOptions(req.Info, false); err != nil {
			return nil, err
		}
	}
	tools, err := toolchain.ResolveToolchain(opts)
	if err != nil {
		return nil, err
	}
	manager := strings.ToLower(toolchain.Name(opts.Toolchain))
	if manager == "auto" {
		manager = "pip"
	}
	cmd, err := tools.Command(ctx, "-c", describe, manager)
	if err != nil {
		return nil, err
	}
	printed, err := output(cmd)
	if err != nil {
		return nil, errutil.ErrorWithStderr(err, "the project's Python does not run")
	}
	found := strings.Split(string(printed), "\n")
	if len(found) < 3 {
		return nil, fmt.Errorf("the project's Python describes itself in other words: %q", printed)
	}
	return &pulumirpc.AboutResponse{
		Executable: found[0],
		Version:    found[1],
		Metadata: map[string]string{
			"toolchain":        toolchain.Name(opts.Toolchain),
			"toolchainVersion": found[2],
			"typechecker":      toolchain.TypeCheckerName(opts.Typechecker),
		},
	}, nil
}
