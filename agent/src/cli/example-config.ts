/** The configuration that `farola-agent init` writes: one analyser on one serial port, to be adapted. */
export function exampleConfig(stateDir: string, profilesDir: string): string {
  return `# Configuration of farola-agent. docs/config.md lists every field with its unit, default and range.
# After a change: farola-agent config check, then start the agent anew

lines:
  - id: line-1
    transport: rtu
    # /dev/serial/by-id/... does not change with the order of plugging.
    path: /dev/ttyUSB0
    baud: 9600
    parity: none
    stopBits: 1
  # A gateway that passes RTU frames on as they are:
  # - id: line-2
  #   transport: rtu-over-tcp
  #   host: 192.168.1.50
  #   port: 4196
  # An analyser or gateway that speaks Modbus TCP:
  # - id: line-3
  #   transport: modbus-tcp
  #   host: 192.168.1.51

analysers:
  - id: mains
    line: line-1
    unit: 1
    # docs/profiles.md lists those that are shipped. Own ones go to profilesDir.
    profile: circutor-cvm-c10
    # serialNumber: "0123456789"
    # ctRatio: { primary: 100, secondary: 5 }
    # What is read more often, or less, than each sampleSeconds:
    # scanGroups:
    #   - { seconds: 1, quantities: ["voltageL*", "currentL*", "activePowerL*"] }
    #   - { seconds: 900, quantities: ["thd*"] }

# sampleSeconds: 60
stateDir: ${JSON.stringify(stateDir)}
profilesDir: ${JSON.stringify(profilesDir)}
# journal: { maxMb: 512 }
# link: { reconnectMinMs: 1000, reconnectMaxMs: 60000, idlePingSeconds: 600 }
# log: { level: info }
`;
}
