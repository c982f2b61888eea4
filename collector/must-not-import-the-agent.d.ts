// tsconfig.json resolves @farola/agent to this file, which is no module: what the collector imports from there does not compile.
