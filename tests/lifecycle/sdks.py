"""Programs against the SDKs that the package schema becomes, compiled in a project's folder.

They run in the process of the Automation API (`inline/`): their language hosts are not to be had here.
"""

import json
import shutil
from pathlib import Path

from components.plugin.package import GO_IMPORT, text
from sandbox.golang import module
from sandbox.golang.toolchain import find_go
from sandbox.pulumi import build
from tests.lifecycle.languages import programs
from tests.lifecycle.shell import Shell
from tests.packaged import run

PULUMI_NODE, TYPESCRIPT = "3.200.0", "5.9.3"
INLINE = Path(__file__).with_name("inline")
_COMPILER = {
    "strict": True,
    "target": "es2022",
    "module": "commonjs",
    "moduleResolution": "node",
    "skipLibCheck": True,
}


def typescript(project: Path, namespace: str) -> str:
    """The page's program in TypeScript, with a secret; the command that runs it."""
    sdk, modules = _generated(project, "nodejs"), project / "node_modules"
    (program,) = programs("typescript")
    secret = 'drainSeconds: 1,\n    secrets: { DB: config.requireSecret("word") },'
    (project / "index.ts").write_text(_here(program, namespace).replace("drainSeconds: 1,", secret))
    shutil.copy(INLINE / "run.js", project)
    needs = {"@pulumi/pulumi": PULUMI_NODE, "typescript": TYPESCRIPT, "@types/node": "^20"}
    (project / "package.json").write_text(json.dumps({"name": "shop", "private": True, "dependencies": needs}))
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], project)
    compiler = str(modules / ".bin" / "tsc")
    run([compiler, "--project", str(sdk), "--skipLibCheck"], project)
    shutil.copy(sdk / "package.json", sdk / "bin")
    (modules / "@pulumi" / "cutover").symlink_to(sdk / "bin", target_is_directory=True)
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": _COMPILER, "files": ["index.ts"]}))
    run([compiler, "--project", "."], project)
    return "node run.js"


def go(project: Path, namespace: str) -> str:
    """The same in Go."""
    sdk = _generated(project, "go") / "cutover"
    (program,) = programs("go")
    secret = 'DrainSeconds: pulumi.Int(1),\n\t\t\tSecrets: pulumi.StringMap{"DB": config.RequireSecret(ctx, "word")},'
    source = _here(program, namespace).replace("pulumi.Run(func", "run(func")
    (project / "main.go").write_text(source.replace("DrainSeconds: pulumi.Int(1),", secret))
    shutil.copy(INLINE / "run.go.txt", project / "run.go")
    pins = (build.LANGUAGES.directory / "go.mod").read_text().partition("\n\ntool ")[2].partition("\n\n")[2]
    shutil.copy(build.LANGUAGES.directory / "go.sum", project)
    (sdk / "go.mod").write_text(f"module {GO_IMPORT}\n\ngo 1.26.0\n\n{pins}")
    ours = f"\nrequire {GO_IMPORT} v0.0.0\n\nreplace {GO_IMPORT} => {sdk}\n"
    (project / "go.mod").write_text(f"module shop\n\ngo 1.26.0\n\n{pins}{ours}")
    # With the flags of the sandbox's own builds, which have compiled nearly all of it before.
    flags = {"GOFLAGS": module.FLAGS.replace("readonly", "mod"), "GOWORK": "off", "CGO_ENABLED": "0"}
    run([str(find_go(print)), "build", "-o", "shop", "."], project, **flags)
    return "./shop"


def settle(shell: Shell, language: str, plugin: Path) -> None:
    """The project file, with the folder of the plugin's program in it."""
    providers = [{"name": "cutover", "path": str(plugin)}]
    project = {"name": "shop", "runtime": language, "plugins": {"providers": providers}}
    (shell.project / "Pulumi.yaml").write_text(json.dumps(project))


def _here(program: str, namespace: str) -> str:
    return program.replace('"shop"', f'"{namespace}"')


def _generated(project: Path, language: str) -> Path:
    """The SDK of a language. The generator refuses a schema that breaks a rule of Pulumi's."""
    build.LANGUAGES.ensure(print, (build.GEN_SDK,))
    schema, made = project / "schema.json", project / "sdk"
    schema.write_text(text())
    run([str(build.LANGUAGES.binaries / build.GEN_SDK), str(schema), language, str(made)], project)
    return made
