// tsconfig.json resolves @farola/collector to this file, which is no module: what the agent imports from there does not compile.
