/** Where the agent looks for its configuration. */
export const AGENT_CONFIG_PATH = '/etc/farola/agent.yaml';
