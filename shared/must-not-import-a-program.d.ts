// tsconfig.json resolves @farola/agent and @farola/collector to this file, which is no module: what shared imports from them does not compile.
