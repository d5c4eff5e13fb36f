// node run.js <active color> up|preview|destroy: the program of index.js on the engine, in this process, as the language
// host of TypeScript is not to be had here.
const auto = require("@pulumi/pulumi/automation");

async function main([active, verb]) {
    const program = async () => ({ address: require("./index.js").address });
    const place = { stackName: "dev", projectName: "shop", program };
    const stack = await auto.LocalWorkspace.createOrSelectStack(place, { workDir: "." });
    await stack.setConfig("shop:active", { value: active });
    await stack.setConfig("shop:word", { value: process.env.WORD, secret: true });
    await stack[verb]({ onOutput: (text) => process.stdout.write(text), color: "never" });
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exit(1);
});
