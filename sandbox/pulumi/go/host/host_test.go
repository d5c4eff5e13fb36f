package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/structpb"
)

func projectWith(t *testing.T, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	given, err := structpb.NewStruct(options)
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.ProgramInfo{
		RootDirectory: "/project", ProgramDirectory: "/project/program", EntryPoint: ".", Options: given,
	}
}

func TestOptions(t *testing.T) {
	base := toolchain.PythonOptions{Root: "/project", ProgramDir: "/project/program"}
	with := func(change func(*toolchain.PythonOptions)) toolchain.PythonOptions {
		changed := base
		change(&changed)
		return changed
	}
	for name, c := range map[string]struct {
		given    map[string]any
		isPlugin bool
		want     toolchain.PythonOptions
		faults   []string
	}{
		"none":   {want: base},
		"venv":   {given: map[string]any{"virtualenv": "x"}, want: with(func(o *toolchain.PythonOptions) { o.Virtualenv = "x" })},
		"pip":    {given: map[string]any{"toolchain": "pip"}, want: with(func(o *toolchain.PythonOptions) { o.Toolchain = toolchain.Pip })},
		"poetry": {given: map[string]any{"toolchain": "poetry"}, want: with(func(o *toolchain.PythonOptions) { o.Toolchain = toolchain.Poetry })},
		"uv of a plugin": {given: map[string]any{"toolchain": "uv"}, isPlugin: true,
			want: with(func(o *toolchain.PythonOptions) { o.Toolchain = toolchain.Uv })},
		"plugin":  {isPlugin: true, want: with(func(o *toolchain.PythonOptions) { o.Virtualenv = "venv" })},
		"mypy":    {given: map[string]any{"typechecker": "mypy"}, want: with(func(o *toolchain.PythonOptions) { o.Typechecker = toolchain.TypeCheckerMypy })},
		"pyright": {given: map[string]any{"typechecker": "pyright"}, want: with(func(o *toolchain.PythonOptions) { o.Typechecker = toolchain.TypeCheckerPyright })},
		"all faults at once": {
			given:  map[string]any{"virtualenv": 3, "toolchain": "conda", "typechecker": "pyre"},
			faults: []string{"virtualenv is 3", `toolchain is "conda": use pip, poetry or uv`, `typechecker is "pyre"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseOptions(projectWith(t, c.given), c.isPlugin)
			if c.faults == nil {
				if err != nil || got != c.want {
					t.Fatalf("got %+v, %v; want %+v", got, err, c.want)
				}
				return
			}
			for _, fault := range c.faults {
				if err == nil || !strings.Contains(err.Error(), fault) {
					t.Errorf("%v does not say %q", err, fault)
				}
			}
		})
	}
}

func TestArguments(t *testing.T) {
	req := &pulumirpc.RunRequest{
		MonitorAddress: "127.0.0.1:1", Project: "shop", Stack: "dev", Pwd: "/project/program", DryRun: true,
		Parallel: 16, Info: projectWith(t, nil), Args: []string{"--flag"},
	}
	want := []string{
		"--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--project", "shop", "--root_directory", "/project",
		"--stack", "dev", "--pwd", "/project/program", "--dry_run", "true", "--parallel", "16", ".", "--flag",
	}
	h := &host{}
	if got := h.arguments(req, "127.0.0.1:2"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	h.tracing, req.Organization = "http://trace", "acme"
	got := strings.Join(h.arguments(req, "e"), " ")
	if !strings.Contains(got, "--tracing http://trace --organization acme .") {
		t.Errorf("tracing and organization are missing: %s", got)
	}
}

func TestEnvironment(t *testing.T) {
	base := []string{"HOME=/root"}
	env, err := environment(base, &pulumirpc.RunRequest{})
	want := []string{"HOME=/root", "PYTHONUNBUFFERED=1", "PULUMI_CONFIG_SECRET_KEYS=[]"}
	if err != nil || !reflect.DeepEqual(env, want) {
		t.Errorf("got %q, %v; want %q", env, err, want)
	}
	env, err = environment(base, &pulumirpc.RunRequest{
		Config: map[string]string{"shop:color": `"green"`}, ConfigSecretKeys: []string{"shop:key"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]string
	if err := json.Unmarshal([]byte(strings.TrimPrefix(env[2], "PULUMI_CONFIG=")), &config); err != nil {
		t.Fatal(err)
	}
	if config["shop:color"] != `"green"` || env[3] != `PULUMI_CONFIG_SECRET_KEYS=["shop:key"]` {
		t.Errorf("got %q", env)
	}
}

func TestResponse(t *testing.T) {
	for script, want := range map[string]*pulumirpc.RunResponse{
		"exit 0":     {},
		"exit 1":     {Error: "program exited with non-zero exit code: 1"},
		"exit 7":     {Error: "program exited with non-zero exit code: 7"},
		"exit 32":    {Bail: true},
		"kill -9 $$": {Error: "the program was ended by a signal: killed"},
	} {
		got := response(exec.Command("sh", "-c", script).Run())
		if got.Error != want.Error || got.Bail != want.Bail {
			t.Errorf("%s: got %v, want %v", script, got, want)
		}
	}
	if got := response(errors.New("no such file")).Error; got != "the program could not be run: no such file" {
		t.Errorf("got %q", got)
	}
}

func TestDependencyOf(t *testing.T) {
	provider := func(name, number string) plugin.PulumiPluginJSON {
		return plugin.PulumiPluginJSON{Resource: true, Name: name, Version: number}
	}
	for name, c := range map[string]struct {
		found installed
		want  string
	}{
		"of the file":    {installed{"pulumi_kubernetes", "1.0.0", provider("kubernetes", "4.34.2")}, "kubernetes v4.34.2"},
		"with a v":       {installed{"pulumi_kubernetes", "1.0.0", provider("kubernetes", "v4.34.2")}, "kubernetes v4.34.2"},
		"of the package": {installed{"pulumi_random_pet", "4.1.0", provider("", "")}, "random-pet v4.1.0"},
		"pre-release":    {installed{"pulumi_random", "4.1.0a3", provider("", "")}, ""},
		"no provider":    {installed{"pulumi_policy", "1.0.0", plugin.PulumiPluginJSON{}}, ""},
	} {
		got := ""
		if dependency := dependencyOf(c.found); dependency != nil {
			got = dependency.Name + " " + dependency.Version
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pulumi-plugin.json")
	if err := os.WriteFile(file, []byte(`{"resource": true, "name": "random"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := read("warned of something\npulumi_random\t4.1.0\t" + file + "\n")
	want := []installed{{"pulumi_random", "4.1.0", plugin.PulumiPluginJSON{Resource: true, Name: "random"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, err := read(""); err != nil || got != nil {
		t.Errorf("no package: got %+v, %v", got, err)
	}
	if _, err := read("pulumi_random\t4.1.0\t" + file + ".gone\n"); err == nil {
		t.Error("a file that is gone is not told")
	}
}
